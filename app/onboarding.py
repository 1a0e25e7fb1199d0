"""Films to begin with: popular ones that differ in genre and decade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from app.parts import Vector
from data.catalogue import Catalogue

GRID = 18
PICKS = 3
_AGAIN = 0.4  # what a film's weight is multiplied by for every film before it of a genre
_SAME_DECADE = 0.8


def grid(
    catalogue: Catalogue, popularity: Vector, *, count: int = GRID, without: Collection[int] = ()
) -> list[int]:
    """`count` films for somebody of whom nothing is known, each the best after those before it.

    A film's weight is how often it was chosen, less for each of its genres (on average) and for
    its decade that are there already; so rare genres come in by their best known film.

    Args:
        popularity: (n_items,) how often each film was chosen.
        without: films that are not to come (nor their twins), as those on the grids before.
    """
    gone = catalogue.with_twins(without)
    left = {
        index
        for index, item in enumerate(catalogue)
        if index not in gone and item.genres and item.year is not None and popularity[index] > 0
    }
    genres: Counter[str] = Counter()
    decades: Counter[int] = Counter()

    def weight(index: int) -> tuple[float, int]:
        item = catalogue[index]
        news = sum(_AGAIN ** genres[genre] for genre in item.genres) / len(item.genres)
        held = _SAME_DECADE ** decades[_decade(item.year)]
        return float(popularity[index]) * news * held, -index

    chosen: list[int] = []
    while left and len(chosen) < count:
        best = max(left, key=weight)
        chosen.append(best)
        left -= catalogue.with_twins([best])
        genres.update(catalogue[best].genres)
        decades[_decade(catalogue[best].year)] += 1
    return chosen


def _decade(year: int | None) -> int:
    return (year or 0) // 10
