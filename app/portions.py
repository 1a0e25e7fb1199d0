"""How many films, and of which genre: "show me five", "two comedies and one drama"."""

from __future__ import annotations

import itertools
import re

from app.words import GENRE_WORDS, any_of, normal

MOST = 10  # films in an answer
_KIND = "|".join(re.escape(word) for word in sorted(GENRE_WORDS, key=len, reverse=True))
_NUMBER = r"(?:\d{1,2}|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
_PORTION = any_of(
    rf"\b(?P<many>{_NUMBER})\s+(?:(?:good|great|nice|old|new|classic|more)\s+)?(?P<kind>{_KIND})"
    r"(?![\w'-])(?:\s+(?:films?|movies?|ones?))?"
)
_NO_FILM = any_of(r"\s+(?:fans?|lovers?|buffs?|scenes?|elements?)\b")
_NEXT = any_of(r"\s*(?:,|\+|&|,?\s*\b(?:and|plus|then)\b)\s*")

_COUNTED = r"(?P<{0}>\d{{1,2}}|two|three|four|five|six|seven|eight|nine|ten)"
COUNT = re.compile(
    rf"\b(?:i said|gimme|give me|show me|make it) {_COUNTED.format('said')}"
    r"\b(?=\W*$| (?:please|pls|bro|man|of)\b)|"
    rf"\b(?<!my )top {_COUNTED.format('top')}\b(?! of (?:the|all) "
    rf"(?:\d|box))|"
    r"\b(?P<bill>double|triple)[- ](?:feature|bill)\b|"
    r"\b(?P<these>\d{1,2}) of (?:them|these|those)\b|"
    r"\b(?P<single>(?:one|1) more(?! (?:thing|time|question|chance|try))|"
    r"(?:(?:just|only) one|a single|1) (?:\w+ )?(?:film|movie|recommendation|suggestion|comedy|"
    r"drama|thriller|western|musical|documentary|cartoon|romance)|"
    r"^\W*(?:just|only) (?:one|1)(?= please| pls|\W*$))\b|"
    r"\b(?P<alone>(?<!which )(?<!the )(?<!that )(?<!this )(?:one|1) (?:film|movie|recommendation|"
    r"suggestion|pick|comedy|drama|thriller|western|musical|documentary|cartoon)"
    r"(?! (?:i|we|that|where|with|about|and|or|from|who|which|called)\b))\b|"
    rf"\b(?<!first )(?<!last )(?<!these )(?<!those )(?<!world war )"
    rf"{_COUNTED.format('many')} (?:(?:more|other|good|"
    r"great|best|new|old|different|random|more good) )?"
    r"(?:(?!(?:of|can|cannot|hate|love|like|do|don)\b)[\w-]+ ){0,2}?"
    r"(?:films|movies|classics|titles|recommendations|recs|suggestions|picks|options|ideas|more|"
    r"comedies|dramas|thrillers|westerns|musicals|documentaries|cartoons)\b",
    re.IGNORECASE,
)
"""How many films are asked for."""


def count_of(text: str) -> int | None:
    """How many films are asked for; None where it is not said."""
    match = COUNT.search(text)
    if match is None:
        return None
    said = match["top"] or match["many"] or match["these"] or match["said"]
    if match["bill"]:
        return 2 if match["bill"].lower() == "double" else 3
    number = 1 if match["single"] or match["alone"] else _number(said)
    return min(number, MOST) if number else None


def portions(text: str) -> tuple[tuple[frozenset[str], int], ...]:
    """(genres that a film is to have, how many such films), in order; none where a message does not
    count several kinds. "A comedy and a drama" counts nothing, as it may mean either."""
    found = [match for match in _PORTION.finditer(text) if not _inner(text, match)]
    runs = [found[:1]]
    for before, match in itertools.pairwise(found):
        joined = _NEXT.fullmatch(text, before.end(), match.start())
        runs[-1:] = [[*runs[-1], match]] if joined else [runs[-1], [match]]
    run = max(runs, key=len)
    counted = [match["many"].lower() not in {"a", "an"} for match in run]
    if len(run) < 2 or not any(counted):
        return ()
    told = [(_genres(match), _number(match["many"])) for match in run]
    if len({genres for genres, _ in told}) < len(told) or sum(n for _, n in told) > MOST:
        return ()
    return tuple(told)


def _inner(text: str, match: re.Match[str]) -> bool:
    """Whether what is counted is no film: "one horror fan"."""
    return _NO_FILM.match(text, match.end()) is not None


def _genres(match: re.Match[str]) -> frozenset[str]:
    return frozenset(GENRE_WORDS[match["kind"].lower()].split("+"))


def _number(said: str) -> int:
    return 1 if said.lower() in {"a", "an"} else int(normal(said)[0])
