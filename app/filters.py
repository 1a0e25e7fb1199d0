"""What may be shown at all: decided here, after ranking, whatever the models say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.constraints import OLD_BEFORE
from app.session import Filters, State
from app.understanding import Understanding
from data.catalogue import Catalogue


def barred(state: State, named: Iterable[int], catalogue: Catalogue) -> set[int]:
    """Films that never come back: liked, disliked, seen, shown, named or to be like, and their
    twins."""
    items = {*state.likes, *state.dislikes, *state.seen, *state.shown, *state.alike, *named}
    return catalogue.with_twins(items)


def allowed(catalogue: Catalogue, filters: Filters, bar: set[int]) -> NDArray[np.int64]:
    """Indices of the films that satisfy `filters` and are not barred."""
    return np.array(
        [
            index
            for index, item in enumerate(catalogue)
            if index not in bar and filters.allow(item) and item.title.casefold() != "unknown"
        ],
        dtype=np.int64,
    )


def one_of_twins(items: Sequence[int], catalogue: Catalogue) -> list[int]:
    """`items` with every film that is listed twice kept once, at its first place."""
    kept: list[int] = []
    gone: set[int] = set()
    for item in items:
        if item not in gone:
            kept.append(item)
            gone.update(catalogue.twins.get(item, ()))
    return kept


def relaxations(catalogue: Catalogue, filters: Filters, bar: set[int]) -> list[tuple[str, int]]:
    """(name of a constraint, films that fit without it), most films first, none without any."""
    counts = [
        (name, len(allowed(catalogue, filters.without(name), bar)))
        for name in filters.constraints()
    ]
    return sorted((c for c in counts if c[1]), key=lambda c: -c[1])


def in_time(state: State, said: Understanding, catalogue: Catalogue) -> Filters:
    """The filters, narrowed to newer or older than the last cards, or than the films named where
    it is said of them; "older" after "newer" gives that up where nothing lies between."""
    than = said.named if said.than_named or not state.cards else state.cards
    than = said.refers_to if said.swaps and said.refers_to else than
    years = [year for film in than if (year := catalogue[film].year) is not None]
    held = state.filters
    if said.newer is None or not years:
        return held
    if said.newer:
        both = replace(held, newer_than=max(max(years), held.newer_than or 0))
        alone = replace(both, older_than=None)
        if held.older_than == OLD_BEFORE:  # old films are what is to be newer
            return alone
    else:
        both = replace(held, older_than=min(min(years), held.older_than or 9999))
        alone = replace(both, newer_than=None)
    return both if len(allowed(catalogue, both, barred(state, said.named, catalogue))) else alone
