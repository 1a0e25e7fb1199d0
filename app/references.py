"""Shown films meant by "the second one", "that", "both" or "the one with the shark"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.words import COMMON, normal
from data.catalogue import Catalogue, Item

_ORDINALS = (
    (0, r"first|1st|frist|former|top"),
    (1, r"second|2nd|secnd|latter"),
    (2, r"third|3rd"),
    (-1, r"last"),
)
_ORDINAL = re.compile(
    r"\b(?:the\s+)?(?:"
    + "|".join(f"(?P<o{i}>{words})" for i, (_, words) in enumerate(_ORDINALS))
    + r")(?:\s+(?:one|1|film|movie|pick|suggestion|two)\b|"
    r"(?=\s*(?:sounds?|is|was|looks?|tho|seems?|"
    r"[,.?!]|$)))",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\b(?:both|(?:which|neither|none|either|all)(?: one)? of (?:them|these|those|the two|"
    r"the three)|"
    r"the two|these two|those two|them both|all (?:three|of them)|which (?:one|1|of)|"
    r"each of them)\b",
    re.IGNORECASE,
)
_OTHER = re.compile(r"\b(?:the )?other (?:one|1)\b", re.IGNORECASE)
_DESCRIBED = re.compile(r"\bthe ((?:[\w'’-]+\s+){1,3}?)(?:one|1)\b", re.IGNORECASE)
_THAT = re.compile(
    r"\b(?:(?:that|this) (?:one|1|film|movie)|that(?= (?:is|was|sounds?|looks|does)\b)|"
    r"(?:seen|saw|watched|loved|liked|hated|love|like|know|take|adored) (?:it|that|dat|this))\b|"
    r"^\W*(?:\w+ )?seen\b",
    re.IGNORECASE,
)
_IT = re.compile(r"\b(?:it|that|this)\b|\b(?:it|that)['’]?s\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """A shown film meant by `text[start:end]`; loose for a bare "it", which says no feeling."""

    item: int
    start: int
    end: int
    loose: bool = False


def referred(
    text: str, cards: Sequence[int], focus: int | None, catalogue: Catalogue
) -> list[Reference]:
    """The shown films that `text` points at, each with the place of the words that do."""
    if not cards:
        return []
    described = _described(text, cards, catalogue)
    for ordinal in _ORDINAL.finditer(text):
        position = next(_ORDINALS[i][0] for i in range(len(_ORDINALS)) if ordinal[f"o{i}"])
        if position < len(cards):
            return [Reference(cards[position], *ordinal.span()), *described]
    if described:
        return described
    likely = focus if focus is not None and focus in cards else cards[0]
    if other := _OTHER.search(text):
        rest = [card for card in cards if card != focus] or list(cards)
        return [Reference(rest[-1], *other.span())]
    if several := _ALL.search(text):
        return [Reference(card, *several.span()) for card in cards]
    if that := _THAT.search(text):
        sounds = text[that.end() :].lstrip().lower().startswith(("sound", "look", "seem"))
        return [Reference(likely, *that.span(), loose=sounds)]
    if it := _IT.search(text):
        return [Reference(likely, *it.span(), loose=True)]
    return []


def _described(text: str, cards: Sequence[int], catalogue: Catalogue) -> list[Reference]:
    """Films picked by a word of theirs: "the cuba one"."""
    found = []
    for match in _DESCRIBED.finditer(text):
        words = set(normal(match[1])) - COMMON
        counts = [len(words & _words(catalogue[card])) for card in cards]
        best = max(counts)
        if best and counts.count(best) == 1:
            found.append(Reference(cards[counts.index(best)], *match.span()))
    return found


def _words(item: Item) -> set[str]:
    text = " ".join((item.title, item.synopsis, *item.tags, *item.moods, *item.genres))
    return set(normal(f"{text} {item.year or ''}"))
