"""Shown films meant by "the second one", "that", "both" or "the one with the shark"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.words import COMMON, normal, stem
from data.catalogue import Catalogue, Item

_ORDINALS = (
    (0, r"first|1st|frist|former|top"),
    (1, r"second|2nd|secnd|latter|middle|one in the middle"),
    (2, r"third|3rd"),
    (-1, r"last"),
)
_NUMBER = re.compile(
    r"(?:\bnumber |\bno\. ?|#|^\W*(?=[1-3] it is))(?:(?P<one>1|one)|(?P<two>2|two)|3|three)\b", re.I
)
_ORDINAL = re.compile(
    r"\b(?:the\s+)?(?:"
    + "|".join(f"(?P<o{i}>{words})" for i, (_, words) in enumerate(_ORDINALS))
    + r")(?:\s+(?:one|1|film|movie|pick|suggestion|two)\b|"
    r"(?=\s*(?:sounds?|is|was|looks?|tho|seems?|has|any|then|tonight|please|pls|and (?:the|she|"
    r"he|my)|"
    r"about\W*$|[,.?!]|$)))",
    re.IGNORECASE,
)
_OF_PEOPLE = re.compile(r"\s+of (?:us|you|them all)\b", re.IGNORECASE)
_ONE_MORE = re.compile(r"\b(?:a|one|the next|another)\s+$", re.IGNORECASE)
_ALL = re.compile(
    r"\b(?:both|(?:which|wich|neither|none|either|all)(?: one)? of (?:them|these|those|the two|"
    r"the three|the pair)|"
    r"the two|these two|those two|them both|all (?:three|of them)|(?:which|wich) (?:one|1|of|is|"
    r"should|would|do|are|goes|hits|first|then|has)|each of them|(?<!did )(?:you|u) pick|pick one|"
    r"(?:(?<=seen )|(?<=watched )|(?<=know ))(?:them|those|these)(?! (?:films|movies|ones))|"
    r"between (?:them|those)|they (?:both )?sound)\b",
    re.IGNORECASE,
)
_ALL_BUT = re.compile(
    r"\b(?:all|every one|each)(?: (?:of )?(?:them|these|those))? (?:except|but|apart from|save|bar)"
    r"(?: for)?\b",
    re.IGNORECASE,
)
_BY_AGE = re.compile(
    r"\bthe (?:(?P<old>oldest|earliest)|newest|latest|most recent)(?: one)?"
    r"(?=\s*(?:[,.?!;:]|$|(?:is|was|sounds?|looks?|please|then)\b))",
    re.IGNORECASE,
)
_HAVING_SEEN = re.compile(r"\b(?:seen|saw|watched|know)\s+$", re.IGNORECASE)
_OTHER = re.compile(r"\b(?:the )?other (?:one|1)\b", re.IGNORECASE)
_NOUNS = r"((?:[\w'’-]+\s+){0,2}[\w'’-]+)"
_DESCRIBED = (
    re.compile(r"\b(?:the )?((?:[\w'’-]+\s+){1,3}?)(?:one|1)\b", re.IGNORECASE),
    re.compile(
        r"\b(?:the|that) (?:one|1|film|movie) (?:with|w|about|where|in|from) ([^.!?;,]{3,60})",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:swap|replace|exchange|take|have|watch|start|do|keep|go(?:ing|in)? w(?:ith)?|"
        r"start(?:ing)? w(?:ith)?) the " + _NOUNS,
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?:the )?{_NOUNS},? (?:it is\b|it shall be\b)", re.IGNORECASE),
    re.compile(r"\band the ([\w'’-]+) (?:on|for|is)\b", re.IGNORECASE),
)
_CHOICE = re.compile(r"\b(?:the )?([\w'’-]+(?: [\w'’-]+)?) or (?:the )?([\w'’-]+)", re.I)
_THAT = re.compile(
    r"\b(?:(?:that|this|dat|taht) (?:one|1|film|movie)\b(?! (?:with|w|where|about|in which|"
    r"when)\b)|that(?= (?:is|was|sounds?|looks|does)\b)|(?:seen|saw|watched|loved|liked|hated|love|"
    r"like|know|take|adored) (?:it|that|dat|this|taht))\b|^\W*(?:\w+ )?seen\b(?=\W*$|\s*[,.;!?]|"
    r"\s+(?:already|before|and|so|next|em)\b)|"
    r"\bknow every line\b|\bby heart\b",
    re.IGNORECASE,
)
_IT = re.compile(r"\b(?:it|that|this)\b|\b(?:it|that)['’]?s\b", re.IGNORECASE)
_TO_LIKES = re.compile(
    r"\s+(?:(?:to|on|in|among) (?:my |the )?(?:likes?|liked|favou?rites?|favs)\b|"
    r"(?:(?:is|was) )?(?:one of )?my (?:all[- ]time )?fav)",
    re.IGNORECASE,
)
_PROSPECT = re.compile(
    r"\s*(?:sounds?|looks?|seems?|is (?:more|actually|a (?:fine|good|very))|appeals|goes|1 goes|"
    r"very much)\b",
    re.IGNORECASE,
)
"""After "that one": an impression of a film not seen yet, which is no feeling about it."""
_PRESENT = re.compile(r"^(?:like|love)\b", re.IGNORECASE)
_SUPPOSED = re.compile(r"\b(?:if|since|because|as) (?:i|we)\s+$", re.IGNORECASE)
"""Before "love it": it is meant, and no word of thanks for what was shown."""
_MEMORY = 8  # films shown before the last answer that words may still mean


@dataclass(frozen=True, slots=True)
class Reference:
    """A shown film meant by `text[start:end]`; loose where the words say no feeling about it."""

    item: int
    start: int
    end: int
    loose: bool = False


def referred(
    text: str,
    cards: Sequence[int],
    focus: int | None,
    catalogue: Catalogue,
    shown: Sequence[int] = (),
) -> list[Reference]:
    """The shown films that `text` points at, each with the place of the words that do.

    Args:
        shown: all films shown so far, newest last.
    """
    if not cards:
        if focus is None:
            return []
        cards = [focus]
    if all_but := _ALL_BUT.search(text):
        excepted = referred(text[all_but.end() :], cards, focus, catalogue)
        spared = {reference.item for reference in excepted}
        if spared and len(spared) < len(cards):
            return [Reference(card, *all_but.span()) for card in cards if card not in spared]
    earlier = [film for film in dict.fromkeys(reversed(shown)) if film not in cards][:_MEMORY]
    everything = [*cards, *earlier]
    found = (
        _described(text, cards, catalogue)
        or _described(text, everything, catalogue, definite=True)
        or _chosen_between(text, everything, catalogue)
    )
    for ordinal in _ORDINAL.finditer(text):
        position = next(_ORDINALS[i][0] for i in range(len(_ORDINALS)) if ordinal[f"o{i}"])
        if _ONE_MORE.search(text[: ordinal.start()]) or position >= len(cards):
            continue
        if len(cards) == 1 and position == -1:
            continue
        if _OF_PEOPLE.match(text, ordinal.end()):
            continue
        if ordinal.group().lower().endswith("two") and len(cards) > 2 and position in (0, -1):
            pair = cards[:2] if position == 0 else cards[-2:]
            found += [Reference(film, *ordinal.span()) for film in pair]
            continue
        item = cards[position]
        loose = _PROSPECT.match(text, ordinal.end()) is not None
        if all(reference.item != item for reference in found):
            found.append(Reference(item, *ordinal.span(), loose=loose))
    if not found and len(cards) > 1 and (number := _NUMBER.search(text)):
        place = 0 if number["one"] else 1 if number["two"] else 2
        found += [Reference(card, *number.span()) for card in cards[place : place + 1]]
    if not found and len(cards) > 1 and (aged := _BY_AGE.search(text)):
        in_order = sorted(cards, key=lambda film: catalogue[film].year or 0)
        found.append(Reference(in_order[0 if aged["old"] else -1], *aged.span()))
    if found:
        return found
    likely = cards[0] if focus is None else focus
    if other := _OTHER.search(text):
        rest = [card for card in cards if card != likely] or earlier or list(cards)
        return [Reference(rest[0], *other.span())]
    if several := _ALL.search(text):
        together = list(cards) if len(cards) > 1 else [*earlier[:1], *cards]
        loose = _HAVING_SEEN.search(text[: several.start()]) is None
        return [Reference(card, *several.span(), loose=loose) for card in together]
    pronouns = []
    if that := _THAT.search(text):
        loose = bool(_PROSPECT.match(text, that.end()) or _PRESENT.match(that.group()))
        loose = loose and _SUPPOSED.search(text[: that.start()]) is None
        pronouns.append(Reference(likely, *that.span(), loose=loose))
    if it := _IT.search(text):
        loose = _TO_LIKES.match(text, it.end()) is None
        pronouns.append(Reference(likely, *it.span(), loose=loose))
    return pronouns


def is_pronoun(text: str, reference: Reference) -> bool:
    """Whether the words are "it", "that one", "hated it" and the like."""
    words = text[reference.start : reference.end]
    return bool(_THAT.fullmatch(words) or _IT.fullmatch(words))


def _described(
    text: str, films: Sequence[int], catalogue: Catalogue, *, definite: bool = False
) -> list[Reference]:
    """Films picked by words of theirs: "the cuba one", "the boat it is".

    Args:
        definite: the words must begin with "the" or "that".
    """
    found: list[Reference] = []
    for pattern in _DESCRIBED:
        for match in pattern.finditer(text):
            if definite and not match.group().lower().startswith(("the ", "that ")):
                continue
            if _ORDINAL.search(match.group()):
                continue  # "who directed the first one" is about no debut of a director
            film = _picked(match[1], films, catalogue)
            if film is not None and all(reference.item != film for reference in found):
                loose = _PROSPECT.match(text, match.end()) is not None
                found.append(Reference(film, *match.span(), loose=loose))
    return found


def _chosen_between(text: str, films: Sequence[int], catalogue: Catalogue) -> list[Reference]:
    """Two films put up for choice by a word each: "the brass band or the restaurant"."""
    for match in _CHOICE.finditer(text):
        pair = [_picked(match[side], films, catalogue) for side in (1, 2)]
        if None not in pair and pair[0] != pair[1]:
            return [Reference(film, *match.span(), loose=True) for film in pair if film is not None]
    return []


def _picked(description: str, films: Sequence[int], catalogue: Catalogue) -> int | None:
    """The one film that shares most words with a description, and at least half of them."""
    words = {stem(word) for word in normal(description) if word not in COMMON} - COMMON
    counts = [len(words & _words(catalogue[film])) for film in films]
    best = max(counts)
    if not best or counts.count(best) > 1 or best < (len(words) + 1) // 2:
        return None
    return films[counts.index(best)]


def _words(item: Item) -> set[str]:
    people = (*item.directors, *item.cast)
    text = " ".join((item.title, item.synopsis, *item.tags, *item.moods, *item.genres, *people))
    return {stem(word) for word in normal(f"{text} {item.year or ''}")}
