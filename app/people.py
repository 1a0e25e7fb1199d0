"""Directors and actors named in a message."""

from __future__ import annotations

import re
from collections import defaultdict

from app.constraints import Span, carries_on, negated
from app.words import normal, tokens
from data.catalogue import Catalogue

_BY = re.compile(r"\b(?:by|with|from|starring|directed by|of|w)\s+(?:the great )?$", re.IGNORECASE)


class PeopleIndex:
    """The people of a catalogue: full names anywhere, lone surnames after "by", "with" or "not"."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._names: dict[tuple[str, ...], str] = {}
        directors: dict[str, set[str]] = defaultdict(set)
        anybody: dict[str, set[str]] = defaultdict(set)
        for item in catalogue:
            for person in (*item.directors, *item.cast):
                if len(key := normal(person)) > 1:
                    self._names[key] = person
                    anybody[key[-1]].add(person)
                    if person in item.directors:
                        directors[key[-1]].add(person)
        # Where a director and actors share a surname, it means the director.
        self._surnames = {
            word: who.pop()
            for surnames in (anybody, directors)
            for word, who in surnames.items()
            if len(who) == 1
        }
        self._longest = max(map(len, self._names), default=0)

    def wanted(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...], list[Span]]:
        """(people wanted, people not wanted, where all of them stand)."""
        found, spans = self.find(text)
        wanted: list[str] = []
        unwanted: list[str] = []
        chosen, reach = wanted, -1
        for person, (start, end) in zip(found, spans, strict=True):
            if negated(text[max(reach, 0) : start]):
                chosen = unwanted
            elif reach < 0 or not carries_on(text, reach, start):
                chosen = wanted
            chosen.append(person)
            reach = end
        return tuple(wanted), tuple(unwanted), spans

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
                before = text[: word.start]
                named = _BY.search(before) or (word.start > 0 and negated(before))
                if word.capital and surname in self._surnames and named:
                    found[self._surnames[surname]] = (word.start, word.end)
            at += 1
        return tuple(found), list(found.values())
