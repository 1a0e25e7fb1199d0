"""A message taken apart, and what its parts mean beside each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.asking import questions
from app.constraints import Genres, Years
from app.descriptions import description
from app.feelings import Feelings, refused
from app.idioms import BEST_PICTURE
from app.intents import Intent, Signs, reacts
from app.orders import LIKEST
from app.people import People
from app.references import Reference
from app.titles import Mention
from app.unheard import UnknownTitle
from app.unknowable import PRIZES, unknowable
from app.words import AS_LIKE, normal

_FEW_WORDS = 2  # a genre in so few is all that is said
_THAN = re.compile(r"\bthan (?:the )?$", re.IGNORECASE)
_LIKE = re.compile(
    r"(?:^\W*(?:(?:ok(?:ay)?|and|so)\W+)*like|\b(?:some\w*|any\w*|smth|stuff|things?|films?|"
    r"movies?|ones?|more|another|similar|close|closer|akin|exactly|just|a lot|much|kind of) (?:\w+ "
    r")?"
    r"(?:like|to|as))\s+(?:a (?:mix|cross|blend|combination|mixture) (?:of|between) )?"
    r"(?:the )?(?:film |movie )?$",
    re.IGNORECASE,
)
"""Before a film that others are wanted to be like."""
_SUCH = re.compile(
    r"\b(?:in|of) (?:that|this|the same|a similar) (?:vein|spirit|style|line|kind|sort)\b|"
    r"\balong (?:those|these|that|the same|similar) lines?\b|"
    rf"{AS_LIKE} (?:those|these|them|that)\b|\b(?:some\w*|any\w*|ones?|films?|movies?) similar\b",
    re.IGNORECASE,
)
"""After films that others are wanted to be like: "I've seen Fargo, what else is in that vein?"."""
_BEGINS = re.compile(
    r"\W*(?:(?:ok(?:ay)?|and|so|but|hey|hm+|well|yo|lol|wait)\W+)*(?:(?:how \w+ )?"
    r"(?:is|isn['’]?t|was|wasn['’]?t|does|did|are|has|will|how['’]?s) )?"
    r"(?:(?:(?:do|would) (?:you|u) think |would |will )(?:i|we|he|she|they|my \w+)"
    r"(?:['’]\w+)?(?: would| will| might)? (?:like|enjoy|love) )?"
    r"(?:the )?",
    re.IGNORECASE,
)
"""Before the film that a question is about."""
_CHOSEN = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|so|then|yes|great|fine)\W+)*(?:let['’]?s|(?:i|we)(?:['’]?ll| will| think "
    r"i['’]?ll)|i['’]?m going to|(?:i['’]?m )?gonna) (?:watch|go (?:with|for)|take|have) (?:the )?"
    r"__+(?: (?:tonight|then|now|instead|please|tomorrow))*\W*$|"
    r"^\W*(?:ok(?:ay)?|alright|fine|great|perfect)\W+(?:the )?__+ (?:then|it is)\W*$",
    re.IGNORECASE,
)
"""Takes a film by its name: "let's watch Alien tonight"."""
_PASSED_OVER = re.compile(
    r"\b(?:never ?mind|besides|apart from|other than|aside from|forget(?: about)?|"
    r"(?:from|made|out) (?:before|after)|^\W*(?:but |and |only )?(?:before|after)|(?:older|newer|"
    r"earlier|more recent) than) (?:the )?$",
    re.IGNORECASE,
)
"""Before a film that is named and not gone by."""


@dataclass(frozen=True, slots=True)
class Found:
    """A message taken apart.

    described: the mention of a film that is told and not named; rest: the text without titles,
    genres, years and people.
    """

    signs: Signs
    mentions: tuple[Mention, ...]
    described: Mention | None
    unknown: tuple[UnknownTitle, ...]
    references: tuple[Reference, ...]
    felt: Feelings
    genres: Genres
    years: Years
    people: People
    rest: str
    avoid: str


def films_meant(
    intent: Intent,
    found: Found,
    cards: Sequence[int],
    focus: int | None,
    shown: Sequence[int],
) -> list[int]:
    """The shown films that a message is about, said or unsaid."""
    if intent in {"chitchat", "off_topic", "help"}:
        return []
    text, mentions = found.signs.text, found.mentions
    meant = [reference.item for reference in found.references]
    meant += [] if found.described is None else [found.described.item]
    if intent == "compare" and focus is not None and len(films_measured_by(text, found)) == 1:
        return meant or [focus]  # "is it better than Casablanca?"
    if intent == "compare" and len({*meant, *(m.item for m in mentions)}) < 2:
        earlier = [film for film in dict.fromkeys(reversed(shown)) if film not in cards]
        return list(cards) if len(cards) > 1 else [*earlier[:1], *cards]
    if meant or not cards:
        return meant
    if intent == "ask_about":
        elsewhere = any(
            not any(start <= m.start < end for m in mentions) for start, end in questions(text)
        )
        put = mentions and text[mentions[-1].end :].lstrip()[:1] in {"?", ":"}  # "Heat? is it good"
        if (elsewhere and not put) or not mentions:
            return [focus if focus is not None else cards[0]]
    if len(cards) > 1 or intent in {"ask_about", "compare"}:
        return []
    answers = intent in {"critique", "reset"} or reacts(text)
    return [cards[0]] if answers else []


def films_to_be_like(text: str, found: Found, talked_about: int | None) -> tuple[int, ...]:
    """The films that others are wanted to be like: "something like Heat", "more like that".

    Args:
        talked_about: the one film that the talk was of, where none was recommended.
    """
    places = [(mention.start, mention.item) for mention in found.mentions]
    for reference in found.references:  # of which "like" may be the first word
        word = re.match(r"like\s+", text[reference.start :], re.IGNORECASE)
        places.append((reference.start + (len(word[0]) if word else 0), reference.item))
    wanted = [film for at, film in places if _LIKE.search(text[:at]) and not refused(text[:at])]
    such = _SUCH.search(found.signs.text)
    if such and not refused(text[: such.start()]):
        before = [mention.item for mention in found.mentions if mention.end <= such.start()]
        wanted += [film for film in before if film not in found.felt.disliked]
        if talked_about is not None and not (wanted or found.mentions):
            wanted.append(talked_about)
    return tuple(dict.fromkeys(wanted))


def only_a_genre(found: Found) -> bool:
    """Whether a message names a genre and says nothing else: "comedy"."""
    words = len(normal(found.signs.text))
    few = words <= _FEW_WORDS and not (found.mentions or found.signs.wish)
    return bool(found.genres.wanted) and few


def films_measured_by(text: str, found: Found) -> list[int]:
    """The films that others are held against: "is Titanic better than Casablanca?"."""
    return [m.item for m in found.mentions if _THAN.search(text[: m.start])]


def films_passed_over(text: str, found: Found) -> list[int]:
    """The films that are named and not gone by: "never mind Heat", "older than Heat"."""
    return [m.item for m in found.mentions if _PASSED_OVER.search(text[: m.start])]


def film_likened(found: Found, cards: Sequence[int]) -> tuple[int | None, tuple[int, ...]]:
    """The film that one of those shown is asked to be like, and again if that says no liking of it:
    "which of these is like Heat?" does not, "I loved Heat, is any of these like it?" does."""
    asked = LIKEST.search(found.signs.text) if len(cards) > 1 else None
    others = [mention for mention in found.mentions if mention.item not in cards]
    if asked is None or len({mention.item for mention in others}) != 1:
        return None, ()
    unfelt = tuple(mention.item for mention in others if mention.start >= asked.start())
    return others[0].item, unfelt


def what_is_told(text: str, found: Found) -> tuple[str, int | None]:
    """What is told of a film, where none is named, and which one is felt about."""
    named = {mention.item for mention in found.mentions if mention is not found.described}
    if named or found.references or found.unknown:
        return "", None
    felt = {*found.felt.liked, *found.felt.disliked, *found.felt.seen}
    if found.described is not None and found.described.item in felt:
        return re.split(r"[.!?\n]", text[found.described.start :])[0], found.described.item
    if felt or (found.people.wanted and not description(found.rest)):
        return "", None  # "a film with Tom Hanks and Meg Ryan" asks for a kind
    return description(text, sure=found.described is not None), None


def what_is_unknowable(found: Found, asks: bool) -> tuple[str, ...]:
    """What no row says of all that is asked; for films to be found by, the tags tell which was
    the best picture."""
    said = unknowable(found.rest)
    best = BEST_PICTURE in found.signs.wish and not asks
    return tuple(what for what in said if not (best and what == PRIZES))


def films_chosen(found: Found) -> list[int]:
    """The films that a message takes by their names, and says no more."""
    taken = _CHOSEN.match(found.signs.text) if not found.references else None
    return [] if taken is None else [mention.item for mention in found.mentions]


def films_asked_of(found: Found) -> list[int]:
    """The films that a question begins with: "is Heat too long?"."""
    text = found.signs.text
    spans = questions(text)
    places = [(m.start, m.item) for m in found.mentions]
    places += [(r.start, r.item) for r in found.references]
    return [
        film
        for at, film in places
        if any(a <= at < b and _BEGINS.fullmatch(text, a, at) for a, b in spans)
    ]


def contradiction_of(genres: frozenset[str], low: int | None, high: int | None) -> str:
    if genres:
        genre = min(genres)
        return f"{genre} and no {genre}"
    if low is not None and high is not None and low > high:
        return f"{low} or later and {high} or earlier"
    return ""
