"""One training run: interactions -> factors -> alignment -> tuning -> a folder with the model."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import logging
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cf.factors import Factors, fit
from data import elm24
from data.dataset import Dataset
from data.errors import IlmChatError
from data.registry import load
from data.splits import LeaveOneOut, leave_one_out
from ilm.alignment import Alignment, alignment_data
from ilm.config import TrainingConfig
from ilm.llm import FrozenLLM, load_llm
from ilm.model import ItemLanguageModel, build
from ilm.signals import Standardisation, item_signals
from ilm.tasks import DescribeTask, GenerateIdTask, RankTask, StepTask, random_indexing
from ilm.text import TextEncoder
from ilm.training import Loop, train
from ilm.tuning import Tuning

log = logging.getLogger(__name__)

PACKAGES = ("torch", "transformers", "accelerate", "implicit")


@dataclasses.dataclass(frozen=True)
class Prepared:
    """What both stages stand on."""

    dataset: Dataset
    split: LeaveOneOut
    factors: Factors
    model: ItemLanguageModel


def prepare(config: TrainingConfig, llm: FrozenLLM, data_folder: Path | None = None) -> Prepared:
    """Data, split, factors of the training interactions, and a fresh model over them."""
    dataset = load(config.dataset, data_folder)
    split = leave_one_out(dataset.interactions)
    factors = fit(split.train, factors=config.factors, seed=config.seed)
    signals = item_signals(factors, dataset.catalogue, TextEncoder(config.model.text_encoder))
    rankable = torch.zeros(len(dataset.catalogue), dtype=torch.bool)
    rankable[torch.from_numpy(dataset.interactions.active_items().astype(np.int64))] = True
    torch.manual_seed(config.seed)
    model = build(config.model, llm, signals, rankable, Standardisation.of(factors.users))
    popularity = np.bincount(split.train.items, minlength=len(dataset.catalogue)) + 1.0
    with torch.no_grad():
        model.ranking.bias.copy_(torch.from_numpy(np.log(popularity)))
    return Prepared(dataset, split, factors, model)


def run(
    config: TrainingConfig,
    folder: Path,
    *,
    data_folder: Path | None = None,
    stop_after: int | None = None,
) -> Path:
    """Train, or resume, what `config` says; the model lies in `folder / "model"` afterwards.

    Args:
        folder: of this run: resolved configuration, logs, checkpoints, model.
        stop_after: leave the first unfinished stage after this many steps, as a kill would.
    """
    folder.mkdir(parents=True, exist_ok=True)
    resolved = config.model_dump_json(indent=2) + "\n"
    written = folder / "training.json"
    if written.is_file() and written.read_text("utf-8") != resolved:
        raise IlmChatError(
            f"{folder} holds a run of another configuration: name another folder, or remove it."
        )
    written.write_text(resolved, "utf-8")
    dtype = torch.bfloat16 if config.mixed_precision == "bf16" else torch.float32
    llm = load_llm(config.model.llm, dtype=dtype)
    prepared = prepare(config, llm, data_folder)
    model, split = prepared.model, prepared.split
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    llm.to(device)
    model.to(device)

    evaluation: dict[str, Any] = {}
    if config.alignment is not None:
        data = alignment_data(
            config.alignment,
            prepared.dataset.catalogue,
            split.train,
            prepared.factors.users,
            model.text_tokenizer,
            config.seed,
        )
        alignment = Alignment(model, config.alignment, data, config.seed)
        loop = _loop(config, folder / "alignment", alignment.steps, stop_after)
        log.info("Stage 1 (alignment %s): %d steps", config.alignment.variant, loop.steps)
        if not train(model, alignment.groups(), alignment.step, loop):
            return folder
        evaluation["alignment"] = alignment.evaluate()
        log.info("held-out texts: %s", evaluation["alignment"])

    tuning = Tuning(model, config.tuning, _tasks(config, prepared), config.seed)
    loop = _loop(config, folder / "tuning", tuning.steps, stop_after)
    log.info("Stage 2 (tuning %s): %d steps", config.tuning.steps, loop.steps)

    def validate(done: int) -> None:
        figures = validation(model, split)
        log.info("step %d, validation: %s", done, figures)
        with (loop.folder / "validation.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": done, **figures}) + "\n")

    if not train(model, tuning.groups(), tuning.step, loop, every=validate):
        return folder
    target = folder / "model"
    # Half precision halves what is shipped; what is measured below is what was saved.
    model.save_pretrained(target, metadata(config, prepared, evaluation), torch.float16)
    prepared.factors.save(target / "factors")
    # Read back, as a user gets it: with the LLM as it comes and the weights as they were saved.
    saved = ItemLanguageModel.from_pretrained(target)
    evaluation["validation"] = validation(saved, split)
    saved.save_pretrained(target, metadata(config, prepared, evaluation), torch.float16)
    shutil.copy(written, target / "training.json")
    log.info("Saved %s: %s", target, evaluation)
    return target


def validation(model: ItemLanguageModel, split: LeaveOneOut) -> dict[str, float]:
    """HR@10 on the validation items, whole catalogue, nothing removed and seen items removed."""
    histories = split.histories("validation")
    scores = model.rank([history.tolist() for history in histories])
    users = np.arange(len(scores))
    targets = scores[users, split.validation][:, None]
    figures = {"HR@10 unfiltered": float(((scores > targets).sum(1) < 10).mean())}
    for user, history in enumerate(histories):
        scores[user, history] = -np.inf
    return figures | {"HR@10 seen-filtered": float(((scores > targets).sum(1) < 10).mean())}


def metadata(
    config: TrainingConfig, prepared: Prepared, evaluation: dict[str, Any]
) -> dict[str, Any]:
    """Where a model comes from."""
    return {
        "dataset": prepared.dataset.name,
        "llm": config.model.llm,
        "catalogue": prepared.dataset.catalogue.digest,
        "interactions": prepared.dataset.interactions.digest,
        "split": prepared.split.digest,
        "seed": config.seed,
        "commit": _commit(),
        "evaluation": evaluation,
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
    }


def _tasks(config: TrainingConfig, prepared: Prepared) -> dict[str, StepTask]:
    model, train_set, sizes = prepared.model, prepared.split.train, config.tuning.batch_size
    tasks: dict[str, StepTask] = {}
    if config.tuning.steps.get("rank"):
        tasks["rank"] = RankTask(model, train_set, sizes["rank"], config.seed)
    if config.tuning.steps.get("describe") and config.dataset == "ml-100k":
        texts = elm24.load(prepared.dataset.catalogue)
        tasks["describe"] = DescribeTask(model, texts, sizes["describe"], config.seed)
    if config.tuning.steps.get("generate-id"):
        ids = random_indexing(model.n_items, config.seed)
        tasks["generate-id"] = GenerateIdTask(
            model, train_set, config.dataset, ids, sizes["generate-id"], config.seed
        )
    return tasks


def _loop(config: TrainingConfig, folder: Path, steps: int, stop_after: int | None) -> Loop:
    return Loop(
        folder, steps, config.seed, config.mixed_precision, config.checkpoint_every, stop_after
    )


def _commit() -> str | None:
    try:
        out = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return out.stdout.strip()
