"""Which of a few films has most of a quality: "which is the funniest?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.candidates import Sources
from app.parts import Parts
from app.wishes import ACCLAIM

_AGES = {"new": 1, "recent": 1, "lat": 1, "young": 1, "modern": 1, "old": -1, "early": -1}
_WEAK = 0.25  # share of the catalogue that has more of a quality than a film of which none is said


@dataclass(frozen=True)
class Most:
    """The film, what tells it, and whether it has little of the quality all the same."""

    film: int
    why: str
    weak: bool = False


def most(films: Sequence[int], quality: str, least: bool, parts: Parts, sources: Sources) -> Most:
    """The film of these that has most of a quality (an adjective, or ACCLAIM), or least."""
    rows = [parts.catalogue[film] for film in films]
    if quality in _AGES:
        years = _AGES[quality] * np.array([row.year or 0 for row in rows])
        place = int(years.argmin() if least else years.argmax())
        return Most(films[place], f"is from {rows[place].year}")
    acclaim = sources.acclaim if quality == ACCLAIM else None
    column = sources.wish_column(quality) if acclaim is None else acclaim
    shares = column[list(films)]
    best = int(shares.argmin() if least else shares.argmax())
    if acclaim is not None and parts.ratings is not None:
        rating = parts.ratings[films[best]]
        return Most(films[best], f"has {rating:.1f} of 5 from viewers here")
    moods = " and ".join(rows[best].moods[:2])
    weak = not least and float((column > shares[best]).mean()) > _WEAK
    return Most(films[best], f"is {moods} in mood" if moods else "comes nearest to that", weak)
