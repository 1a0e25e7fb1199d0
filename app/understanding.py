"""What a message says: films, feelings about them, genres, years, references, and what it wants.

Deterministic and a few milliseconds a message: rules over the linked titles, no model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.constraints import Span, stated_genres, stated_years
from app.intents import Signs, intent_of
from app.people import PeopleIndex
from app.references import referred
from app.titles import TitleIndex, UnknownTitle
from app.wishes import comparison_in_time, wish_of
from app.words import DISLIKE_CUES, DISLIKE_PHRASES, LIKE_CUES, SEEN_PHRASES, tokens
from data.catalogue import Catalogue

Intent = Literal[
    "recommend", "critique", "more", "ask_about", "compare", "feedback",
    "chitchat", "off_topic", "reset", "help", "empty",
]  # fmt: skip

MAX_CHARACTERS = 2_000

_SENTENCES = re.compile(r"[.!?;\n]+(?=\s|$)|[.!?]{2,}")
_TURNS = re.compile(r"\b(?:but|whereas|though|although|however|while|yet)\b|[,;:–—]", re.IGNORECASE)
_NOT_BEFORE = re.compile(
    r"\b(?:not|no|nothin[g']?|never|anything but|except|skip|avoid|smarter than|better than|"
    r"than)\s+"
    r"(?:(?:\w+ ){0,3}like )?(?:the )?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Understanding:
    """One message, understood.

    liked, disliked, seen, named, refers_to: item indices; `named` are all films named by title,
    `refers_to` the shown films meant by words such as "the second one".
    genres_in, genres_out, year_min, year_max: what this message states; years are inclusive.
    newer: True for "something newer", False for "something older", else None.
    people, people_out: directors and actors wanted and not wanted, as the catalogue spells them.
    unknown: titles the catalogue does not hold.
    wish, avoid: what is wanted and what is not, in free text; "" for nothing.
    too_long: only the first MAX_CHARACTERS were read.
    contradiction: what no film can be at once, in words.
    foreign: most of its words are in no text of the catalogue.
    """

    intent: Intent
    liked: tuple[int, ...] = ()
    disliked: tuple[int, ...] = ()
    seen: tuple[int, ...] = ()
    named: tuple[int, ...] = ()
    refers_to: tuple[int, ...] = ()
    genres_in: frozenset[str] = frozenset()
    genres_out: frozenset[str] = frozenset()
    year_min: int | None = None
    year_max: int | None = None
    newer: bool | None = None
    people: tuple[str, ...] = ()
    people_out: tuple[str, ...] = ()
    unknown: tuple[UnknownTitle, ...] = ()
    wish: str = ""
    avoid: str = ""
    too_long: bool = False
    contradiction: str = ""
    foreign: bool = False


class Reader:
    """Reads messages about the films of one catalogue."""

    def __init__(self, catalogue: Catalogue, titles: TitleIndex) -> None:
        self._catalogue = catalogue
        self._titles = titles
        self._people = PeopleIndex(catalogue)

    def read(
        self, message: str, cards: Sequence[int] = (), focus: int | None = None
    ) -> Understanding:
        """Understand `message`.

        Args:
            cards: films shown by the last answer, in order.
            focus: the film the conversation was last about, if any.
        """
        too_long = len(message) > MAX_CHARACTERS
        text = message[:MAX_CHARACTERS].strip()
        if not any(character.isalnum() for character in text):
            return Understanding("empty", too_long=too_long)
        mentions = self._titles.find(text)
        unknown = self._titles.unknown(text, mentions)
        taken = [(m.start, m.end) for m in mentions] + [(u.start, u.end) for u in unknown]
        masked = _mask(text, taken)
        genres_in, genres_out, genre_spans = stated_genres(masked)
        year_min, year_max, year_spans = stated_years(masked)
        people, people_out, people_spans = self._people.wanted(masked)
        references = referred(masked, list(cards), focus, self._catalogue)
        if mentions and all(reference.loose for reference in references) and "?" not in text:
            references = []  # "it" then means the film just named
        places = [(m.item, m.start, m.end) for m in mentions]
        places += [(r.item, r.start, r.end) for r in references if not r.loose]
        liked, disliked, seen, neutral = _feelings(masked, places)
        rest = _mask(masked, [*genre_spans, *year_spans, *people_spans])
        wish, avoid = wish_of(rest)
        intent = intent_of(
            Signs(
                text=masked,
                cards=len(cards),
                named=len({m.item for m in mentions}),
                referred=len({r.item for r in references if not r.loose}),
                pointed=bool(references),
                felt=bool(liked or disliked or seen),
                constrained=bool(
                    genres_in or genres_out or year_min or year_max or people or people_out
                ),
                unknown=bool(unknown),
                wish=wish,
            )
        )
        asks = intent in {"ask_about", "compare"}
        meant = [r.item for r in references]
        if not meant and len(cards) == 1 and _about_the_last(intent, bool(mentions)):
            meant = [cards[0]]
        named = tuple(dict.fromkeys(m.item for m in mentions))
        if not asks:
            # A film named with no word about it is taken as one to go by: "fargo. heat. jaws".
            liked = [*liked, *(item for item in neutral if item in named)]
        return Understanding(
            intent=intent,
            liked=tuple(i for i in dict.fromkeys(liked) if i not in disliked),
            disliked=tuple(dict.fromkeys(disliked)),
            seen=tuple(dict.fromkeys(seen)),
            named=named,
            refers_to=tuple(dict.fromkeys(meant)),
            genres_in=frozenset() if asks else genres_in - genres_out,
            genres_out=genres_out,
            year_min=None if asks else year_min,
            year_max=None if asks else year_max,
            newer=comparison_in_time(rest),
            people=people,
            people_out=people_out,
            unknown=tuple(unknown),
            wish=wish,
            avoid=avoid,
            too_long=too_long,
            contradiction=_contradiction(genres_in & genres_out, year_min, year_max),
            foreign=self._titles.foreign(masked),
        )


def _about_the_last(intent: Intent, named: bool) -> bool:
    """Whether a message that points at nothing answers the one film shown last: "slower please"."""
    if intent in {"chitchat", "off_topic", "help", "reset"}:
        return False
    return not (named and intent in {"ask_about", "compare"})


def _contradiction(genres: frozenset[str], low: int | None, high: int | None) -> str:
    if genres:
        genre = min(genres)
        return f"{genre} and no {genre}"
    if low is not None and high is not None and low > high:
        return f"{low} or later and {high} or earlier"
    return ""


def _mask(text: str, spans: Sequence[Span]) -> str:
    """`text` with the spans blanked out by underscores; every place stays where it was."""
    for start, end in spans:
        text = text[:start] + "_" * (end - start) + text[end:]
    return text


def _feelings(
    text: str, places: list[tuple[int, int, int]]
) -> tuple[list[int], list[int], list[int], list[int]]:
    """(liked, disliked, seen, no word about it) of films at `places` (item, start, end)."""
    ends = [match.end() for match in _SENTENCES.finditer(text)]
    turns = [match.start() for match in _TURNS.finditer(text)]
    bad = [match.span() for match in DISLIKE_PHRASES.finditer(text)]
    cues: list[tuple[int, int, int]] = [(start, end, -1) for start, end in bad]
    for word in tokens(text):
        if any(start <= word.start < end for start, end in bad):
            continue
        if word.norm in DISLIKE_CUES:
            cues.append((word.start, word.end, -1))
        elif word.norm in LIKE_CUES:
            cues.append((word.start, word.end, 1))
    watched = [match.span() for match in SEEN_PHRASES.finditer(text)]
    liked: list[int] = []
    disliked: list[int] = []
    seen: list[int] = []
    neutral: list[int] = []
    for item, start, end in places:
        first = max((e for e in ends if e <= start), default=0)
        last = min((e for e in ends if e > start), default=len(text))

        def distance(cue_start: int, cue_end: int, at: int = start, to: int = end) -> int:
            low, high = sorted((cue_end, at)) if cue_end <= at else sorted((to, cue_start))
            return high - low + 25 * sum(low <= turn < high for turn in turns)

        near = [
            (distance(cue_start, cue_end), sign)
            for cue_start, cue_end, sign in cues
            if first <= cue_start < last
        ]
        if _NOT_BEFORE.search(text[:start]):
            near = [(0, -1)]
        sign = min(near, default=(0, 0))[1]
        if any(first <= s < last and distance(s, e) < 40 for s, e in watched):
            seen.append(item)
        if sign > 0:
            liked.append(item)
        elif sign < 0:
            disliked.append(item)
        elif item not in seen:
            neutral.append(item)
    return liked, disliked, seen, neutral
