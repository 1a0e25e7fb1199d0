"""Which of a message's films are liked, disliked or seen, by the words around them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache

from app.words import (
    DISLIKE_ADJECTIVES,
    DISLIKE_CUES,
    DISLIKE_PHRASES,
    LIKE_CUES,
    LIKE_PHRASES,
    MOVING,
    SEEN_PHRASES,
    tokens,
)

_SENTENCES = re.compile(r"[.!?;\n]+(?=\s|$)|[.!?]{2,}")
_TURNS = re.compile(r"\b(?:but|whereas|though|although|however|while|yet)\b|[,;:–—]", re.IGNORECASE)
_JOINED = re.compile(r"\s*(?:[,/+&]|and|n|or|nor|,\s*(?:and|n|or))\s*(?:the\s+)?", re.IGNORECASE)
_NOT_BEFORE = re.compile(
    r"\b(?:not|no|stop (?:showing|recommending|suggesting|giving)(?: (?:me|us))?|nothin[g']?|never|"
    r"anything but|except|without|skip|avoid|remove|"
    r"exclude|ditch|drop|leave out|take out|(?:smarter|better|kinder) than|"
    r"(?<!older )(?<!newer )(?<!recent )(?<!earlier )(?<!later )than|isn['’]?t|ain['’]?t|"
    r"aint|dont|don['’]t|won['’]?t find)\s+"
    r"(?:(?:[\w'’]+ ){0,3}(?:like|as) )?(?:another |anoter |the )?(?:\w+ from )?$",
    re.IGNORECASE,
)
_OR = re.compile(r"\b(?:or|nor)\b", re.IGNORECASE)
_COMMA_OR = re.compile(r"\s*(?:,|,?\s*\b(?:or|nor)\b)\s*(?:the\s+)?", re.IGNORECASE)
_VERY = r"(?:a|so|too|just|all|pure|sheer|the|bit|very|merely|both|rather|really|quite|it|that)"
_IS = re.compile(
    rf"(?:\b(?:was|is|were|are|so|found|just|all|bit)(?: {_VERY}){{0,3}}|"
    rf"\b(?:found|find|thought|think)[\W_]+(?:{_VERY} )*)\s*$",  # a title is blanked by _
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:how|(?:do|did|would|will) (?:you|u|i|we|they|he|she|people|viewers|others|everyone|"
    r"most \w+|many \w+)|"
    r"(?:is|was|are|were|isn['’]?t) (?:it|that|this|they|_+)(?: any| really| very| actually)?)\s+$",
    re.IGNORECASE,
)
_ILL = -1.5  # of VADER's -4 to 4
_OPPOSITE = re.compile(r"\bop+osite\b", re.IGNORECASE)
_TURN = 25  # characters that a comma or a "but" between a film and a word of feeling counts for
_REACH = 75  # farther words of feeling are about something else
_LIST = 60  # characters over which "seen" reaches


_Cue = tuple[int, int, int]  # start, end, 1 for liking and -1 for disliking


@dataclass(frozen=True, slots=True)
class Place:
    """A film meant by `text[start:end]`: by title, or by words such as "the second one"."""

    item: int
    start: int
    end: int
    named: bool


@dataclass(frozen=True, slots=True)
class Feelings:
    """Item indices; `neutral` are films named with no word about them."""

    liked: tuple[int, ...]
    disliked: tuple[int, ...]
    seen: tuple[int, ...]
    neutral: tuple[int, ...]

    def films(self) -> tuple[int, ...]:
        """All of them, whatever is said."""
        return tuple(dict.fromkeys([*self.liked, *self.disliked, *self.seen, *self.neutral]))

    def but_for(self, films: Sequence[int]) -> Feelings:
        """With nothing felt about these."""

        def rest(held: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(film for film in held if film not in films)

        neutral = tuple(dict.fromkeys([*self.neutral, *(f for f in self.films() if f in films)]))
        return Feelings(rest(self.liked), rest(self.disliked), rest(self.seen), neutral)

    def without_ill_of(self, films: Sequence[int]) -> Feelings:
        """With nothing said against these: "something like Blade Runner but not too dark"."""
        spared = tuple(film for film in self.disliked if film in films)
        disliked = tuple(film for film in self.disliked if film not in films)
        return replace(self, disliked=disliked, neutral=(*self.neutral, *spared))


def refused(before: str) -> bool:
    """Whether the words before a film say that it is not wanted: "nothing like", "skip"."""
    return _NOT_BEFORE.search(before) is not None


def feelings(text: str, places: Sequence[Place]) -> Feelings:
    """What `text`, its titles blanked, says of the films at `places`.

    Every word of feeling belongs to the film nearest to it in its sentence, and to those that
    stand in one list with that film.
    """
    sentences = _Sentences(text)
    signs: dict[int, _Cue] = {}
    for cue in sorted(_cues(text)):
        cue_start, cue_end, _ = cue
        inside = [
            (sentences.distance(place, cue_start, cue_end), at)
            for at, place in enumerate(places)
            if sentences.same(place.start, cue_start)
        ]
        distance, at = min(inside, default=(_REACH, -1))
        if distance < _REACH:
            for other in _list_with(text, places, at):
                held = signs.get(other)
                # What is said after the film counts more than what came before, and the last
                # word most: "everybody loves Heat, I was bored".
                if held is None or cue_start > places[other].start:
                    signs[other] = cue
                elif held[0] < places[other].start:
                    signs[other] = max(held, cue)
    watched = [match.span() for match in SEEN_PHRASES.finditer(text)]
    unwanted = _refused(text, places, {*signs})
    liked: list[int] = []
    disliked: list[int] = []
    seen: list[int] = []
    neutral: list[int] = []
    for at, place in enumerate(places):
        start, end, sign = signs.get(at, (0, 0, 0))
        was_seen = any(
            sentences.same(place.start, start) and sentences.distance(place, start, end) < _LIST
            for start, end in watched
        )
        # "Not Fargo, I have seen it" says nothing against it.
        if not was_seen and at in unwanted:
            sign = -1
        if not place.named and not was_seen and sign < 0 and not _FIRM.search(text[start:end]):
            sign = 0
        if was_seen and not (place.named and sign):
            seen.append(place.item)
        if sign > 0:
            liked.append(place.item)
        elif sign < 0:
            disliked.append(place.item)
        elif not was_seen and place.named:
            neutral.append(place.item)
    if neutral and _OPPOSITE.search(text) and not liked and not disliked:
        disliked, neutral = neutral, []
    return Feelings(tuple(liked), tuple(disliked), tuple(seen), tuple(neutral))


_FIRM = re.compile(
    r"\b(?:hated?|hates|dislike[sd]?|loathed?|detest\w*|bored|boring|dull|awful|terrible|"
    r"(?:did|do)(?:n['’]?t| not) (?:really )?(?:like|care|work)|rubbish|trash)\b",
    re.IGNORECASE,
)
"""Of a film shown, "too grim" asks for another one; only such words say that it was disliked."""


class _Sentences:
    """The sentences and turns of a text."""

    def __init__(self, text: str) -> None:
        self._ends = [match.end() for match in _SENTENCES.finditer(text)]
        self._turns = [match.start() for match in _TURNS.finditer(text)]

    def same(self, one: int, other: int) -> bool:
        """Whether two characters stand in one sentence."""
        low, high = min(one, other), max(one, other)
        return not any(low < end <= high for end in self._ends)

    def distance(self, place: Place, start: int, end: int) -> int:
        """Characters between a film and a word, with every turn between them counted extra."""
        low, high = (end, place.start) if end <= place.start else (place.end, start)
        return max(0, high - low) + _TURN * sum(low <= turn < high for turn in self._turns)


def _cues(text: str) -> list[_Cue]:
    """The words of feeling."""
    bad = [match.span() for match in DISLIKE_PHRASES.finditer(text)]
    good = [match.span() for match in LIKE_PHRASES.finditer(text)]
    good = [g for g in good if not any(s < g[1] and g[0] < e for s, e in bad)]
    cues = [(start, end, -1) for start, end in bad] + [(start, end, 1) for start, end in good]
    taken = bad + good
    for word in tokens(text):
        if any(start <= word.start < end for start, end in taken):
            continue
        said_of_it = word.norm in _ill_words() and _IS.search(text[: word.start])
        if word.norm in DISLIKE_CUES or said_of_it:
            cues.append((word.start, word.end, -1))
        elif word.norm in LIKE_CUES and not _ASKED.search(text[: word.start]):
            cues.append((word.start, word.end, 1))
    return cues


@cache
def _ill_words() -> frozenset[str]:
    """Words that damn a film when they are said of it: VADER's lexicon (Hutto and Gilbert 2014),
    and what it lacks; without those that are as well said of a film one loved."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    valence: dict[str, float] = SentimentIntensityAnalyzer().lexicon
    ill = {word for word, value in valence.items() if value <= _ILL}
    return DISLIKE_ADJECTIVES | ill - MOVING


def _refused(text: str, places: Sequence[Place], felt: Collection[int]) -> set[int]:
    """The named places that are not wanted: "not Star Wars", and in "not Star Wars or Alien" the
    second one, too, if nothing else is said of it (by `felt`)."""
    order = sorted(
        (at for at, place in enumerate(places) if place.named), key=lambda at: places[at].start
    )
    unwanted: set[int] = set()
    for number, at in enumerate(order):
        nexts = itertools.pairwise(order[max(number - 1, 0) :])
        joins = [text[places[one].end : places[two].start] for one, two in nexts]
        # "Not Heat, Fargo or Alien": a comma goes on where an "or" comes.
        listed = itertools.takewhile(_COMMA_OR.fullmatch, joins)
        goes_on = any(_OR.search(join) for join in listed)
        if refused(text[: places[at].start]) or (
            number and order[number - 1] in unwanted and goes_on and at not in felt
        ):
            unwanted.add(at)
    return unwanted


def _list_with(text: str, places: Sequence[Place], at: int) -> list[int]:
    """The place and those that stand in one list with it."""
    order = sorted(range(len(places)), key=lambda index: places[index].start)
    middle = order.index(at)
    members = [at]
    for step in (-1, 1):
        here = middle
        while 0 <= here + step < len(order):
            left, right = sorted((order[here], order[here + step]), key=lambda i: places[i].start)
            if not _JOINED.fullmatch(text, places[left].end, places[right].start):
                break
            here += step
            members.append(order[here])
    return members
