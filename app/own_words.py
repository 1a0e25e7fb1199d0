"""The language model's own words about a film, let through only after checking."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.people import PeopleIndex
from app.titles import TitleIndex
from app.words import normal
from data.catalogue import Catalogue
from prompts.templates import Template

PROMPT = Template("Summarise the movie {item} in a few sentences.")
MIN_WORDS, REPEATED = 8, 4


class OwnWords:
    """Checks generated texts: no other film, nobody of another film, no loop, whole sentences."""

    def __init__(self, catalogue: Catalogue, titles: TitleIndex) -> None:
        self._catalogue = catalogue
        self._titles = titles
        self._people = PeopleIndex(catalogue)

    def checked(self, item: int, pieces: Iterable[str]) -> str:
        """The generated text up to its last whole sentence; "" when it must not be shown."""
        text = re.sub(r"\s+", " ", "".join(pieces)).strip()
        end = max(text.rfind(mark) for mark in ".!?")
        text = text[: end + 1]
        words = normal(text)
        runs = [words[i : i + REPEATED] for i in range(len(words) - REPEATED + 1)]
        if len(words) < MIN_WORDS or len(set(runs)) < len(runs):
            return ""
        own = self._catalogue.with_twins([item])
        if any(mention.item not in own for mention in self._titles.find(text)):
            return ""
        film = self._catalogue[item]
        people, _ = self._people.find(text)
        return "" if {*people} - {*film.directors, *film.cast} else text
