"""What an answer is made of, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from data.catalogue import Catalogue
from prompts.templates import Placeholder, Segment


@dataclass(frozen=True, slots=True)
class Status:
    """What is going on while nothing can be shown yet."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of running text. Plain: whoever shows it escapes it."""

    text: str


@dataclass(frozen=True, slots=True)
class Film:
    """A film's name within the text."""

    item: int
    title: str


@dataclass(frozen=True, slots=True)
class Card:
    """A film recommended, with one line of why, plain text."""

    item: int
    why: str


Event = Status | Text | Film | Card
Part = Segment | Card  # a Placeholder stands for the film whose title goes there


def film_name(catalogue: Catalogue, item: int) -> str:
    """The title as the catalogue has it, and the year: "Alien (1979)"."""
    year = catalogue[item].year
    return catalogue[item].title if year is None else f"{catalogue[item].title} ({year})"


def plain(parts: Iterable[Segment], catalogue: Catalogue) -> str:
    """Text with every placeholder filled from the catalogue's row, without years."""
    return "".join(
        part if isinstance(part, str) else catalogue[part.items[0]].title for part in parts
    )


def as_events(parts: Iterable[Part], catalogue: Catalogue) -> Iterator[Event]:
    """Parts as a stream: text word by word, films by name, cards."""
    for part in parts:
        if isinstance(part, Card):
            yield part
        elif isinstance(part, Placeholder):
            item = part.items[0]
            yield Film(item, film_name(catalogue, item))
        else:
            start = 0
            while start < len(part):
                end = part.find(" ", start + 1)
                end = len(part) if end < 0 else end
                yield Text(part[start:end])
                start = end
