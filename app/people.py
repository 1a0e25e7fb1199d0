"""Directors and actors named in a message."""

from __future__ import annotations

import re
from collections import defaultdict

from app.constraints import Span
from app.words import normal, tokens
from data.catalogue import Catalogue

_BY = re.compile(r"\b(?:by|with|from|starring|directed by|of|w)\s+(?:the great )?$", re.IGNORECASE)


class PeopleIndex:
    """The people of a catalogue: full names anywhere, a lone surname after "by" or "with"."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._names: dict[tuple[str, ...], str] = {}
        surnames: dict[str, set[str]] = defaultdict(set)
        for item in catalogue:
            for person in (*item.directors, *item.cast):
                key = normal(person)
                if len(key) > 1:
                    self._names[key] = person
            for person in item.directors:
                if len(key := normal(person)) > 1:
                    surnames[key[-1]].add(person)
        self._surnames = {word: who.pop() for word, who in surnames.items() if len(who) == 1}
        self._longest = max(map(len, self._names), default=0)

    def find(self, text: str) -> tuple[tuple[str, ...], list[Span]]:
        """(people as the catalogue spells them, where they stand)."""
        words = tokens(text)
        found: dict[str, Span] = {}
        at = 0
        while at < len(words):
            for size in range(min(self._longest, len(words) - at), 1, -1):
                key = tuple(word.norm for word in words[at : at + size])
                if key in self._names:
                    found[self._names[key]] = (words[at].start, words[at + size - 1].end)
                    at += size - 1
                    break
            else:
                word = words[at]
                surname = word.norm.removesuffix("s") if word.possessive else word.norm
                if word.capital and surname in self._surnames and _BY.search(text[: word.start]):
                    found[self._surnames[surname]] = (word.start, word.end)
            at += 1
        return tuple(found), list(found.values())
