"""Titles in a message that are spelt almost as they are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from app.names import Key, Names
from app.naming import Span
from app.words import COMMON, FUNCTION, Token

TELLING_WINDOW = 3  # words in the longest run where none is misspelt for certain
_WINDOW = 7  # the same where one is
_TELLING_LIKENESS = 0.88
_TWO_SLIPS = 8  # letters of a word that may have two
_LONG = 4  # words of a name that may be as common as they like
_SHORT = 4  # letters; in a shorter word a slip makes another word


class Misspelt:
    """Finds the names of a catalogue under their misspellings.

    Args:
        whole: the names to look for.
    """

    def __init__(self, names: Names, whole: Sequence[Key]) -> None:
        self._names, self._whole = names, whole
        self._spellings = [" ".join(key) for key in whole]
        # Names of two telling words or more, and long ones, by each of their words.
        self._holding: dict[str, list[Key]] = defaultdict(list)
        for key in whole:
            content = {word for word in key if word not in COMMON and len(word) >= _SHORT - 1}
            if len(key) >= _LONG:
                content = {*key} - FUNCTION
            for word in content if len(content) > 1 else ():
                self._holding[word].append(key)

    def __call__(self, words: list[Token]) -> list[Span]:
        """Runs spelt almost like a name, the likeliest first; no two overlap."""
        found: list[Span] = []
        for span in [*self._around_strange_words(words), *self._around_right_words(words)]:
            if not any(s[0] < span[1] and span[0] < s[1] for s in found):
                found.append(span)
        return found

    def _around_strange_words(self, words: list[Token]) -> list[Span]:
        """Around a word that the catalogue has never seen or that few titles hold ("forest
        gump")."""
        odd = [len(w.norm) >= _SHORT and not self._names.knows(w.norm) for w in words]
        telling = [w.norm in self._names.telling for w in words]
        spans = sorted(
            {
                (first, last)
                for at in range(len(words))
                if odd[at] or telling[at]
                for first in range(max(0, at - _WINDOW + 1), at + 1)
                for last in range(at + 1, min(len(words), first + _WINDOW) + 1)
                if odd[at]
                or (2 <= last - first <= TELLING_WINDOW and words[last - 1].norm.isalpha())
            }
        )
        if not spans or not self._whole:
            return []
        typed = [" ".join(w.norm for w in words[first:last]) for first, last in spans]
        scores = process.cdist(typed, self._spellings, scorer=fuzz.ratio, score_cutoff=75)
        columns = scores.argmax(axis=1)
        found: list[Span] = []
        for row in np.argsort(-scores.max(axis=1), kind="stable"):
            (first, last), column = spans[row], int(columns[row])
            known = not any(odd[first:last])
            sure = float(scores[row, column]) / 100
            if typed[row] == self._spellings[column] or (known and sure < _TELLING_LIKENESS):
                continue
            if _alike(typed[row], self._spellings[column]):
                found.append((first, last, self._whole[column], sure))
        return found

    def _around_right_words(self, words: list[Token]) -> list[Span]:
        """Where all words of a name but one are right, and the one is a word too: "princes
        bride"."""
        found: list[Span] = []
        for at, word in enumerate(words):
            for key in self._holding.get(word.norm, ()):
                first = at - key.index(word.norm)
                last = first + len(key)
                if first < 0 or last > len(words):
                    continue
                wrong = [
                    (mine.norm, theirs)
                    for mine, theirs in zip(words[first:last], key, strict=True)
                    if mine.norm != theirs
                ]
                if len(wrong) == 1 and _slip(*wrong[0]):
                    found.append((first, last, key, 1 - 1 / len(" ".join(key))))
        return sorted(found, key=lambda span: -span[3])


def _slip(typed: str, word: str) -> bool:
    """Whether one word may be the other misspelt."""
    allowed = 2 if len(word) >= _TWO_SLIPS else 1
    short = min(len(typed), len(word)) < _SHORT
    return not short and _begin_alike(typed, word) and OSA.distance(typed, word) <= allowed


def _begin_alike(typed: str, word: str) -> bool:
    """Nobody slips in the first letter ("forgiven" is no slip for "Unforgiven"), but for taking it
    second."""
    return typed[:1] == word[:1] or typed[:2] == word[1::-1]


def _alike(typed: str, title: str) -> bool:
    """One slip in five letters, of which one may be missing, two in eight, and a third only in long
    titles."""
    if " " not in typed and not _begin_alike(typed, title):
        return False
    shorter, longer = sorted((len(typed), len(title)))
    if shorter < _SHORT or longer <= _SHORT:
        return False
    allowed = 1 if shorter < 8 else 2 if shorter < 14 else 3
    return int(OSA.distance(typed, title)) <= allowed
