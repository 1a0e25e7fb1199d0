"""Tags and moods that a wish names word for word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from app.parts import Vector
from app.wishes import trim
from app.words import ARTICLES, COMMON, DEMONYMS, FUNCTION, REGIONS, normal, stem
from data.catalogue import Catalogue, Item

IN_PART = 0.5
_FEW = 3  # words of a term that one of them may stand for
_WITHOUT = ("no ", "not ", "non-", "minimal ")


_ENGLISH = {"US", "UK", "Canada", "Australia", "Ireland", "New Zealand"}


class Terms:
    """The tags and moods of a catalogue, by their words.

    Words are compared by their stems, and small talk at either end does not count: "picture
    winners" names the tag "best picture winner", of which a wish has lost the first word. A word
    that stands in a tag of several names it in part: "heist" in "bank heist"; several words that
    do so name it in part, too: "New York" in "1970s New York".
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._films: dict[tuple[str, ...], set[int]] = defaultdict(set)
        self._holding: dict[tuple[str, ...], set[int]] = defaultdict(set)
        self._within: dict[str, set[int]] = defaultdict(set)
        moods = {stem(mood.lower()) for item in catalogue for mood in item.moods}
        self._moods = moods
        for index, item in enumerate(catalogue):
            for term in (*item.tags, *item.moods):
                if term.lower().startswith(_WITHOUT):
                    continue  # "no dialogue" is not about dialogue
                if key := _key(trim(term)):
                    self._films[key].add(index)
                for phrase in _phrases(key):
                    self._holding[phrase].add(index)
                if 1 < len(key) <= _FEW:
                    # "Northern lights" are no light film.
                    parts = key[:-1] if key[-1] in moods else key
                    for word in parts:
                        self._within[word].add(index)
            for term in origins(item):
                self._films[(stem(term),)].add(index)
        self._longest = max(map(len, self._films), default=0)
        self._size = len(catalogue)

    def missing(self, wish: str, left: Sequence[int]) -> str:
        """The first tag or origin that a wish names and no film that is left has, as the wish has
        it; "" where there is none. (Of moods a film's row holds but the foremost.)"""
        words, remaining = normal(wish), {*left}
        for key, first in self._whole(_key(wish)).items():
            having = self._films.get(key, set()) | self._holding.get(key, set())
            if len(key) == 1:  # "vampire hunters" are about vampires
                having = having | self._within.get(key[0], set())
            if not having & remaining and not {*key} <= self._moods:
                return " ".join(words[first : first + len(key)])
        return ""

    def _whole(self, words: tuple[str, ...]) -> dict[tuple[str, ...], int]:
        """Terms, and runs of their words, that these words name, and where each begins."""
        found: dict[tuple[str, ...], int] = {}
        taken: set[int] = set()
        # The longest first: "space opera" names no opera.
        for size in range(min(self._longest, len(words)), 0, -1):
            for first in range(len(words) - size + 1):
                places = {*range(first, first + size)}
                key = words[first : first + size]
                if (key in self._films or key in self._holding) and not places & taken:
                    found[key] = first
                    taken |= places
        return found

    def named(self, wish: str) -> Vector:
        """(n_items,) how many of a film's terms the wish names, IN_PART for a word of one."""
        words = _key(wish)
        found = self._whole(words)
        counts = np.zeros(self._size, dtype=np.float32)
        for key in found:
            whole_term = self._films.get(key, set())
            counts[list(whole_term)] += 1
            counts[list(self._holding.get(key, set()) - whole_term)] += IN_PART
        whole = {word for key in found if len(key) > 1 for word in key}
        for word in {word for word in words if word not in COMMON} - whole:
            partly = np.zeros(self._size, dtype=bool)
            partly[list(self._within.get(word, ()))] = True
            partly[list(self._films.get((word,), ()))] = False
            counts[partly] += IN_PART
        return counts


def origins(item: Item) -> list[str]:
    """Where a film is from, as people ask for it: "french", "foreign"."""
    home = item.countries[:1]
    found = [DEMONYMS[country] for country in home if country in DEMONYMS]
    found += [region for region, countries in REGIONS.items() if {*home} & countries]
    return found if not item.countries or {*item.countries} & _ENGLISH else [*found, "foreign"]


def _phrases(key: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The runs of two words or more of a longer term, but for those that a small word ends."""
    sizes = range(2, len(key))
    runs = [key[at : at + size] for size in sizes for at in range(len(key) - size + 1)]
    return [run for run in runs if not (FUNCTION | ARTICLES) & {run[0], run[-1]}]


def _key(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in normal(text))
