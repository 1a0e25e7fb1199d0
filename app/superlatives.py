"""Which of a few films has most of a quality: "which is the funniest?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.candidates import NAMED, Sources
from app.orders import ACCLAIM
from app.parts import Parts, Vector

_AGES = {"new": 1, "recent": 1, "lat": 1, "young": 1, "modern": 1, "old": -1, "early": -1}
_FAME = {"votes", "viewers", "popular", "watched", "famous", "known", "ratings"}
GENRE_OF = dict.fromkeys(("scary", "spooky", "creepy", "frightening", "terrifying"), "Horror")
GENRE_OF |= {"funny": "Comedy", "silly": "Comedy", "romantic": "Romance"}
"""Quality -> the genre that has most of it."""
_WEAK = 0.25  # share of the catalogue that has more of a quality than a film of which none is said


@dataclass(frozen=True)
class Most:
    """The film, what tells it, and whether it has little of the quality all the same."""

    film: int
    why: str
    weak: bool = False


def most(films: Sequence[int], quality: str, least: bool, parts: Parts, sources: Sources) -> Most:
    """The film of these that has most of a quality (an adjective, or ACCLAIM), or least."""
    if quality == ACCLAIM:  # nobody's rating is no mean one
        films = [film for film in films if parts.popularity[film] > 0] or films
    column = _column(quality, parts, sources)
    shares = column[list(films)]
    best = films[int(shares.argmin() if least else shares.argmax())]
    weak = quality not in (*_AGES, *_FAME, ACCLAIM) and not least
    weak = weak and float((column > column[best]).mean()) > _WEAK
    year = f"is from {parts.catalogue[best].year}" if quality in _AGES else ""
    return Most(best, year or tells(best, quality, parts) or "comes nearest to that", weak)


def in_order(films: Sequence[int], quality: str, parts: Parts, sources: Sources) -> list[int]:
    """These films, the one with most of a quality first."""
    column = _column(quality, parts, sources)
    return sorted(films, key=lambda film: -float(column[film]))


def tells(film: int, quality: str, parts: Parts) -> str:
    """What of a film goes with a quality, as the rest of a sentence about it; "" for nothing, and
    for its year, which stands beside its name."""
    row = parts.catalogue[film]
    if quality in _AGES:
        return ""
    if quality == ACCLAIM and not parts.popularity[film]:
        return "was rated by nobody here"
    if quality == ACCLAIM and parts.ratings is not None:
        return f"has {parts.ratings[film]:.1f} of 5 from viewers here"
    if quality in _FAME:
        return f"was chosen by {int(parts.popularity[film]):,} viewers here"
    return f"is {' and '.join(row.moods[:2])} in mood" if row.moods else ""


def _column(quality: str, parts: Parts, sources: Sources) -> Vector:
    """(n_items,) how much of a quality each film has."""
    if quality in _AGES:
        years = [row.year or 0 for row in parts.catalogue]
        return _AGES[quality] * np.array(years, dtype=np.float32)
    if quality in _FAME:
        return parts.popularity
    if quality == ACCLAIM and sources.acclaim is not None:
        return sources.acclaim
    column = sources.wish_column(quality)
    if quality in GENRE_OF:
        filed = [GENRE_OF[quality] in row.genres for row in parts.catalogue]
        column = column + NAMED * np.array(filed, dtype=np.float32)
    return column
