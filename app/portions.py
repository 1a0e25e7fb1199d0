"""How many films of which genre: "two comedies and one drama"."""

from __future__ import annotations

import itertools
import re

from app.words import GENRE_WORDS, any_of, normal

_MOST = 10  # films of all genres together
_KIND = "|".join(re.escape(word) for word in sorted(GENRE_WORDS, key=len, reverse=True))
_NUMBER = r"(?:\d{1,2}|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
_PORTION = any_of(
    rf"\b(?P<many>{_NUMBER})\s+(?:(?:good|great|nice|old|new|classic|more)\s+)?(?P<kind>{_KIND})"
    r"(?![\w'-])(?:\s+(?:films?|movies?|ones?))?"
)
_NO_FILM = any_of(r"\s+(?:fans?|lovers?|buffs?|scenes?|elements?)\b")
_NEXT = any_of(r"\s*(?:,|\+|&|,?\s*\b(?:and|plus|then)\b)\s*")


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
    if len({genres for genres, _ in told}) < len(told) or sum(n for _, n in told) > _MOST:
        return ()
    return tuple(told)


def _inner(text: str, match: re.Match[str]) -> bool:
    """Whether what is counted is no film: "one horror fan"."""
    return _NO_FILM.match(text, match.end()) is not None


def _genres(match: re.Match[str]) -> frozenset[str]:
    return frozenset(GENRE_WORDS[match["kind"].lower()].split("+"))


def _number(said: str) -> int:
    return 1 if said.lower() in {"a", "an"} else int(normal(said)[0])
