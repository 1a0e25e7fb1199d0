"""A trained model on disk: what was trained, what it was given, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from data.errors import IlmChatError
from ilm.config import ModelConfig
from ilm.llm import Turn
from ilm.signals import Signals, Standardisation


@dataclass(frozen=True)
class ItemIds:
    """The text ids that a model was taught to write.

    Attributes:
        dataset: the data set's name, which stands before an id in OpenP5's targets.
        texts: item -> id, such as `item_1204`.
    """

    dataset: str
    texts: Mapping[int, str]


@dataclass(frozen=True)
class Saved:
    """What a folder holds, read and checked for completeness."""

    config: ModelConfig
    ids: ItemIds
    demonstrations: Mapping[str, Sequence[Turn]]
    signals: Signals
    rankable: Tensor
    user_standard: Standardisation
    trained: Mapping[str, Tensor]

    @property
    def llm_width(self) -> int:
        """Width of the LLM that it was trained for."""
        return len(self.trained["adapter.weight"])


def write(
    folder: Path,
    *,
    config: ModelConfig,
    ids: ItemIds,
    demonstrations: Mapping[str, Sequence[Turn]],
    state: Mapping[str, Tensor],
    given: Mapping[str, Tensor],
    user_standard: Standardisation,
    metadata: Mapping[str, Any],
    dtype: torch.dtype,
) -> None:
    """Write one model.

    Args:
        state: what was trained.
        given: buffers that it needs and that were not trained.
        dtype: of the weights on disk; masks stay boolean.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"trained.{name}": value.to("cpu", dtype).contiguous() for name, value in state.items()
    }
    for name, value in given.items():
        kept = value if value.dtype == torch.bool else value.to(dtype)
        tensors[f"given.{name}"] = kept.cpu().contiguous()
    tensors["given.user_mean"] = torch.from_numpy(user_standard.mean)
    tensors["given.user_spread"] = torch.from_numpy(user_standard.spread)
    save_file(tensors, folder / "model.safetensors")
    settings = {
        "n_items": len(given["rankable"]),
        "model": config.model_dump(mode="json"),
        "dataset": ids.dataset,
        "demonstrations": dict(demonstrations),
    }
    (folder / "config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
    (folder / "ids.json").write_text(json.dumps(dict(ids.texts)) + "\n", "utf-8")
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n", "utf-8")


def read(folder: Path) -> Saved:
    """Read what `write` wrote.

    Raises:
        IlmChatError: when a file is missing or damaged, or two do not belong together.
    """
    for name in ("config.json", "ids.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise IlmChatError(
                f"{folder} holds no trained model ({name} is missing): run `make train`, or "
                "name a folder that `python -m ilm train` wrote."
            )
    try:
        settings = json.loads((folder / "config.json").read_text("utf-8"))
        config, n_items = ModelConfig.model_validate(settings["model"]), settings["n_items"]
        texts = json.loads((folder / "ids.json").read_text("utf-8"))
        ids = ItemIds(settings["dataset"], {int(item): text for item, text in texts.items()})
        shown = {
            task: [(str(asked), str(answered)) for asked, answered in turns]
            for task, turns in settings.get("demonstrations", {}).items()
        }
        tensors = load_file(folder / "model.safetensors")
        given = _under("given.", tensors)
        signals = Signals(
            {name: given[f"signal_{name}"].float() for name in config.modalities},
            {name: given[f"present_{name}"] for name in config.modalities},
        )
        standard = Standardisation(given["user_mean"].numpy(), given["user_spread"].numpy())
        trained = {name: value.float() for name, value in _under("trained.", tensors).items()}
        trained["adapter.weight"]  # which says for what LLM it was trained
        saved = Saved(config, ids, shown, signals, given["rankable"], standard, trained)
    except (ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        raise IlmChatError(
            f"{folder} holds a damaged model ({type(error).__name__}): fetch or train it again."
        ) from error
    if len(signals) != n_items:
        raise IlmChatError(
            f"{folder} says {n_items} items and its weights hold {len(signals)}: "
            "the files are of two different models."
        )
    if ids.texts and not 0 <= min(ids.texts) <= max(ids.texts) < n_items:
        raise IlmChatError(
            f"{folder}/ids.json names items outside the {n_items:,} of this model: the files are "
            "of two different models."
        )
    return saved


def load_trained(model: nn.Module, own: Mapping[str, Tensor], saved: Saved, folder: Path) -> None:
    """Put the trained tensors into a model.

    Args:
        own: the tensors that it must be given.

    Raises:
        IlmChatError: when names or shapes differ.
    """
    trained = saved.trained
    differ = sorted(
        name
        for name in own.keys() | trained.keys()
        if name not in own or name not in trained or own[name].shape != trained[name].shape
    )
    if differ:
        raise IlmChatError(
            f"{folder} does not fit its configuration (tensors {', '.join(differ[:3])}): fetch "
            "or train it again."
        )
    model.load_state_dict(dict(trained), strict=False)  # what is missing was checked above


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }
