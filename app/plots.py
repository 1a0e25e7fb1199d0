"""Films that a message describes instead of naming: "that one with the shark"."""

from __future__ import annotations

import re
from collections import defaultdict
from math import log

import numpy as np
from numpy.typing import NDArray

from app.names import HALF
from app.titles import Mention
from app.words import COMMON, normal, stem
from data.catalogue import Catalogue

_FILM = r"(?:one|1|film|movie|moive|movei)"
_TOLD = re.compile(
    rf"\b(?:what(?:['’]?s| is| was)? that {_FILM}\b|"
    rf"(?:(?:that|this|the)(?: (?!\w+st\b)\w+)? {_FILM}|there(?:['’]s| is| was) (?:a|this|one|that)"
    r"(?: \w+)?)\b[^.!?,]{0,40}?,? ?\b(?:with|w|about|where|were|in which|when|who)\b)",
    re.IGNORECASE,
)
_BRIEFLY = re.compile(
    rf"\b(?:that|the) {_FILM} (?:with|w|about) (?:the |a |an |all the )?([^.!?;,]+)", re.IGNORECASE
)
_DESCRIPTION = 400  # characters read after such an opening
_ENOUGH = 9.0  # nats of telling words that must be shared
_TELLING = 2  # words that must be shared
_AHEAD = 1.9  # nats, popularity counted in, that the next film must be behind
_FEW_WORDS = 2
_FEW_FILMS = 6
_KNOWN, _WELL_KNOWN = 0.5, 0.8  # shares of films chosen less often than one told at length, briefly


class PlotIndex:
    """The words of every synopsis, by how telling they are.

    Args:
        popularity: (n_items,) how often each film was chosen; the better known film is meant.
    """

    def __init__(self, catalogue: Catalogue, popularity: NDArray[np.float32]) -> None:
        self._catalogue = catalogue
        self._popularity = popularity
        self._known, self._well_known = np.quantile(popularity, (_KNOWN, _WELL_KNOWN)).tolist()
        self._films: dict[str, set[int]] = defaultdict(set)
        self._tagged: dict[str, set[int]] = defaultdict(set)
        for index, item in enumerate(catalogue):
            for held, text in ((self._films, item.synopsis), (self._tagged, " ".join(item.tags))):
                for word in normal(text):
                    if word not in COMMON:
                        held[stem(word)].add(index)
        for word, films in self._tagged.items():
            self._films[word] |= films

    def find(self, text: str) -> Mention | None:
        """The film that `text` describes, where it does; None when several fit as well."""
        brief = _BRIEFLY.search(text)
        if brief is not None and (film := self._by_few_words(brief[1])) is not None:
            return Mention(film, *brief.span(), HALF)
        told = _TOLD.search(text)
        # "Incognito, the one about the forger": the film is named already.
        if told is None or "_" in re.split(r"[.!?]", text[: told.start()])[-1]:
            return None
        film = self._by_many_words(text[told.start() : told.start() + _DESCRIPTION])
        return None if film is None else Mention(film, *told.span(), HALF)

    def _by_many_words(self, description: str) -> int | None:
        scores: dict[int, float] = defaultdict(float)
        shared: dict[int, int] = defaultdict(int)
        for word in _content(description):
            films = self._films.get(word, set())
            for film in films:
                scores[film] += log(len(self._catalogue) / len(films))
                shared[film] += 1
        if not scores:
            return None

        def likely(film: int) -> float:
            return scores[film] + log(1 + float(self._popularity[film]))

        best = max(scores, key=lambda film: (likely(film), -film))
        same = self._catalogue.with_twins([best])
        second = max((likely(film) for film in scores if film not in same), default=0.0)
        sure = scores[best] >= _ENOUGH and shared[best] >= _TELLING
        ahead = likely(best) >= second + _AHEAD and self._popularity[best] >= self._known
        return best if sure and ahead else None

    def _by_few_words(self, description: str) -> int | None:
        """The best known of the few films that hold every word: "with the shark"."""
        words = _content(description)
        if not 0 < len(words) <= _FEW_WORDS:
            return None
        tagged = set.intersection(*(self._tagged.get(word, set()) for word in words))
        films = tagged or set.intersection(*(self._films.get(word, set()) for word in words))
        if not 0 < len(films) <= _FEW_FILMS:
            return None
        best = max(films, key=lambda film: float(self._popularity[film]))
        return best if self._popularity[best] >= self._well_known else None


def _content(text: str) -> set[str]:
    return {stem(word) for word in normal(text) if word not in COMMON}
