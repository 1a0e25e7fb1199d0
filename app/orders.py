"""In which order films are asked for: the best, the worst, the newest, the funniest of them."""

from __future__ import annotations

import re

from app.idioms import ACCLAIMED, AGE, PANNED_ONES
from app.words import ADJECTIVES, AND_THE_MOST, COMMON, OF_THEM, normal

ACCLAIM = "acclaimed"
"""Stands in a wish for films that are thought well of."""
PANNED = "panned"
"""Stands in a wish for films that are thought ill of."""
NEWEST, OLDEST = "newest", "oldest"
"""Stand in a wish for films in the order of their years."""
ORDERS = {ACCLAIM, PANNED, NEWEST, OLDEST}

_SUPERLATIVE = re.compile(
    r"\b(?:which|wich|what(?:['’]?s)?|whats)\b[^.!?]{0,25}?\b(?:the )?"
    r"(?:(?P<how>most|least|more|less) (?P<of>[a-z-]+)|"
    rf"(?P<est>b|wor(?=st)|lat|gor|dumb|(?:{ADJECTIVES}))(?P<y>i)?e?st|"
    rf"(?P<er>{ADJECTIVES})(?P<yer>i)?er)\b|"
    rf"\bthe (?P<of_them>b|wor(?=st)|gor|{ADJECTIVES})(?P<yof>i)?e?st {OF_THEM}|"
    r"\b(?:which|wich|what)\b[^.!?]{0,25}?\b(?P<marks>(?:high|low|b|wor)(?:e?st)) (?:rating|rated|"
    r"score|mark)s?\b|"
    rf"{AND_THE_MOST}|"
    r"\b(?:any|one|which) of (?:these|those|them) (?:is |are )?(?:really |actually |very "
    r")?(?P<any>[a-z-]+)\W*\?\W*$|"
    rf"^\W*(?:(?:and|or|so) )?the (?P<bare>{ADJECTIVES})(?P<ybare>i)?est(?: one)?\W*\?\W*$",
    re.IGNORECASE,
)
LIKEST = re.compile(
    r"\b(?:(?:which|wich|what|any|one|either)(?: one)? of (?:these|those|them|the (?:two|three))"
    r"(?: films| movies)?|which one) (?:(?:is|are|comes|do you think is|would be) )?(?:the )?"
    r"(?:(?:most|more|much|very|at all|anything|really|remotely|a bit|even) )*"
    r"(?:like|alike|similar|clos(?:e|er|est)|near(?:er|est)?|in the (?:spirit|vein) of)\b"
    r"(?: to)? (?:__+|it\b|that\b)",
    re.IGNORECASE,
)
"""Which of the films shown is like another, whose title is blanked."""
_SORT = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|so|and|please)\W+)*(?:in|(?:in )?what) "
    r"(?P<years>(?:chronological )?order)(?: please| pls)?\W*$|"
    r"\b(?:rank|sort|order|arrange|put)(?: (?:all of )?(?:them|these|those|the (?:two|three|"
    r"films))|(?= by\b))(?: in order)?(?: from \w+ to \w+)?"
    r"(?: (?:by|of|according to) (?P<by>[^.!?]+)|"
    r" chronologically|\W*$)",
    re.IGNORECASE,
)
_DATES = {"year", "years", "date", "age", "release", "decade", "newest", "oldest"}
_MARKS = {"rating", "ratings", "score", "scores", "quality", "stars", "merit"}


def superlative(text: str) -> tuple[str, bool] | None:
    """What a film of several is asked for by, and whether it should have least of it: ("funny",
    False) for "which is the funniest?"; None where nothing is."""
    match = _SUPERLATIVE.search(text)
    if match is None:
        return None
    if match["marks"]:
        return ACCLAIM, match["marks"].lower() in {"lowest", "worst"}
    if match["any"]:
        return match["any"].lower(), False
    if match["of"]:
        return match["of"].lower(), match["how"].lower() in {"least", "less"}
    named = ("est", "er", "of_them", "and_the", "bare")
    word = next(match[name] for name in named if match[name]).lower()
    if word in {"b", "wor"}:
        return ACCLAIM, word == "wor"
    word = re.sub(r"([dg])\1$", r"\1", word)  # "sadd" of "saddest"
    stem = any(match[name] for name in ("y", "yer", "yof", "yand", "ybare"))
    return (word + "y" if stem else word), False


def sorting(text: str) -> str:
    """What is to be sorted by: an adjective, ACCLAIM; "" where nothing is to be sorted."""
    match = _SORT.search(text)
    if match is None:
        return ""
    named = normal(match["by"] or "")
    if match["years"] or "chronolog" in match.group().lower():
        return "old"
    if _DATES & {*named}:
        return "new"
    word = next((word for word in reversed(named) if word not in COMMON), "")
    if not word or word in _MARKS:
        return ACCLAIM
    return re.sub(r"ness$", "", re.sub(r"iness$", "y", word))


def order_of(text: str) -> str:
    """Which of ORDERS the films of a kind are asked for in: "the best comedies", "the newest
    film"; "" for none."""
    if PANNED_ONES.search(text):
        return PANNED
    if ACCLAIMED.search(text):
        return ACCLAIM
    match = AGE.search(text)
    if match is None:
        return ""
    return NEWEST if any(match.groupdict().values()) else OLDEST
