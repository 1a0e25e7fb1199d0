"""Which films come first for one user, of those that are allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from app.candidates import Sources
from app.filters import allowed, barred, one_of_twins
from app.laps import Laps
from app.parts import Parts, Vector
from app.ranking import POOL, alike, diverse, order, taste_order
from app.session import Filters, State
from app.superlatives import Most, in_order, most

NEAR = 0.1  # share of the catalogue that may be more alike to a film than one called like it


@dataclass(frozen=True)
class Ranked:
    """All films that are allowed, in order, and what the order was made from.

    Attributes:
        history: the films ranked after, oldest first.
        allowed: (n,) the films in order of index.
        columns: what each source says, (n_items,) each; none where no film is allowed.
        items: the films best first, one of each that is listed twice.
        scores: (len(items),) by which they are in order.
        seconds: how long each stage took, by name.
    """

    history: list[int]
    allowed: NDArray[np.int64]
    columns: dict[str, Vector]
    items: list[int]
    scores: Vector
    seconds: dict[str, float]


class Chooser:
    """Safe to share between threads: one at a time asks the models, which `lock` sees to."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.catalogue = parts.catalogue
        self.sources = Sources(parts)
        self.lock = Lock()

    def recommend(self, state: State, count: int, *, named: Sequence[int] = ()) -> list[int]:
        """At most `count` films for this user, best first; none when nothing is allowed."""
        found = self.ranked(state, named)
        pool = max(POOL, count)
        return diverse(found.items, found.scores, self.sources, count, pool, state.novelty)

    def ranked(self, state: State, named: Sequence[int] = ()) -> Ranked:
        """Every film that is allowed, best first, before near copies are passed over."""
        laps = Laps()
        candidates = allowed(self.catalogue, state.filters, barred(state, named, self.catalogue))
        laps.lap("filters")
        history = list(dict.fromkeys([*state.likes, *named]))
        history = [item for item in history if item not in state.dislikes]
        if not len(candidates):
            nothing = np.zeros(0, dtype=np.float32)
            return Ranked(history, candidates, {}, [], nothing, laps.seconds)
        with self.lock:
            columns = self.sources.score_columns(history, state.wish, laps)
            factor = self.sources.factor(state)
        if state.alike:
            columns["alike"] = alike(state.alike, self.parts.stories, self.sources.directions)
        laps.lap("other sources")
        items, scores = order(
            columns,
            candidates,
            self.parts.ranker,
            has_history=bool(history),
            factor=factor,
        )
        kept = set(one_of_twins(items.tolist(), self.catalogue))
        keep = np.array([item in kept for item in items.tolist()])
        laps.lap("ranker")
        return Ranked(
            history, candidates, columns, items[keep].tolist(), scores[keep], laps.seconds
        )

    def similar(self, item: int, count: int) -> list[int]:
        """At most `count` films most alike to `item` in content and audience, the nearest first."""
        scores = alike([item], self.parts.stories, self.sources.directions)
        candidates = allowed(self.catalogue, Filters(), self.catalogue.with_twins([item]))
        best = candidates[np.argsort(-scores[candidates], kind="stable")]
        return one_of_twins(best.tolist(), self.catalogue)[:count]

    def nearest(self, item: int, films: Sequence[int]) -> tuple[int, bool]:
        """The film of these most alike to `item` in content and audience, and whether it is so
        more than most of the catalogue."""
        scores = alike([item], self.parts.stories, self.sources.directions)
        best = max(films, key=lambda film: float(scores[film]))
        return best, float((scores > scores[best]).mean()) < NEAR

    def most(self, films: Sequence[int], quality: str, least: bool) -> Most:
        """The film of these that has most of a quality, or least (`app.superlatives`)."""
        with self.lock:
            return most(films, quality, least, self.parts, self.sources)

    def in_order(self, films: Sequence[int], quality: str) -> list[int]:
        """These films, the one with most of a quality first."""
        with self.lock:
            return in_order(films, quality, self.parts, self.sources)

    def closer(self, left: int, right: int, state: State) -> int | None:
        """Which of two films fits this user's taste better; None when nothing is known of it."""
        liked = [film for film in (left, right) if film in state.likes]
        if len(liked) == 1:
            return liked[0]
        # Both are judged as films not yet chosen: the model has learned nothing about others.
        history = [film for film in state.likes if film not in (left, right)]
        if not history:
            return None
        with self.lock:
            columns = self.sources.score_columns(history)
        both = {name: column[[left, right]] for name, column in columns.items()}
        scores = taste_order(both, self.parts.ranker)
        return left if scores[0] >= scores[1] else right
