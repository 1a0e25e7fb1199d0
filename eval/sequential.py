"""OpenP5's sequential task: rank the whole catalogue for the item that came next.

Leave-one-out: the last item of each user is the target, the one before it belongs to the history
at test time and to nobody's training. Candidates are all items of the data set's 5-core. Rankings
are kept with seen items in (as OpenP5 reports) and with them removed; the two are never mixed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cf.factors import Factors, fit
from cf.sequential import Transitions, popularity
from data.dataset import Dataset
from data.interactions import Interactions
from data.splits import LeaveOneOut, leave_one_out
from eval.errors import EvalError
from eval.metrics import target_ranks
from eval.predictions import Predictions

Histories = Sequence[NDArray[np.int32]]
BATCH = 512


class Scorer(Protocol):
    """Anything that scores the catalogue after histories (oldest first)."""

    def scores(self, histories: Histories) -> NDArray[np.float32]:
        """(B, n_items) float32, higher is better, -inf for items it cannot rank."""
        ...


@dataclass(frozen=True)
class Popular:
    """The same ranking for everybody."""

    counts: NDArray[np.float32]

    def scores(self, histories: Histories) -> NDArray[np.float32]:
        return np.tile(self.counts, (len(histories), 1))


@dataclass(frozen=True)
class FoldedIn:
    """Factors, each user folded in from the history, evenly or (with `decay`) by recency."""

    factors: Factors
    decay: float | None

    def scores(self, histories: Histories) -> NDArray[np.float32]:
        if self.decay is None:
            users = [self.factors.fold_in(history) for history in histories]
        else:
            users = [self.factors.fold_in_recent(h, decay=self.decay) for h in histories]
        return self.factors.scores(np.stack(users))


class Ilm:
    """A saved item-language model."""

    def __init__(self, folder: Path) -> None:
        # The baselines need neither torch nor a language model.
        from ilm.model import ItemLanguageModel

        self.model = ItemLanguageModel.from_pretrained(folder)

    def scores(self, histories: Histories) -> NDArray[np.float32]:
        return self.model.rank([history.tolist() for history in histories])


def _als(
    train: Interactions, seed: int, *, decay: float | None = None, **settings: Any
) -> FoldedIn:
    return FoldedIn(fit(train, method="als", seed=seed, **settings), decay)


@dataclass(frozen=True)
class Baseline:
    """How to make a scorer of training interactions, and the settings chosen for each ranking.

    The two rankings reward different models (unfiltered, a model that repeats what was seen
    loses), so each has its own settings, tuned on the validation items of ML-100K; for ALS at
    32 factors.
    """

    make: Callable[..., Scorer]
    unfiltered: Mapping[str, Any] = field(default_factory=dict)
    filtered: Mapping[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] = (0,)


BASELINES: dict[str, Baseline] = {
    "popularity": Baseline(lambda train, seed: Popular(popularity(train))),
    "als": Baseline(
        _als,
        {"factors": 32, "regularization": 1.0, "alpha": 20.0},
        {"factors": 32, "regularization": 10.0, "alpha": 5.0},
        (0, 1, 2),
    ),
    "als-recent": Baseline(
        _als,
        {"factors": 32, "regularization": 100.0, "alpha": 20.0, "decay": 3.0},
        {"factors": 32, "regularization": 10.0, "alpha": 5.0, "decay": 5.0},
        (0, 1, 2),
    ),
    "transitions": Baseline(
        lambda train, seed, **settings: Transitions.fit(train, **settings),
        {"steps": 5, "power": 0.5, "decay": 3.0},
        {"steps": 5, "power": 0.25, "decay": 3.0},
    ),
}


def check_no_leak(split: LeaveOneOut) -> None:
    """EvalError when a target is in its own history or in its user's training interactions."""
    trained = split.train.matrix()
    for name, targets in (("validation", split.validation), ("test", split.test)):
        users = np.arange(len(targets))
        leaked = np.asarray(trained[users, targets]).ravel() != 0
        histories = split.histories("validation" if name == "validation" else "test")
        leaked |= [target in history for target, history in zip(targets, histories, strict=True)]
        if leaked.any():
            raise EvalError(
                f"{int(leaked.sum())} users have their {name} item in their own history or "
                f"training interactions (the first: user {split.train.user_ids[leaked.argmax()]})."
            )


def predict(
    scorer: Scorer,
    split: LeaveOneOut,
    candidates: NDArray[np.integer],
    about: Mapping[str, Any],
    *,
    k: int = 100,
    batch: int = BATCH,
) -> dict[bool, Predictions]:
    """Rank the candidates for every user's test item; by "were seen items removed?".

    candidates: (n,) item indices; every other item is left out of the ranking.
    """
    histories, targets = split.histories("test"), split.test
    left_out = np.ones(split.train.n_items, dtype=np.bool_)
    left_out[candidates] = False
    ranks: dict[bool, list[NDArray[np.int32]]] = {False: [], True: []}
    tops: dict[bool, list[NDArray[np.int32]]] = {False: [], True: []}
    for start in range(0, len(targets), batch):
        these = histories[start : start + batch]
        scores = np.array(scorer.scores(these), dtype=np.float32)
        if scores.shape != (len(these), split.train.n_items):
            raise EvalError(
                f"The model scored {scores.shape[-1]:,} items, the catalogue has "
                f"{split.train.n_items:,}: it was made for another data set."
            )
        scores[:, left_out] = -np.inf
        for filtered in (False, True):
            if filtered:
                for row, history in zip(scores, these, strict=True):
                    row[history] = -np.inf
            ranks[filtered].append(target_ranks(scores, targets[start : start + batch]))
            tops[filtered].append(_top(scores, k))
    return {
        filtered: Predictions(
            targets,
            np.concatenate(ranks[filtered]),
            np.concatenate(tops[filtered]),
            {**about, "filtered": filtered},
        )
        for filtered in (False, True)
    }


def _top(scores: NDArray[np.float32], k: int) -> NDArray[np.int32]:
    """(B, k) best items, ties by index; -1 where fewer have a score."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    ranked = np.take_along_axis(scores, best, axis=1) > -np.inf
    return np.where(ranked, best, -1).astype(np.int32)


def evaluate_baseline(name: str, dataset: Dataset) -> list[Predictions]:
    """Fit a baseline on the training interactions and rank: one Predictions a seed and ranking."""
    if name not in BASELINES:
        raise EvalError(f"There is no method '{name}'; choose one of {', '.join(BASELINES)}.")
    baseline = BASELINES[name]
    split = _checked_split(dataset)
    predictions = []
    for filtered, settings in ((False, baseline.unfiltered), (True, baseline.filtered)):
        for seed in baseline.seeds:
            scorer = baseline.make(split.train, seed, **settings)
            about = _about(dataset, split, name, seed, dict(settings))
            found = predict(scorer, split, dataset.interactions.active_items(), about)
            predictions.append(found[filtered])
    return predictions


def evaluate_models(name: str, folders: Sequence[Path], dataset: Dataset) -> list[Predictions]:
    """Rank with saved models, one folder a training seed: one Predictions a folder and ranking."""
    split = _checked_split(dataset)
    predictions: list[Predictions] = []
    for folder in folders:
        if not folder.is_dir():
            raise EvalError(f"There is no model in {folder}: train it with `make train`.")
        scorer = Ilm(folder)
        config = {"model": _portable(folder), "weights_sha256": _weights_digest(folder)}
        about = _about(dataset, split, name, _metadata(folder, split).get("seed"), config)
        found = predict(scorer, split, dataset.interactions.active_items(), about)
        predictions += found.values()
    return predictions


def _checked_split(dataset: Dataset) -> LeaveOneOut:
    split = leave_one_out(dataset.interactions)
    check_no_leak(split)
    return split


def _about(
    dataset: Dataset, split: LeaveOneOut, method: str, seed: int | None, config: dict[str, Any]
) -> dict[str, Any]:
    return {
        "benchmark": "openp5",
        "dataset": dataset.name,
        "task": "sequential",
        "method": method,
        "decoding": "full ranking",
        "seed": seed,
        "split": split.digest,
        "candidates": len(dataset.interactions.active_items()),
        "config": config,
    }


def _portable(folder: Path) -> str:
    """The folder as somebody else would name it: from the project's root, else its last part."""
    try:
        return folder.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return folder.name


def _weights_digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.safetensors")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _metadata(folder: Path, split: LeaveOneOut) -> dict[str, Any]:
    """What a saved model says of its training; EvalError if that was on another split."""
    path = folder / "metadata.json"
    metadata: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    if metadata.get("split", split.digest) != split.digest:
        raise EvalError(
            f"The model in {folder} was trained on another split ({metadata['split'][:12]}, not "
            f"{split.digest[:12]}) and may have seen these test items: train it again."
        )
    return metadata
