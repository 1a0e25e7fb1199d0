"""Free words about films, let through as far as the catalogue's rows bear them out."""

from __future__ import annotations

import re
from collections.abc import Collection

from app.people import PeopleIndex
from app.titles import TitleIndex
from app.words import normal
from data.catalogue import Catalogue, Item

FILM = re.compile(r"\[\[([^\[\]\s]+)\]\]")
"""A film's place in a text, by its id."""
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+[\"”’)]*|\n|$)\s*")
_OPENING = re.compile(r"^[\W\d]*\w+")
_NAME = re.compile(r"\b[A-Z][\w'’-]+|\b\d{2,}\b")
_ANYWHERE = {"I", "I'm", "I’d", "I'd", "I’m", "I've", "I’ve"}


class Checker:
    """Checks what a language model wrote about films that it was shown."""

    def __init__(self, catalogue: Catalogue, titles: TitleIndex) -> None:
        self._catalogue = catalogue
        self._titles = titles
        self.people = PeopleIndex(catalogue)

    def checked(self, text: str, known: Collection[int], heard: str) -> str:
        """`text` without the sentences that say what no row bears out.

        A sentence goes that names a film by its title, a film nobody showed, somebody who is in
        none of its films, or a name or number that stands neither in the films' rows nor in what
        was heard. Words in small letters cannot be checked.

        Args:
            known: the films that the model was shown.
            heard: what the user said.
        """
        ids = {self._catalogue[film].id: film for film in known}
        films: list[int] = []
        kept = []
        for match in _SENTENCE.finditer(text):
            sentence = match.group()
            named = FILM.findall(sentence)
            if any(id not in ids for id in named):
                continue
            films += [ids[id] for id in named]  # "it" is one of those spoken of
            if self._borne_out(FILM.sub(" ", sentence), [self._catalogue[f] for f in films], heard):
                kept.append(sentence)
        return "".join(kept).strip()

    def _borne_out(self, sentence: str, rows: list[Item], heard: str) -> bool:
        if self._titles.find(sentence):
            return False
        there = {person for row in rows for person in (*row.directors, *row.cast)}
        if {*self.people.find(sentence)[0]} - there - {*self.people.find(heard)[0]}:
            return False
        told = [heard]
        for row in rows:
            told += [row.title, str(row.year), row.synopsis, *row.tags, *row.moods, *row.genres]
            told += [*row.countries, *row.languages, *row.directors, *row.cast]
        words = {*normal(" ".join(told))}
        opening = _OPENING.match(sentence)
        names = _NAME.findall(sentence, opening.end() if opening else 0)
        return all({*normal(name)} <= words for name in names if name not in _ANYWHERE)
