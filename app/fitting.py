"""Training the ranker: what the base models say about items that they never saw chosen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.candidates import TASTE_COLUMNS, Sources
from app.loading import RANKER, load_parts
from app.parts import Vector
from app.ranking import best_of_each, taste_order
from cf.ranker import Ranker
from data.registry import load
from data.splits import leave_one_out

FOLDS = 5
BATCH = 64


def fit(weights: Path, *, seed: int = 0) -> dict[str, dict[str, float]]:
    """Fit the ranker on the validation items, save it, and say how good each order is.

    The figures are on validation users, all items ranked that the user has not chosen: the
    ranker's by cross-validation over users, so that no user is ranked by trees that saw them;
    "fusion" is the fallback; the rest are single sources.
    """
    parts = load_parts(weights)
    dataset = load(parts.catalogue.name)
    split = leave_one_out(dataset.interactions)
    histories = [history.tolist() for history in split.histories("validation")]
    sources = Sources(parts)
    batches = [
        sources.taste_columns(histories[start : start + BATCH])
        for start in range(0, len(histories), BATCH)
    ]
    columns = {name: np.concatenate([b[name] for b in batches]) for name in TASTE_COLUMNS}
    candidates = candidates_of(columns, histories)
    targets = split.validation.astype(np.int64)

    fold = np.random.default_rng(seed).integers(FOLDS, size=len(histories))
    blind = np.full(candidates.shape, -np.inf, dtype=np.float32)
    for part in range(FOLDS):
        held = fold == part
        trees = Ranker.fit(
            {name: column[~held] for name, column in columns.items()},
            targets[~held],
            candidates=candidates[~held],
            seed=seed,
        )
        blind[held] = trees.predict(
            {name: column[held] for name, column in columns.items()}, candidates=candidates[held]
        )
    Ranker.fit(columns, targets, candidates=candidates, seed=seed).save(weights / RANKER)

    orders = {"ranker": blind, "fusion": _fusion(columns, histories)}
    for name in TASTE_COLUMNS:
        orders[name] = _without(columns[name], histories)
    return {name: figures(scores, targets) for name, scores in orders.items()}


def candidates_of(columns: dict[str, Vector], histories: list[list[int]]) -> NDArray[np.bool_]:
    """(n_users, n_items) the best `CANDIDATES` of each source, without the user's own items."""
    chosen = best_of_each(_without(column, histories) for column in columns.values())
    for row, history in enumerate(histories):
        chosen[row, history] = False
    return chosen


def figures(scores: Vector, targets: NDArray[np.integer]) -> dict[str, float]:
    """HR@10 and NDCG@10 of one target a row; ties count against it."""
    target = scores[np.arange(len(scores)), targets][:, None]
    place = (scores >= target).sum(axis=1)
    place[~np.isfinite(target[:, 0])] = scores.shape[1]
    hit = place <= 10
    return {
        "HR@10": float(hit.mean()),
        "NDCG@10": float(np.where(hit, 1 / np.log2(place + 1), 0).mean()),
    }


def _without(column: Vector, histories: list[list[int]]) -> Vector:
    """The column with -inf at what each user has chosen already."""
    result = np.array(column, dtype=np.float32)
    for row, history in enumerate(histories):
        result[row, history] = -np.inf
    return result


def _fusion(columns: dict[str, Vector], histories: list[list[int]]) -> Vector:
    fused = np.stack(
        [
            taste_order({name: column[row] for name, column in columns.items()}, None)
            for row in range(len(histories))
        ]
    )
    return _without(fused, histories)
