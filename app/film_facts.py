"""What the row of one film says of what is asked of it."""

from __future__ import annotations

import re

from app.constraints import stated_genres
from app.parts import Parts
from app.superlatives import GENRE_OF
from app.unknowable import unknowable
from app.wishes import kindred
from app.words import COMMON, listed, normal, stem
from data.catalogue import Item

_ABOUT_LENGTH = re.compile(r"\b(?:how long|long\b|short\b|minutes|hours|runtime)", re.IGNORECASE)
ABOUT_PEOPLE = re.compile(
    r"\b(?:who(?:['’]?s| (?:is|was|are|else|s|directed|made|play(?:s|ed)|stars))|director|actors?|"
    r"cast|"
    r"starring)\b",
    re.IGNORECASE,
)
_ABOUT_AGE = re.compile(
    r"\b(?:how old|what year|when (?:was|is|did)|which year|old one)\b", re.IGNORECASE
)
ABOUT_TONE = re.compile(
    r"\b(?:scary|scarier|dark|sad|violen(?:t|ce)|gory|gore|blood(?:y|shed)?|funny|heavy|depressing|"
    r"serious|silly|creepy|genre|kind of (?:film|movie)|years? old|bleak|light|slow|romantic|mood|"
    r"(?:ok(?:ay)?|suitable|appropriate|fine|right) for|(?:for|with) (?:her|him|them|us|(?:my|our) "
    r"\w+)|kids?|children|cruel|grim|sentimental|cheerful)\b",
    re.IGNORECASE,
)
_ABOUT_TRUTH = re.compile(
    r"\breally happen|\b(?:is|was) (?:it|that|this|_+) (?:all )?(?:real|true)\b", re.IGNORECASE
)
_PRIZE = re.compile(r"\b(?:oscar|award|best picture|palme|prize)\w*", re.IGNORECASE)
_ABOUT_WORTH = re.compile(
    r"\b(?:any good|worth|(?:if|whether) (?:it['’]?s|it is|it was) (?:any |really |a )?good|(?:is|"
    r"was) (?:it|that|this|_+) (?:a )?good|how good|rat(?:e|ed|ings?)|"
    r"think|thoughts|opinions?|recommend|boring|overrated|by how many|your take|why (?:did|do) "
    r"(?:people|everyone|"
    r"they)|(?:did|do) (?:the )?(?:people|viewers|others|everyone|most)\b[^?]*\b(?:like|enjoy|"
    r"love))\b",
    re.I,
)
WHETHER = re.compile(
    r"(?<!what )\b(?:is|isn['’]?t|was|are) (?:it|that|this|_+|"
    r"the (?:first|second|third|last)(?: one)?)(?: \w+)? ?"
    r"(?:based on|adapted from|inspired by|about|set (?:in|on|at|during)|"
    r"an? [a-z -]{3,25}(?=\W*$)|a true|filmed in|"
    r"in (?:black|colou?r))\b|"
    r"\b(?:has|have) (?:it|they) (?:any |got )?\w+|"
    r"\b(?:does|did) (?:it|that|this|_+|the \w+(?: one)?) (?:have|take place|feature|contain|"
    r"show|involve|really happen)\b|\b(?:is|was) (?:it|that|this|_+) (?:real|true)\b|"
    r"\b(?:is|are) there (?:any |an? |some )?[\w ]{3,20} in (?:it|that|this|_+)",
    re.IGNORECASE,
)
"""Asks whether a film has something that its tags may tell."""
_BEGINS = r"^\W*(?:(?:ok(?:ay)?|and|so|but|wait|hm+|lol)\W+)*"
_YES_OR_NO = re.compile(rf"{_BEGINS}(?:is|was|are|does|did|has)\b", re.IGNORECASE)
_WHETHER_TONE = re.compile(
    rf"{_BEGINS}(?:is|was|are) (?:it|that|this|_+|"
    r"the \w+)(?: one| film| movie)?(?: (?:really|very|too|actually|that|so|at all))* "
    r"(?P<tone>scary|dark|sad|violent|gory|bloody|funny|depressing|serious|silly|creepy|bleak|"
    r"light|slow|romantic|cruel|grim|sentimental|cheerful)\W*$",
    re.IGNORECASE,
)
"""Asks for one quality of a film."""


def facts_of(item: int, message: str, parts: Parts) -> list[str]:
    """What the row says of all that is asked, each as the rest of a sentence about the film."""
    film, facts = parts.catalogue[item], list[str]()
    if ABOUT_PEOPLE.search(message) and (film.directors or film.cast):
        made = f"was directed by {listed(film.directors)}" if film.directors else "was made"
        facts.append(f"{made} with {listed(film.cast)}" if film.cast else made)
    if _ABOUT_AGE.search(message) and film.year:
        where = f", made in {listed(film.countries)}" if film.countries else ""
        facts.append(f"is from {film.year}{where}")
    if _ABOUT_WORTH.search(message) and parts.ratings is not None:
        viewers = int(parts.popularity[item])
        rated = f"has {parts.ratings[item]:.1f} of 5 from {viewers:,} viewers here"
        facts.append(rated if viewers else "was rated by nobody here")
    kinds = stated_genres(message)
    if film.moods and (ABOUT_TONE.search(message) or kinds.wanted or kinds.unwanted):
        kind = f", filed under {listed(film.genres)}" if film.genres else ""
        facts.append(f"is {listed(film.moods)} in mood{kind}")
    if not facts and WHETHER.search(message):
        told = f"{message} true story history" if _ABOUT_TRUTH.search(message) else message
        asked = {stem(word) for word in normal(told) if word not in COMMON}
        tags = [tag for tag in film.tags if asked & {stem(word) for word in normal(tag)}]
        facts += [f"is tagged {listed(tags)}"] if tags else []
    return facts


def unsaid_of(message: str) -> tuple[str, ...]:
    """What is asked that no row says, in words for an answer."""
    unsaid = unknowable(message)
    if _ABOUT_LENGTH.search(message):
        unsaid = tuple(dict.fromkeys([*unsaid, "how long a film runs"]))
    return unsaid


def prizes_of(film: Item) -> list[str]:
    """The tags that tell of its prizes."""
    return [tag for tag in film.tags if _PRIZE.search(tag)]


def verdict_of(film: Item, message: str) -> str:
    """How an answer begins to a message that asks whether the film is so; "" for another."""
    if not _YES_OR_NO.match(message):
        return ""
    if _is_so(film, message):
        return "Yes: "
    tone = _WHETHER_TONE.match(message)
    return f"Nothing here calls it {tone['tone'].lower()}: " if tone else ""


def _is_so(film: Item, message: str) -> bool:
    """Whether what is asked of a film is among its moods, tags and genres."""
    asked = {stem(word) for word in normal(kindred(message)) if word not in COMMON}
    asked |= {stem(GENRE_OF[word].lower()) for word in normal(message) if word in GENRE_OF}
    words = normal(" ".join((*film.moods, *film.tags, *film.genres)))
    return bool(asked & {stem(word) for word in words if word not in COMMON})
