"""The product's whole ranking: LightGBM over all sources, with and without ours among them.

Base models are fitted on the training interactions alone. What they say of everybody at validation
time, labelled by the validation items, teaches the trees; what they say at test time, where the
history holds the validation item, is ranked by them. Candidates of a user are the best of each
source among the items not seen, so the stack's figures are seen-filtered by construction.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cf.ranker import SETTINGS, Ranker
from eval import scorers
from eval.entries import Entry
from eval.errors import EvalError
from eval.jobs import Job, Options, planned_model, portable, saved_model, train
from eval.methods import ITEM_LANGUAGE_MODELS, RECOMMENDERS
from eval.metrics import UNRANKED, target_ranks
from eval.predictions import Predictions
from eval.protocol import BATCH, TOP, Ranked, Scorer, Trial, candidate_scores
from eval.rows import METRICS

RECOMMENDERS_STACKED = (
    "popularity",
    "item-knn",
    "als-recent",
    "ease",
    "transitions",
    "sasrec",
    "gru4rec",
)
CANDIDATES = 100  # best of each source that become candidates of a user
KEPT = 2000  # best of each source that are kept on disk: all of ML-100K, and what fits of Clothing
FOLDS = 5
PHASES: tuple[Literal["validation", "test"], ...] = ("validation", "test")


@dataclass(frozen=True)
class Source:
    """One column of the stack.

    identity: what must be equal for a cached column to stand for this one.
    """

    name: str
    seed: int
    identity: Mapping[str, Any]
    make: Callable[[], Scorer]


@dataclass(frozen=True)
class Column:
    """What a source says of the items that a user has not seen, its KEPT best alone.

    items: (n_users, n) int32, best first, ties by index.
    scores: (n_users, n) float32, -inf where there is no more to say.
    """

    items: NDArray[np.int32]
    scores: NDArray[np.float32]

    def best(self, user: int) -> NDArray[np.int32]:
        """The candidates that it names."""
        return self.items[user, :CANDIDATES][self.scores[user, :CANDIDATES] > -np.inf]

    def of(self, wanted: NDArray[np.int32], n_items: int) -> NDArray[np.float32]:
        """Its scores of these items (n_users, n), -inf for those that it does not know."""
        said = np.empty(wanted.shape, dtype=np.float32)
        for start in range(0, len(wanted), BATCH):
            rows = slice(start, start + BATCH)
            dense = np.full((len(wanted[rows]), n_items), -np.inf, dtype=np.float32)
            np.put_along_axis(dense, self.items[rows], self.scores[rows], axis=1)
            said[rows] = np.take_along_axis(dense, np.maximum(wanted[rows], 0), axis=1)
        return said


@dataclass(frozen=True)
class Pool:
    """The candidates of every user, in rows as long as the longest.

    items: (n_users, n) int32, -1 where a user has fewer.
    columns: by source, (n_users, n) float32.
    """

    items: NDArray[np.int32]
    columns: Mapping[str, NDArray[np.float32]]

    @property
    def mask(self) -> NDArray[np.bool_]:
        return self.items >= 0

    def positions(self, targets: NDArray[np.integer]) -> NDArray[np.int64]:
        """Where each user's target stands in the row; -1 when it is no candidate."""
        found = self.items == targets[:, None]
        return np.where(found.any(axis=1), found.argmax(axis=1), -1)

    def rows(self, which: NDArray[np.bool_]) -> Pool:
        return Pool(self.items[which], {name: c[which] for name, c in self.columns.items()})


def stack_jobs(method: str, trial: Trial, options: Options) -> list[Job]:
    """One pass a seed; there is no unfiltered stack.

    Raises:
        EvalError: outside the sequential task, for a source that there is not, and for two that
            would have one name.
    """
    if trial.task != "sequential":
        raise EvalError("The stack lives on the order of the history: it is sequential only.")
    ours = options.sources if method == "stack" else ()
    names = [_column_name(source) for source in ours]
    if len(set(names)) < len(names):
        raise EvalError(f"Two sources of the stack have one name: {', '.join(names)}.")
    entry = Entry(
        trial.dataset.name,
        trial.task,
        method,
        "rank",
        True,
        size=options.size if ours else None,
        variant=(("sources", "+".join(names)),) if ours and ours != Options.sources else (),
    )
    stacked = {name: RECOMMENDERS[name] for name in RECOMMENDERS_STACKED}
    settings = {name: made.described(made.filtered) for name, made in stacked.items()}
    config = {
        "sources": {**settings, **{name: {} for name in names}},
        "candidates": CANDIDATES,
        "ranker": SETTINGS,
    }
    jobs = []
    for seed in options.seeds:

        def make(ranked: Ranked, seed: int = seed) -> Mapping[bool, Predictions]:
            sources = [_recommender_source(name, trial, seed) for name in RECOMMENDERS_STACKED]
            sources += [_model_source(source, trial, options, seed) for source in ours]
            about = {**entry.about(), "seed": seed, "config": config}
            return {True: stack(sources, trial, options.place / "columns", seed, about, ranked)}

        identity = {"split": trial.split.digest, "candidates": len(trial.candidates)}
        jobs.append(Job((entry,), seed, {**identity, "config": config}, make))
    return jobs


def stack(
    sources: Sequence[Source],
    trial: Trial,
    cache: Path,
    seed: int,
    about: Mapping[str, Any],
    ranked: Ranked,
) -> Predictions:
    """Teach the trees on validation, rank for test.

    `validation` in the predictions holds HR and NDCG on the validation items, each user ranked by
    trees that did not see them: what to choose sources and settings by.
    """
    columns = {source.name: cached_columns(source, trial, cache) for source in sources}
    split = trial.split
    taught, asked = (
        pool({name: pair[at] for name, pair in columns.items()}, split.train.n_items)
        for at in range(len(PHASES))
    )
    labels = taught.positions(split.validation)
    trees = Ranker.fit(taught.columns, labels, candidates=taught.mask, seed=seed)
    scores = trees.predict(asked.columns, candidates=asked.mask)
    best = np.argsort(-scores, axis=1, kind="stable")[:, :TOP]
    ranked(len(split.test))
    return Predictions(
        split.test,
        _places(scores, asked.positions(split.test)),
        np.take_along_axis(asked.items, best, axis=1),
        {
            **trial.about(),
            **about,
            "filtered": True,
            "validation": cross_validated(taught, labels, seed),
            "importance": trees.importance(),
        },
    )


def cross_validated(taught: Pool, labels: NDArray[np.int64], seed: int) -> dict[str, float]:
    """Metrics on the validation items, users in folds ranked by trees fitted on the others."""
    fold = np.random.default_rng(seed).integers(FOLDS, size=len(labels))
    places = np.full(len(labels), UNRANKED, dtype=np.int32)
    for part in range(FOLDS):
        held = fold == part
        rest = taught.rows(~held)
        trees = Ranker.fit(rest.columns, labels[~held], candidates=rest.mask, seed=seed)
        asked = taught.rows(held)
        scores = trees.predict(asked.columns, candidates=asked.mask)
        places[held] = _places(scores, labels[held])
    return {name: round(float(metric(places).mean()), 6) for name, metric in METRICS.items()}


def _places(scores: NDArray[np.float32], positions: NDArray[np.int64]) -> NDArray[np.int32]:
    """Ranks of the targets at these positions; UNRANKED for -1."""
    places = target_ranks(scores, np.maximum(positions, 0))
    return np.where(positions < 0, UNRANKED, places).astype(np.int32)


def pool(columns: Mapping[str, Column], n_items: int) -> Pool:
    """The best CANDIDATES of each column, joined, and what every column says of them."""
    n_users = len(next(iter(columns.values())).items)
    chosen: list[NDArray[np.int32]] = []
    for user in range(n_users):
        best = [column.best(user) for column in columns.values()]
        chosen.append(np.unique(np.concatenate(best)))
    items = np.full((n_users, max(1, *map(len, chosen))), -1, dtype=np.int32)
    for row, found in zip(items, chosen, strict=True):
        row[: len(found)] = found
    return Pool(items, {name: column.of(items, n_items) for name, column in columns.items()})


def cached_columns(source: Source, trial: Trial, cache: Path) -> list[Column]:
    """What a source says at validation and at test, read from disk; made when it is not there."""
    identity = json.dumps({**source.identity, "split": trial.split.digest}, sort_keys=True)
    digest = hashlib.sha256(identity.encode()).hexdigest()[:8]
    folder = cache / trial.dataset.name / f"{source.name}-{source.seed}-{digest}"
    paths = [folder / f"{phase}.npz" for phase in PHASES]
    if not all(path.is_file() for path in paths):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "source.json").write_text(identity + "\n", encoding="utf-8")
        scorer = source.make()
        for phase, path in zip(PHASES, paths, strict=True):
            made = _column(scorer, trial, phase)
            part = path.with_suffix(".part.npz")  # a killed run leaves no half a column
            np.savez_compressed(part, items=made.items, scores=made.scores)
            part.rename(path)
    found = []
    for path in paths:
        with np.load(path, allow_pickle=False) as stored:
            found.append(Column(stored["items"], stored["scores"]))
    return found


def _column(scorer: Scorer, trial: Trial, phase: Literal["validation", "test"]) -> Column:
    histories = trial.histories(phase)
    kept = min(KEPT, trial.split.train.n_items)
    items = np.empty((len(histories), kept), dtype=np.int32)
    scores = np.empty((len(histories), kept), dtype=np.float32)
    for start in range(0, len(histories), BATCH):
        these = histories[start : start + BATCH]
        rows = slice(start, start + len(these))
        found = candidate_scores(scorer, these, trial)
        for row, history in zip(found, these, strict=True):
            row[history] = -np.inf
        items[rows] = np.argsort(-found, axis=1, kind="stable")[:, :kept]
        scores[rows] = np.take_along_axis(found, items[rows], axis=1)
    return Column(items, scores)


def _recommender_source(name: str, trial: Trial, seed: int) -> Source:
    made = RECOMMENDERS[name]
    settings = made.filtered
    used = seed if made.random else 0
    return Source(
        name,
        used,
        made.described(settings),
        lambda: made.make(trial.split.train, used, **settings),
    )


def _model_source(source: str, trial: Trial, options: Options, seed: int) -> Source:
    """A trained model of this seed, or the saved one in a folder, whatever its seed."""
    if source in ITEM_LANGUAGE_MODELS:
        planned, run = planned_model(source, trial, options, seed)
        identity: dict[str, Any] = planned.described()

        def find() -> Path:
            return train(planned, run, trial)
    else:
        saved = Path(source)
        seed, _ = saved_model(saved, trial.split)
        identity = {"weights_sha256": scorers.weights_digest(saved)}

        def find() -> Path:
            return saved

    def make() -> Scorer:
        return scorers.SavedModel(find(), trial.task, options.prompt).ranking(new_only=True)

    return Source(_column_name(source), seed, {**identity, "prompt": options.prompt}, make)


def _column_name(source: str) -> str:
    """What a source of ours is called: the method, or a saved model's folder."""
    if source in ITEM_LANGUAGE_MODELS:
        return source
    if not Path(source).is_dir():
        raise EvalError(
            f"The source '{source}' is neither a model's folder nor one of "
            f"{', '.join(ITEM_LANGUAGE_MODELS)}."
        )
    return re.sub(r"[^\w-]", "_", portable(Path(source)))
