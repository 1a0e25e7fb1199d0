"""Films named in a message: exact, without article, in part, or misspelt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.misspelt import Misspelt
from app.names import BARE, FULL, Key, Names
from app.naming import Place, Span, is_name, properly_cased, same_list
from app.words import CALENDAR, COMMON, NATIONS, Token, normal, tokens
from data.catalogue import Catalogue

_TELLING_WORD = 4  # letters
_YEAR = re.compile(r"\s*,?\s*(?:from |of )?\(?((?:18|19|20)\d\d)\b\)?")
_YEAR_BEFORE = re.compile(r"\b((?:18|19|20)\d\d) (?:version of )?$")
_APART = re.compile(r"[,.;:!?]")  # in "Scream, Three Colors: Blue" no third Scream is meant
_PART = re.compile(r"(part )?([2-9])\b(?! (?:times|hours|hrs|nights|days|of|more|films|movies))")
_ORDINALS = {"second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "original": 1}
_VERSION = re.compile(
    r"\b(?:the|that) ((?:18|19|20)\d\d) (?:one|1|version|film|movie|remake|original)\b",
    re.IGNORECASE,
)
_SMALL = {"a", "an", "the", "of", "and", "or", "in", "on", "at", "to", "for", "by", "with", "from"}
"""Words without a capital in Title Case."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A film named at `text[start:end]`; `score` in 0..1 says how sure the link is."""

    item: int
    start: int
    end: int
    score: float


class TitleIndex:
    """All names of a catalogue's films, found in running text.

    A name that is also ordinary English ("Heat", "The Game") counts only where the message
    treats it as a name: quoted, capitalised, after a verb such as "loved", or standing alone.

    Args:
        popularity: (n_items,) how often each film was chosen; settles names shared by films.
    """

    def __init__(self, catalogue: Catalogue, popularity: NDArray[np.float32]) -> None:
        self._catalogue = catalogue
        self.popularity = popularity
        self._names = Names(catalogue)
        self._longest = max(map(len, self._names.films), default=0)
        self._whole = [k for k, held in self._names.films.items() if max(held.values()) >= BARE]
        self._misspelt = Misspelt(self._names, self._whole)
        self._bare_titles = [bare(normal(item.title)) for item in catalogue]

    def find(self, text: str) -> list[Mention]:
        """Films named in `text`, in order of place, never overlapping."""
        words = tokens(text)
        spans = self._exact(words)
        for first, last, key, sure in self._misspelt(words):
            inside = [s for s in spans if s[0] < last and first < s[1]]
            if any(self._only_longer(words, first, last, s) for s in inside):
                continue  # "is reservoir dogs"
            # A misspelt longer name ("dead man walkng") outdoes the shorter one inside it.
            if all(first <= s[0] and s[1] <= last and last - first > s[1] - s[0] for s in inside):
                spans = [s for s in spans if s not in inside] + [(first, last, key, sure)]
        spans.sort()
        named: set[int] = set()
        # Two rounds, so that in a list of films one that is sure carries its neighbours.
        for _ in range(2):
            for at, (first, last, key, _sure) in enumerate(spans):
                listed = any(
                    0 <= other < len(spans)
                    and (other in named or self._choice(text, words, spans, at, other))
                    and same_list(
                        text, words, spans[min(at, other)], spans[max(at, other)], spans[at]
                    )
                    for other in (at - 1, at + 1)
                )
                if is_name(Place(text, words, first, last), key, self._names, listed=listed):
                    named.add(at)
        named = {at for at in named if not self._goes_on(text, words, spans, at)}
        return [self._mention(text, words, *spans[at]) for at in sorted(named)]

    def _goes_on(self, text: str, words: list[Token], spans: list[Span], at: int) -> bool:
        """Whether a name is the head of one that no film here has: "The Piano Teacher"."""
        last = spans[at][1]
        part = max(self._names.films[spans[at][2]].values()) < BARE
        capitals = part and not text.isupper() and words[spans[at][0]].capital
        if last >= len(words) or not (properly_cased(text) or capitals):
            return False
        after = words[last]
        gap = text[words[last - 1].end : after.start]
        known = any(first <= last < end for first, end, _, _ in spans)
        # A capital says nothing of an ordinary word in Title Case Throughout.
        lower = any(not word.capital and word.norm not in _SMALL for word in words)
        plain = () if lower else self._names.plain
        ordinary = (COMMON, CALENDAR, self._names.people, plain, NATIONS)
        goes_on = gap == " " and after.capital and not known and not after.norm.isdigit()
        return goes_on and all(after.norm not in held for held in ordinary)

    @staticmethod
    def _only_longer(words: list[Token], first: int, last: int, inside: Span) -> bool:
        """Whether a misspelt name has but small words more than an exact one inside it."""
        more = [*words[first : inside[0]], *words[inside[1] : last]]
        exact = inside[3] == 1.0 and first <= inside[0] and inside[1] <= last
        return exact and all(word.norm in COMMON for word in more)

    @property
    def names(self) -> Names:
        """The names of the films, and the words around them."""
        return self._names

    def versions(self, text: str, known: list[Mention], films: list[int]) -> list[Mention]:
        """Films of the same name as one of `films`, meant by year: "the 1995 one"."""
        match = _VERSION.search(text)
        if match is None or known:
            return []
        for film in films:
            for key in self._names.of_film(film):
                for other in self._names.films[key]:
                    if self._catalogue[other].year == int(match[1]):
                        return [Mention(other, *match.span(), FULL)]
        return []

    def shown(self, text: str, known: list[Mention], films: Sequence[int]) -> list[Mention]:
        """Of the films just shown those that a telling word of their title names, or all of it:
        "why shawshank?", "the mask sounds good"."""
        said = tokens(text)
        whole: list[Mention] = []
        for film in films:
            title = normal(self._catalogue[film].title)
            for at in range(len(said) - len(title) + 1 if len(title) > 1 else 0):
                if tuple(word.norm for word in said[at : at + len(title)]) == title:
                    start, end = said[at].start, said[at + len(title) - 1].end
                    if not any(m.start < end and start < m.end for m in known):
                        whole.append(Mention(film, start, end, FULL))
        known = [*known, *whole]
        words = [{*normal(self._catalogue[film].title)} for film in films]
        # "English language only" is about no English patient.
        ordinary = (COMMON, self._names.plain, self._names.people, NATIONS)
        found: list[Mention] = []
        for word in said:
            telling = len(word.norm) >= _TELLING_WORD
            telling = telling and not any(word.norm in held for held in ordinary)
            meant = [film for film, title in zip(films, words, strict=True) if word.norm in title]
            taken = any(m.start < word.end and word.start < m.end for m in [*known, *found])
            if telling and len(meant) == 1 and not taken:
                found.append(Mention(meant[0], word.start, word.end, FULL))
        return [*whole, *found]

    def _key_at(self, span: list[Token]) -> Key | None:
        key = tuple(word.norm for word in span)
        if span[-1].possessive and (bare := (*key[:-1], key[-1][:-1])) in self._names.films:
            return bare
        return key if key in self._names.films else None

    def _exact(self, words: list[Token]) -> list[Span]:
        """The longest names that occur, wherever they do."""
        spans: list[Span] = []
        for size in range(min(self._longest, len(words)), 0, -1):
            for first in range(len(words) - size + 1):
                last = first + size
                if any(s[0] < last and first < s[1] for s in spans):
                    continue
                key = self._key_at(words[first:last])
                if key is not None:
                    spans.append((first, last, key, 1.0))
        return spans

    def _choice(
        self, text: str, words: list[Token], spans: list[Span], at: int, other: int
    ) -> bool:
        """Whether two whole titles are put up for choice: "platoon or the shining?"."""
        left, right = sorted((spans[at], spans[other]))
        gap = text[words[left[1] - 1].end : words[right[0]].start].strip()
        asked = re.match(r"\s*(?:\?|,? (?:which|wich))", text[words[right[1] - 1].end :])
        whole = all(max(self._names.films[key].values()) >= BARE for _, _, key, _ in (left, right))
        return gap == "or" and asked is not None and whole

    def _mention(
        self, text: str, words: list[Token], first: int, last: int, key: Key, sure: float
    ) -> Mention:
        # "Sabrina (1995)", "sabrina from 1995", "the 1995 Sabrina"
        year = _YEAR.match(text, words[last - 1].end)
        before = _YEAR_BEFORE.search(text[: words[first].start])
        wanted = year or before
        item = self.choose(key, int(wanted[1]) if wanted else None)
        strength = self._names.films[key][item]
        start, end = words[first].start, words[last - 1].end
        if year and self._catalogue[item].year == int(year[1]):
            end = year.end()
        elif before and self._catalogue[item].year == int(before[1]):
            start = before.start(1)
        if key[-1].isdigit():
            return Mention(item, start, end, sure * strength)
        # "godfather 2", "terminator part ii", "the second alien"
        apart = last < len(words) and _APART.search(text, end, words[last].start)
        number = None if apart else _PART.match(" ".join(w.norm for w in words[last : last + 2]))
        if number and (part := self._part(item, key, int(number[2]))) is not None:
            count = 2 if number[1] else 1
            return Mention(part, start, words[last + count - 1].end, sure * strength)
        previous = words[first - 1].norm if first else ""
        if previous in _ORDINALS:
            part = self._part(item, key, _ORDINALS[previous])
            if part is not None:
                return Mention(part, words[first - 1].start, end, sure * strength)
        return Mention(item, start, end, sure * strength)

    def _part(self, item: int, key: Key, number: int) -> int | None:
        """The film of that number among those whose titles begin with the name; None for none."""
        name = bare(key)
        series: list[tuple[int, int]] = []
        for index, words in enumerate(self._bare_titles):
            head = words[: len(name)]
            if head == name or (head[:-1] == name[:-1] and head[-1:] == (name[-1] + "s",)):
                if index != item and words[len(name) : len(name) + 1] == (str(number),):
                    return index
                if min(self._catalogue.with_twins([index])) == index:
                    series.append((self._catalogue[index].year or 0, index))
        series.sort()
        own = self._catalogue.with_twins([item])
        if len(series) < number or own.isdisjoint(index for _, index in series):
            return None
        return series[number - 1][1]

    def choose(self, key: Key, year: int | None) -> int:
        """Of films that share a name: the one of that year, the nearest name, the popular one."""
        held = self._names.films[key]

        def merit(index: int) -> tuple[bool, float, float]:
            same_year = year is not None and self._catalogue[index].year == year
            return same_year, held[index], float(self.popularity[index])

        return max(held, key=merit)


def bare(key: Key) -> Key:
    """A name without its article."""
    return key[1:] if len(key) > 1 and key[0] in {"the", "a", "an"} else key
