"""From score columns to an order of films.

The taste columns are joined by the LightGBM ranker, or without one by reciprocal rank fusion
(Cormack et al. 2009): the sum over columns of 1 / (60 + rank). The wish has no training labels,
so it is joined to that order outside the ranker, by fusion of the two ranks:

    score = 1 / (K + taste rank) + WISH / (K + wish rank)

with K = 20, so that the head of both lists counts most. With no liked film the taste order is mere
popularity and the wish counts twice. Where the best of a kind are asked for, the order by ratings
is joined likewise, at twice the wish's weight, and where something like a film is, the order by
likeness to it, at three times; beside a wish once, and what is not much like it loses a quarter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.candidates import TASTE_COLUMNS, Sources
from app.parts import Scorer, Vector
from app.session import Novelty

CANDIDATES = 100  # best of each source that the ranker, which was fitted on these, puts in order
FUSION_K = 60
K = 20
WISH = 1.0
WISH_ALONE = 2.0
# The best of a kind are its best before its purest; of the newest films nothing else matters.
BESIDE = {"wish": 1, "acclaim": 2, "alike": 3, "age": 20}
UNLIKE = 0.75  # of its score that a film keeps that is not among the CANDIDATES most alike
POOL = 30  # best of the order that the cards are chosen from
# How much being like an earlier pick costs (maximal marginal relevance).
SAMENESS: dict[Novelty, float] = {"familiar": 0.2, "balanced": 0.35, "surprising": 0.7}
FUSION_WEIGHTS = {"ilm": 1.0, "als": 1.0, "neighbours": 0.5, "content": 0.5, "genres": 0.25,
                  "popularity": 0.5}  # fmt: skip


def ranks(scores: NDArray[np.floating]) -> Vector:
    """Rank of each score, 1 for the highest; -inf and ties go last in order of place."""
    order = np.argsort(-scores, kind="stable")
    result = np.empty(len(scores), dtype=np.float32)
    result[order] = np.arange(1, len(scores) + 1)
    return result


def alike(
    items: Sequence[int], stories: NDArray[np.floating], directions: NDArray[np.floating]
) -> Vector:
    """(n,) how alike each film is to `items` in what it tells and in who chose it, by fusion of the
    two ranks: who chose films of one autumn chose the others too, whatever they told.

    Args:
        stories, directions: (n, width) unit vectors of texts and of factors.
    """
    chosen = list(items)
    told = (stories @ stories[chosen].T).mean(axis=1)
    audience = np.clip(directions @ directions[chosen].T, 0, 1).mean(axis=1)
    return np.asarray(1 / (K + ranks(told)) + 1 / (K + ranks(audience)), dtype=np.float32)


def best_of_each(columns: Iterable[Vector]) -> NDArray[np.bool_]:
    """(B, n) True for the best CANDIDATES of each column, (B, n) each, row by row."""
    chosen: list[NDArray[np.bool_]] = []
    for column in columns:
        last = min(CANDIDATES, column.shape[1] - 1)
        best = np.argpartition(-column, last, axis=1)[:, :CANDIDATES]
        chosen.append(np.zeros(column.shape, dtype=np.bool_))
        np.put_along_axis(chosen[-1], best, True, axis=1)
    return np.any(chosen, axis=0)


def taste_order(columns: Mapping[str, Vector], ranker: Scorer | None) -> Vector:
    """(n,) one score of the candidates from their taste columns, (n,) each.

    A ranker scores the best of each column and gives -inf to the others, which no taste speaks for.
    """
    taste = {name: columns[name] for name in TASTE_COLUMNS}
    if ranker is not None:
        rows = {name: column[None] for name, column in taste.items()}
        return ranker.predict(rows, candidates=best_of_each(rows.values()))[0]
    fused = np.zeros(len(taste["popularity"]), dtype=np.float32)
    for name, column in taste.items():
        says = np.isfinite(column)
        fused += np.where(says, FUSION_WEIGHTS[name] / (FUSION_K + ranks(column)), 0)
    return fused


def order(
    columns: Mapping[str, Vector],
    candidates: NDArray[np.integer],
    ranker: Scorer | None,
    *,
    has_history: bool,
    factor: Vector | None = None,
) -> tuple[NDArray[np.integer], Vector]:
    """(items best first, their scores) of `candidates`, item indices.

    Args:
        columns: (n_items,) each, as `Sources.score_columns` gives them.
        factor: (n_items,) multiplies the score, for what is no matter of rank.
    """
    if len(candidates) == 0:
        return candidates, np.zeros(0, dtype=np.float32)
    chosen = {name: column[candidates] for name, column in columns.items()}
    score = 1 / (K + ranks(taste_order(chosen, ranker)))
    weight = WISH if has_history else WISH_ALONE
    wished = "wish" in chosen or "acclaim" in chosen
    for name, times in BESIDE.items():
        if name in chosen:
            times = 1 if name == "alike" and wished else times
            score = score + times * weight / (K + ranks(chosen[name]))
    if wished and "alike" in chosen:  # "like Jaws but in space"
        score = np.where(ranks(chosen["alike"]) <= CANDIDATES, score, UNLIKE * score)
    if factor is not None:
        score = score * factor[candidates]
    best = np.argsort(-score, kind="stable")
    return candidates[best], np.asarray(score[best], dtype=np.float32)


def diverse(
    items: Sequence[int],
    scores: Vector,
    sources: Sources,
    count: int,
    pool: int = POOL,
    novelty: Novelty = "balanced",
) -> list[int]:
    """`count` of the best `items` that are not near copies of each other.

    Maximal marginal relevance (Carbonell & Goldstein 1998) over the first `pool` items.
    """
    head = list(items[:pool])
    if not head:
        return []
    likeness = sources.likeness(head)
    value = scores[: len(head)] / scores[0]
    picked = [0]
    while len(picked) < min(count, len(head)):
        gain = value - SAMENESS[novelty] * likeness[:, picked].max(axis=1)
        gain[picked] = -np.inf
        picked.append(int(np.argmax(gain)))
    return [head[place] for place in picked]
