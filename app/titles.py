"""Films named in a message: exact, without article, in part, or misspelt."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from app.names import BARE, Key, Names
from app.words import ARTICLES, CALENDAR, COMMON, FUNCTION, Token, normal, tokens, word_set
from data.catalogue import Catalogue

_WINDOW = 6  # words in the longest run compared with misspelt titles
_NAMING = word_set("""
    love loved luv luvd lovd like liked likes liek loves enjoy enjoyed adore adored saw seen
    watch watched rewatched finish finished hate hated dislike disliked than as about called
    admire admired recommend prefer preferred either luved rewatching watching not during
    through by of is fw liking luving
    """)
_FOLLOWING = word_set("""
    and or but too so when because twice again yesterday recently lately last is was were had
    are isnt wasnt has made left got as though while whereas kind style vibes rules rocks slaps
    r both all by which who just never really also then wrecked bored for if with at go goes
    hits hit did didnt instead tho 2 type
    """)
_VERDICT = word_set("""
    is was still always never ruined made left had has did drove wrecked slaps hits goes bored
    isnt wasnt didnt wore won
    """)
_OPENERS = word_set("yo hey hi hello ok okay lol yes no bruh ha haha and or but")
_YEAR = re.compile(r"\s*,?\s*\(?((?:18|19|20)\d\d)\)?")
_QUOTED = re.compile(
    r"[\"“«]([^\"“”«»\n]{2,60})[\"”»]|(?<!\w)['‘]([A-Z0-9][^'‘’\n]{1,60})['’](?!\w)"
)
_CAPITALS = r"(?:[A-Z][\w'’-]*|\d+)"
_TITLE_LIKE = rf"{_CAPITALS}(?:\s+(?:(?:of|the|and|a|in|to|for|&)\s+)*{_CAPITALS})"
_PRAISED = re.compile(
    r"\b(?:loved?|liked?|likes|adored?|enjoyed?|saw|seen|watched|rewatched|hated|admired|called|"
    rf"finished)\s+(?:the (?:movie|film) )?({_TITLE_LIKE}*)|"
    # Weaker signs of a title need two capitals: "the king of France" is none.
    r"\b(?:have|is|of|lent me|to|about|through|among)\s+"
    rf"((?:The\s+)?{_TITLE_LIKE}+)"
)
_LIST_GAP = re.compile(r"\s*(?:[,/+]|and|n|&|or|,\s*(?:and|n|then|or)|then)\s*")
_OF_FILMS = re.compile(r"\s+(?:films?|movies?|cinema|comed|stuff|music|type)")

Span = tuple[int, int, Key, float]  # first word, one past the last, name, how sure in 0..1


@dataclass(frozen=True, slots=True)
class Mention:
    """A film named at `text[start:end]`; `score` in 0..1 says how sure the link is."""

    item: int
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class UnknownTitle:
    """Words used as a title that is no film of the catalogue, and the film spelt most like it."""

    text: str
    start: int
    end: int
    nearest: int | None


class TitleIndex:
    """All names of a catalogue's films, found in running text.

    A name that is also ordinary English ("Heat", "The Game") counts only where the message
    treats it as a name: quoted, capitalised, after a verb such as "loved", or standing alone.

    Args:
        popularity: (n_items,) how often each film was chosen; settles names shared by films.
    """

    def __init__(self, catalogue: Catalogue, popularity: NDArray[np.float32]) -> None:
        self._catalogue = catalogue
        self._popularity = popularity
        self._names = Names(catalogue)
        self._longest = max(map(len, self._names.films), default=0)
        self._whole = [k for k, held in self._names.films.items() if max(held.values()) >= BARE]
        self._spellings = [" ".join(key) for key in self._whole]

    def find(self, text: str) -> list[Mention]:
        """Films named in `text`, in order of place, never overlapping."""
        words = tokens(text)
        spans = self._exact(words)
        for first, last, key, sure in self._misspelt(words):
            inside = [s for s in spans if s[0] < last and first < s[1]]
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
                    and other in named
                    and self._same_list(text, words, spans[min(at, other)], spans[max(at, other)])
                    for other in (at - 1, at + 1)
                )
                if self._is_name(text, words, first, last, key, listed):
                    named.add(at)
        return [self._mention(text, words, *spans[at]) for at in sorted(named)]

    def unknown(self, text: str, known: list[Mention]) -> list[UnknownTitle]:
        """Titles quoted or praised in `text` that the catalogue does not hold."""
        spans = [m.span(m.lastindex or 0) for m in _QUOTED.finditer(text)]
        if _properly_cased(text):
            spans += [m.span(m.lastindex or 0) for m in _PRAISED.finditer(text)]
        result: list[UnknownTitle] = []
        ordinary = COMMON | self._names.people | CALENDAR
        for start, end in spans:
            name = text[start:end].strip(" .,!?")
            inside = normal(name)
            taken = [(m.start, m.end) for m in known] + [(u.start, u.end) for u in result]
            if any(low < end and start < high for low, high in taken):
                continue
            if not inside or all(word in ordinary for word in inside):
                continue
            if _OF_FILMS.match(text, end):
                continue
            result.append(UnknownTitle(name, start, end, self.nearest(name)))
        return result

    def nearest(self, name: str) -> int | None:
        """The film whose title is spelt most like `name`, or None when none is at all alike."""
        match = process.extractOne(
            " ".join(normal(name)), self._spellings, scorer=fuzz.ratio, score_cutoff=60
        )
        return None if match is None else self._choose(self._whole[match[2]], None)

    def foreign(self, text: str) -> bool:
        """Whether most words of `text` are in no text of the catalogue."""
        words = [w.norm for w in tokens(text) if not w.norm.isdigit()]
        if sum(c.isalpha() and c > "\u024f" for c in text) > 0.5 * sum(c.isalpha() for c in text):
            return True
        strange = sum(word not in self._names.vocabulary for word in words)
        return strange >= 3 and strange > 0.75 * len(words)

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

    def _is_name(
        self, text: str, words: list[Token], first: int, last: int, key: Key, listed: bool
    ) -> bool:
        """Whether `words[first:last]` names a film here rather than just says something.

        Args:
            listed: it stands in a list next to a name that is sure.
        """
        typed = tuple(word.norm for word in words[first:last])
        content = [w for w in words[first:last] if w.norm not in COMMON]
        slip = typed != key and not words[last - 1].possessive
        if key not in self._names.ordinary and (not slip or len(content) > 1):
            return True
        before, after = text[: words[first].start], text[words[last - 1].end :]
        if re.search(r"[\"“'‘]$", before) and re.match(r"[\"”'’]", after):
            return True
        if re.match(r"\s*\((?:18|19|20)\d\d\)", after):
            return True
        raw = text[words[first].start : words[last - 1].end]
        if re.fullmatch(r"(?:\w[.*])+\w?", raw):
            return True
        opens = not before.strip() or bool(re.search(r"[.!?\n:;][\s\"'“‘(]*$", before))
        closes = not after.strip() or bool(re.match(r"\s*[,.;:!?)\n/]", after))
        cased = _properly_cased(text)
        marked = [w for w in words[first:last] if w.norm not in ARTICLES | FUNCTION]
        capital = bool(marked) and all(w.capital for w in marked)
        if cased and capital and len(marked) > 1:
            return True
        person = key[0] in CALENDAR | self._names.people or (
            last < len(words) and words[last].capital and words[last].norm in self._names.people
        )
        if cased and capital and not opens and not person and key not in self._names.proper:
            return True
        if all(word in COMMON for word in key):
            return False
        previous = words[first - 1].norm if first else ""
        follower = words[last].norm if last < len(words) else ""
        named = previous in _NAMING or listed
        ends = closes or follower in _FOLLOWING
        if person:
            return named and ends and (capital or listed or not cased)
        if cased and not capital and len(content) < 2:
            return False
        starts = opens or before.rstrip()[-1:] in {",", "/"} or previous in _OPENERS
        return (named and ends) or (starts and follower in _VERDICT) or (opens and closes)

    def _same_list(self, text: str, words: list[Token], left: Span, right: Span) -> bool:
        gap = text[words[left[1] - 1].end : words[right[0]].start]
        return bool(_LIST_GAP.fullmatch(gap))

    def _mention(
        self, text: str, words: list[Token], first: int, last: int, key: Key, sure: float
    ) -> Mention:
        year = _YEAR.match(text, words[last - 1].end)
        item = self._choose(key, int(year[1]) if year else None)
        strength = self._names.films[key][item]
        return Mention(item, words[first].start, words[last - 1].end, sure * strength)

    def _choose(self, key: Key, year: int | None) -> int:
        """Of films that share a name: the one of that year, the nearest name, the popular one."""
        held = self._names.films[key]

        def merit(index: int) -> tuple[bool, float, float]:
            same_year = year is not None and self._catalogue[index].year == year
            return same_year, held[index], float(self._popularity[index])

        return max(held, key=merit)

    def _misspelt(self, words: list[Token]) -> list[Span]:
        """Runs around words the catalogue has never seen that are spelt almost like a title."""
        odd = [len(w.norm) > 3 and w.norm not in self._names.vocabulary for w in words]
        spans = sorted(
            {
                (first, last)
                for at in range(len(words))
                if odd[at]
                for first in range(max(0, at - _WINDOW + 1), at + 1)
                for last in range(at + 1, min(len(words), first + _WINDOW) + 1)
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
            if any(s[0] < last and first < s[1] for s in found):
                continue
            if _alike(typed[row], self._spellings[column]):
                sure = float(scores[row, column]) / 100
                found.append((first, last, self._whole[column], sure))
        return found


def _alike(typed: str, title: str) -> bool:
    """One slip in five letters, two in eight, and a third only in long titles."""
    length = min(len(typed), len(title))
    allowed = 0 if length < 5 else 1 if length < 8 else 2 if length < 14 else 3
    return int(OSA.distance(typed, title)) <= allowed


def _properly_cased(text: str) -> bool:
    """Whether capitals mean anything here: neither all lower case nor all capitals."""
    letters = [c for c in text if c.isalpha()]
    capitals = sum(c.isupper() for c in letters)
    return 0 < capitals < 0.5 * len(letters)
