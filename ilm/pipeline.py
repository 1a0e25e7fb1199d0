"""One training run: interactions -> factors -> alignment -> tuning -> a folder with the model."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import logging
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from cf.factors import Factors, fit
from cf.item_item import transition_factors
from data import elm24
from data.dataset import Dataset
from data.elm24 import Split
from data.errors import IlmChatError
from data.indexing import make_indexing, read_text_ids
from data.registry import load
from data.splits import LeaveOneOut, leave_one_out
from ilm.alignment import Alignment, alignment_data
from ilm.config import TrainingConfig
from ilm.demonstrations import demonstrations
from ilm.item_tokens import spread
from ilm.llm import FrozenLLM, load_llm
from ilm.model import ItemLanguageModel, build
from ilm.ranking_head import log_odds_of_repeats
from ilm.signals import Standardisation, item_signals
from ilm.storage import ItemIds
from ilm.tasks import DescribeTask, GenerateIdTask, RankTask, RankUsersTask, StepTask
from ilm.text import TextEncoder
from ilm.training import Loop, train
from ilm.tuning import Tuning
from ilm.word_start import start_at_words
from prompts.openp5 import load_templates

log = logging.getLogger(__name__)

PACKAGES = ("torch", "transformers", "accelerate", "implicit")


@dataclasses.dataclass(frozen=True)
class Prepared:
    """What both stages stand on."""

    dataset: Dataset
    split: LeaveOneOut
    factors: Factors
    model: ItemLanguageModel


def prepare(config: TrainingConfig, llm: FrozenLLM, dataset: Dataset) -> Prepared:
    """Split, factors of the training interactions, and a fresh model over them."""
    split = leave_one_out(dataset.interactions)
    factors = fit(split.train, factors=config.factors, seed=config.seed)
    wanted = config.model.modalities
    texts = TextEncoder(config.model.text_encoder) if "text" in wanted else None
    steps = (
        transition_factors(split.train, factors=config.factors) if "transitions" in wanted else None
    )
    signals = item_signals(factors, dataset.catalogue, texts, steps)
    items = dataset.interactions.active_items().astype(np.int64)
    rankable = torch.zeros(len(dataset.catalogue), dtype=torch.bool)
    rankable[torch.from_numpy(items)] = True
    indexing = config.tuning.indexing
    texts_of = (
        read_text_ids(indexing, dataset.catalogue, items)
        if isinstance(indexing, Path)
        else make_indexing(indexing, split.train, items, seed=config.seed)
    )
    ids = ItemIds(dataset.name, texts_of)
    torch.manual_seed(config.seed)
    model = build(config.model, llm, signals, rankable, Standardisation.of(factors.users), ids)
    if count := config.model.demonstrations:
        elm, encode = elm24.load(dataset.catalogue), TextEncoder(config.model.text_encoder).encode
        model.demonstrations = demonstrations(elm, dataset.catalogue, count, encode)
    popularity = np.bincount(split.train.items, minlength=len(dataset.catalogue)) + 1.0
    with torch.no_grad():
        model.ranking.bias.copy_(torch.from_numpy(np.log(popularity)))
        model.ranking.repeat_log_odds.fill_(log_odds_of_repeats(split.train.sequences()))
    return Prepared(dataset, split, factors, model)


def run(
    config: TrainingConfig,
    folder: Path,
    *,
    data_folder: Path | None = None,
    dataset: Dataset | None = None,
    stop_after: int | None = None,
) -> Path:
    """Train, or resume, what `config` says; the model lies in `folder / "model"` afterwards.

    Args:
        folder: of this run: resolved configuration, logs, checkpoints, model.
        data_folder: where the data set lies, if it is not to be fetched.
        dataset: in place of what its reader gives (the same in another order of ties, say).
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
    prepared = prepare(config, llm, dataset or load(config.dataset, data_folder))
    model, split = prepared.model, prepared.split
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.llm.to(device)
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
            silent=_elm_films(prepared, ("validation", "test")) if config.alignment.cold else (),
        )
        if config.alignment.epochs:
            alignment = Alignment(model, config.alignment, data, config.seed)
            alignment.start_at_base_rates()
            loop = _loop(config, folder / "alignment", alignment.steps, stop_after)
            log.info("Stage 1 (alignment %s): %d steps", config.alignment.variant, loop.steps)
            if not train(model, alignment.groups(), alignment.step, loop):
                return folder
            evaluation["alignment"] = alignment.evaluate()
            evaluation["tokens aligned"] = _spread(model)
            log.info("held-out texts: %s", evaluation["alignment"])
        source = config.alignment.text
        if config.alignment.adapter_learning_rate and source != "none":
            learned = data.train_items.tolist()
            texts = [prepared.dataset.catalogue.text(item, source) for item in learned]
            model.eval()
            start_at_words(model, torch.tensor(learned, device=device), texts)

    tasks = _tasks(config, prepared)
    tuning = Tuning(model, config.tuning, tasks, config.seed, aligned=config.alignment)
    loop = _loop(config, folder / "tuning", tuning.steps, stop_after)
    log.info("Stage 2 (tuning %s): %d steps", config.tuning.steps, loop.steps)

    def validate(done: int) -> None:
        figures = _validation(model, split, tasks)
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
    saved = ItemLanguageModel.from_pretrained(target).to(device)
    saved.llm.to(device)
    evaluation["validation"] = _validation(saved, split, tasks)
    if config.model.encoder != "none":
        evaluation["tokens"] = _spread(saved)
    saved.save_pretrained(target, metadata(config, prepared, evaluation), torch.float16)
    shutil.copy(written, target / "training.json")
    log.info("Saved %s: %s", target, evaluation)
    return target


def _spread(model: ItemLanguageModel) -> dict[str, float]:
    """How far the tokens of the items that can be recommended tell them apart; at rest."""
    return spread(model.catalogue_tokens()[model.rankable])


def _validation(
    model: ItemLanguageModel, split: LeaveOneOut, tasks: Mapping[str, StepTask]
) -> dict[str, float]:
    """What a model that learns these tasks is judged by."""
    figures: dict[str, float] = {}
    if "rank" in tasks:
        figures |= validation(model, split)
    if "describe" in tasks:
        figures["describe loss"] = cast(DescribeTask, tasks["describe"]).validation_loss(model)
    return figures


def validation(model: ItemLanguageModel, split: LeaveOneOut) -> dict[str, float]:
    """HR@10 on the validation items, whole catalogue, nothing removed and seen items removed."""
    histories = split.histories("validation")
    users, figures = np.arange(len(histories)), {}
    for name, new_only in (("HR@10 unfiltered", False), ("HR@10 seen-filtered", True)):
        scores = model.rank([history.tolist() for history in histories], new_only=new_only)
        targets = scores[users, split.validation][:, None]
        if new_only:
            for user, history in enumerate(histories):
                scores[user, history] = -np.inf
        figures[name] = float(((scores > targets).sum(1) < 10).mean())
    return figures


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


def _elm_films(prepared: Prepared, parts: Sequence[Split]) -> set[int]:
    """The films of these parts of ELM-24."""
    texts = elm24.load(prepared.dataset.catalogue)
    return {example.items["item"] for part in parts for example in texts.of(part)}


def _tasks(config: TrainingConfig, prepared: Prepared) -> dict[str, StepTask]:
    model, train_set = prepared.model, prepared.split.train
    tuning, seed = config.tuning, config.seed
    sizes, tasks = tuning.batch_size, dict[str, StepTask]()
    if tuning.steps.get("rank"):
        tasks["rank"] = RankTask(model, train_set, sizes["rank"], seed)
    if tuning.steps.get("rank-users"):
        size = sizes["rank-users"]
        tasks["rank-users"] = RankUsersTask(model, train_set, prepared.factors, size, seed)
    if tuning.steps.get("describe") and config.dataset == "ml-100k":
        texts = elm24.load(prepared.dataset.catalogue)
        tasks["describe"] = DescribeTask(model, texts, sizes["describe"], seed)
    if tuning.steps.get("generate-id"):
        size = sizes["generate-id"]
        tasks["generate-id"] = GenerateIdTask(
            model,
            train_set,
            size,
            seed,
            candidates=tuning.candidates,
            prompts=load_templates(tuning.prompts),
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
