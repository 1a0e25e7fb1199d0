"""Item-language models as the harness sees them: configured, trained, loaded, asked.

All that is called of `ilm` is called here, and imported late: the recommenders need neither torch
nor a language model.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from cf.factors import Factors
from data.dataset import Dataset
from data.splits import LeaveOneOut
from eval.entries import DEFAULT_INDEXING, Prompt, Setting, Size, as_setting
from eval.errors import EvalError
from eval.protocol import Histories, Task

BEAMS = 20
INDEXING = "tuning.indexing"
"""The training setting that says which ids a model learns to write."""
IGNORED = ("dataset", "seed")
"""Of a training configuration: said elsewhere in a row."""


@dataclass(frozen=True)
class Plan:
    """How one model is trained.

    config: the whole training configuration (`ilm.config.TrainingConfig`).
    variant: what differs in it from the method's own configuration, sorted by name.
    """

    config: Any
    variant: tuple[tuple[str, Setting], ...]

    def described(self) -> dict[str, Any]:
        """The configuration as a row holds it."""
        return without_ignored(self.config.model_dump(mode="json"))


def plan(
    dataset: str,
    method: str,
    size: Size,
    seed: int,
    *,
    overrides: Mapping[str, Setting] = {},
    indexing: str | None = None,
) -> Plan:
    """The training of a method, with some settings replaced by their dotted names.

    Overrides that say what the method does anyway are no part of the variant, so that "8 of 1, 2,
    4, 8 query tokens" is the method itself and is not trained twice.

    Raises:
        EvalError: for a setting that there is not, or a value that it cannot have.
    """
    from ilm.config import method_config

    base: Any = method_config(dataset, method, size, seed)
    settings: dict[str, Any] = base.model_dump(mode="json")
    variant = {n: value for n, value in overrides.items() if _lookup(settings, n) != value}
    changes = dict(variant)
    if indexing not in (None, DEFAULT_INDEXING):
        changes[INDEXING] = str(indexing)
    for name, value in changes.items():
        *sections, last = name.split(".")
        section = settings
        for part in sections:
            section = section[part]
        section[last] = value
    try:
        config = type(base).model_validate(settings)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
            for item in error.errors()
        )
        raise EvalError(f"{method} cannot be trained with these settings: {problems}.") from error
    return Plan(config, tuple(sorted(variant.items())))


def _lookup(settings: Mapping[str, Any], name: str) -> Any:
    """The value of a dotted name; EvalError when its section is not there."""
    *sections, last = name.split(".")
    section: Any = settings
    for part in sections:
        section = section.get(part) if isinstance(section, Mapping) else None
    if not isinstance(section, Mapping):
        raise EvalError(f"This method's configuration has no section for '{name}'.")
    return as_setting(section.get(last))


def overrides(texts: Iterable[str]) -> dict[str, Setting]:
    """`name=value` as typed -> name: value, read as TOML where it is (8, 0.1, true), else text."""
    found: dict[str, Setting] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise EvalError(
                f"A setting is written name=value, as model.num_queries=8; got '{text}'."
            )
        try:
            found[name] = as_setting(tomllib.loads(f"value = {value}")["value"])
        except tomllib.TOMLDecodeError:
            found[name] = value
    return found


def train(config: Any, folder: Path, dataset: Dataset) -> Path:
    """Train a model on the data set unless it is there already: `folder / "model"`."""
    model = folder / "model"
    written = model / "training.json"
    if written.is_file() and json.loads(written.read_text("utf-8")) == config.model_dump(
        mode="json"
    ):
        return model
    from ilm.pipeline import run

    run(config, folder, dataset=dataset)
    return model


class SavedModel:
    """An item-language model from its folder, asked under one task and one kind of prompt.

    as_trained: the language model in the precision of training, which is faster to write with,
        and not in single precision as the chat has it.
    """

    def __init__(
        self, folder: Path, task: Task, prompt: Prompt, *, as_trained: bool = False
    ) -> None:
        import torch

        from ilm.llm import load_llm
        from ilm.model import ItemLanguageModel

        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        training = _json(folder / "training.json")
        half = as_trained and training.get("mixed_precision") == "bf16"
        llm = load_llm(training["model"]["llm"], dtype=torch.bfloat16) if half else None
        self.model: Any = ItemLanguageModel.from_pretrained(folder, llm=llm).to(device)
        self.model.llm.to(device)
        self.factors = Factors.load(folder / "factors") if task == "straightforward" else None
        tuning = training.get("tuning", {})
        self.listed = int(tuning.get("candidates", 0))
        self.templates = Path(tuning["prompts"]) if tuning.get("prompts") else None
        self.task, self.prompt = task, prompt

    def ranking(self, *, new_only: bool) -> IlmRanking:
        """Its one-step ranking; `new_only` asks for what the history does not hold."""
        return IlmRanking(self, new_only)

    def write(self, histories: Histories, user_ids: Sequence[str]) -> list[list[int]]:
        """For each user what BEAMS beams wrote, best first (see `eval.protocol.listed`).

        Prompts list as many items of the model's own ranking as it was tuned with. What named no
        item, or an item again, comes last: it counts, and its place does not matter.
        """
        from ilm.writing import best, generate_ids

        candidates = None
        if self.listed:
            candidates = best(self.ranking(new_only=False).scores(histories), self.listed)
        found = generate_ids(
            self.model,
            [history.tolist() for history in histories],
            user_ids,
            task=self.task,
            kind=self.prompt,
            candidates=candidates,
            beams=BEAMS,
            templates=self.templates,
        )
        return [
            [*written.items, *[-1] * written.invalid, *written.items[:1] * written.repeated]
            for written in found
        ]


@dataclass(frozen=True)
class IlmRanking:
    """A model's one-step ranking of all items, or of those that the history does not hold."""

    saved: SavedModel
    new_only: bool

    def scores(self, histories: Histories) -> NDArray[np.float32]:
        """(B, n_items); see `eval.protocol.Scorer`."""
        model, prompt, factors = self.saved.model, self.saved.prompt, self.saved.factors
        if factors is not None:
            vectors = np.stack([factors.fold_in(history) for history in histories])
            return model.rank_users(vectors, new_only=self.new_only, prompt=prompt)
        lists = [history.tolist() for history in histories]
        return model.rank(lists, new_only=self.new_only, prompt=prompt)


def metadata(folder: Path, split: LeaveOneOut) -> dict[str, Any]:
    """What a saved model says of its training; EvalError if that was on another split."""
    found = _json(folder / "metadata.json")
    if found.get("split", split.digest) != split.digest:
        raise EvalError(
            f"The model in {folder} was trained on another split ({found['split'][:12]}, not "
            f"{split.digest[:12]}) and may have seen these test items: train it again."
        )
    return found


def evaluation(folder: Path) -> dict[str, Any]:
    """The figures that a saved model's training ended with."""
    found: dict[str, Any] = _json(folder / "metadata.json").get("evaluation", {})
    return found


def saved_config(folder: Path) -> dict[str, Any]:
    """The training configuration beside a saved model, as a row holds it; empty without one."""
    return without_ignored(_json(folder / "training.json"))


def without_ignored(config: Mapping[str, Any]) -> dict[str, Any]:
    """A training configuration without what a row says elsewhere."""
    return {name: value for name, value in config.items() if name not in IGNORED}


def weights_digest(folder: Path) -> str:
    """sha256 (hex) over the saved weights."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.safetensors")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found
