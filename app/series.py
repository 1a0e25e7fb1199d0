"""Series of films: "all the Star Trek films", "is there a sequel to Speed?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from app.feelings import refused
from app.titles import Mention
from app.words import normal
from data.catalogue import Catalogue

_OF_A_SERIES = re.compile(
    r"\s*(?:(?:films?|movies?|series|franchise|trilogy|saga)\b|(?:\d|ii+|iv)\b)", re.IGNORECASE
)
_SEQUEL = re.compile(
    r"\b(?:sequels?|prequels?|follow-?ups?) (?:to|of|for) (?:the )?$", re.IGNORECASE
)
_OTHERS = re.compile(r"\b(?:other|rest of the|remaining|(?<!no )more) (?:the )?$", re.IGNORECASE)
_ALL = re.compile(r"\ball (?:of )?(?:the )?$", re.IGNORECASE)
_THE_SERIES = re.compile(
    r"\b(?:the|that|this) (?:whole |entire |same )?(?:series|franchise|trilogy|saga)\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|hi|hey|and|so|please|(?:what|how) about|i (?:want|need|fancy|would like)|"
    r"i['’]d like|(?:show|give|list) me|list|find|watch|see|to|any|some|all|every|of|the|which|"
    r"what|(?:do|did) you (?:have|know)|have you got|(?:are|is) there|got|movies?|films?|in|"
    r"are)\W+)*"
    r"_+\W+(?:films?|movies?|series|franchise|trilogy|saga)"
    r"(?:\W+(?:do|have|are|there|you|got|know|please|pls|tonight|here|exist|is|all|in|order))*\W*$",
    re.IGNORECASE,
)
"""Asks for a series, whose name is blanked, and for nothing else."""
_HAVE_THEM = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|hi|hey|and|so)\W+)*(?:do you (?:have|know)|have you got|is there|are "
    r"there)"
    r" (?:the )?_+(?:(?:\s*,\s*(?:and |or )?|\s+(?:and|or)\s+)(?:the )?_+)+\W*$",
    re.IGNORECASE,
)
"""Asks for films by their names: "do you have Heat, Fargo and Jaws?"."""
_SEQUELS = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|and|so|but|cool|hm+)\W+)*(?:(?:are|is|was|were) there|there (?:is|was|"
    r"are|were)|any|(?:does|do) "
    r"(?:it|that|they) have|has it(?: got)?|did (?:it|they) (?:get|make)) ?(?:any |an? |other )?"
    r"(?:sequels?|prequels?|follow-?ups?|(?:second|third|2nd|3rd) (?:one|1|part|film))(?: (?:of|to|"
    r"for) (?:it|that|this(?: one)?))?\W*$",
    re.IGNORECASE,
)
"""Asks for the sequels of the film talked about."""
_LONG = 3  # films of a series that the name of its first one refuses: "not Batman"
_ARTICLES = {"the", "a", "an"}
_NEXT_PART = re.compile(
    r"$|:|\(|(?:\d+|part|returns|forever|resurrection|goes|with|and|[ivx]+)\b|&", re.IGNORECASE
)


class SeriesWanted(NamedTuple):
    """What a message says of a series.

    films: of the series that is spoken of, by year, or the several that are asked for by name;
        others: the other ones are wanted of it; listed: all of them are asked for.
    """

    films: tuple[int, ...]
    others: bool
    listed: bool


def series_wanted(
    catalogue: Catalogue, text: str, masked: str, mentions: Sequence[Mention], focus: int | None
) -> SeriesWanted:
    """What a message says of a series, or of several films by their names.

    Args:
        masked: `text` with its titles blanked.
        focus: the film last talked about, whose series "the series" is.
    """
    films = series(catalogue, text, mentions, focus)
    others = wants_others(text, mentions, films) and bool(mentions or focus is not None)
    if has_them(masked):
        return SeriesWanted(tuple(dict.fromkeys(m.item for m in mentions)), others, listed=True)
    return SeriesWanted(films, others, wants_all(masked, films))


def series(
    catalogue: Catalogue, text: str, mentions: Sequence[Mention], focus: int | None = None
) -> tuple[int, ...]:
    """The films of the series that `text` speaks of, by year; none where it speaks of none.

    A series is what one name begins: "Star Trek: Generations", "Star Trek: First Contact".

    Args:
        focus: as in `series_wanted`.
    """
    films: list[int] = []
    if not mentions and focus is not None and (_THE_SERIES.search(text) or _SEQUELS.search(text)):
        films += _with(catalogue, focus)
    every = bool(mentions) and _ALL.search(text[: mentions[0].start]) is not None
    every = every and _OF_A_SERIES.match(text, mentions[-1].end) is not None
    for mention in mentions:
        before = text[: mention.start]
        named = _OF_A_SERIES.match(text, mention.end) or _SEQUEL.search(before)
        if every or named or _OTHERS.search(before):
            films += _begun_by(catalogue, normal(text[mention.start : mention.end]))
    return tuple(sorted(dict.fromkeys(films), key=lambda at: (catalogue[at].year or 0, at)))


def all_of(catalogue: Catalogue, text: str, mentions: Sequence[Mention]) -> tuple[int, ...]:
    """The films of the series whose names alone are said, and no film's whole title: "no more Star
    Trek"; of a long one, whose first film is refused."""
    films = list[int]()
    for mention in mentions:
        name = normal(text[mention.start : mention.end])
        whole = name == normal(catalogue[mention.item].title)
        if whole and not refused(text[: mention.start]):
            continue
        begun = _begun_by(catalogue, name)
        films += begun if not whole or len(begun) >= _LONG else []
    return tuple(dict.fromkeys(films))


def _with(catalogue: Catalogue, film: int) -> list[int]:
    """The films of the series of a film."""
    words = normal(re.split(r"[:(]", catalogue[film].title)[0])
    for size in range(len(words), 0, -1):
        *head, tail = words[:size]
        for name in ((*head, tail), (*head, tail.removesuffix("s"))):
            films = _begun_by(catalogue, name) if name != ("the",) else []
            if film in films:
                return films
    return []


def _begun_by(catalogue: Catalogue, name: Sequence[str]) -> list[int]:
    """The films of the series of this name; none where it is the name of one film."""
    words = name[1:] if len(name) > 1 and name[0] in _ARTICLES else name
    # "Aliens" is of the series of "Alien".
    name_of = r"\W+".join(map(re.escape, words)) + r"(?:s(?=$|:))?"
    begins = re.compile(rf"(?:(?:the|an?) )?{name_of}", re.IGNORECASE)
    films = []
    for at, film in enumerate(catalogue):
        match = begins.match(film.title)
        if match and _NEXT_PART.match(film.title[match.end() :].strip()):
            films.append(at)
    return films if len(films) > 1 else []


def has_them(masked: str) -> bool:
    """Whether a message asks for several films by their names, which are blanked, and no more."""
    return _HAVE_THEM.match(masked) is not None


def wants_all(masked: str, films: Sequence[int]) -> bool:
    """Whether a series (`films`) is what a message asks for, its names blanked: "which Star Trek
    movies do you have?"."""
    return bool(films) and _WHOLE.match(masked) is not None


def wants_others(text: str, mentions: Sequence[Mention], films: Sequence[int]) -> bool:
    """Whether the other films of a series are asked for: "a sequel to Speed", which may have none,
    and "more Star Trek", where that is a series (`films`)."""
    if not mentions and _SEQUELS.search(text):
        return True
    befores = [text[: mention.start] for mention in mentions]
    asked = any(_SEQUEL.search(before) for before in befores)
    return asked or (bool(films) and any(_OTHERS.search(before) for before in befores))
