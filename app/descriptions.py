"""Films that are told of and not named: "what was that film where the toys come alive?"

Whoever asks like that has one film in mind, in other words than the catalogue's: the nearest in
meaning is looked for, and of equally near ones the better known.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from app.parts import Parts
from app.words import COMMON, normal

FAME = 0.3  # of cosine, that the most chosen film is ahead of one that nobody chose
_FILM = r"(?:films?|movie|moive|movei|flick|one|1)"
_WHERE = r"(?:where|were|whr|in which|when|who|that has)"
_JOINT = rf"(?:{_WHERE}|with|w|about|that|has|had|does|is)"
_ARTICLE = r"(?:that |the |an? |this )?"
_HM = r"^\W*(?:(?:u[mh]+|hi|hey|ok|so|yo|hm+|it(?:['’]?s| is| was))\W+)*"
_ASKED = re.compile(
    r"\b(?:what(?:['’]?s| is| was)?|which|name of|called|remember|recall|think of|looking for|find|"
    rf"know|there(?:['’]?s| is| was)|is there) (?:(?:is|was) )?{_ARTICLE}(?:old |\w+ish )?"
    rf"{_FILM}\b,? (?:called |again |i saw )?{_JOINT}\b (?P<told>.+)",
    re.IGNORECASE | re.DOTALL,
)
_FORGOTTEN = re.compile(
    r"\b(?:(?:can(?:['’]?t|not)|couldn['’]?t|don['’]?t|do not) (?:remember|recall|think of|place)|"
    r"forg[eo]t(?:ten)?) (?:the |its |what )?(?:name|title|it(?:['’]?s| is| was) called)\b"
    r"(?: of (?:it|the film|the movie))?\W+(?:(?:but|and|its?|it['’]s|is|was|about) )*(?P<told>.+)",
    re.IGNORECASE | re.DOTALL,
)
_WHERE_OPENS = re.compile(
    rf"{_HM}{_ARTICLE}(?:old )?{_FILM} {_WHERE} (?P<told>.+)", re.IGNORECASE | re.DOTALL
)
_ABOUT_OPENS = re.compile(
    rf"{_HM}{_ARTICLE}(?:old )?{_FILM} (?:about|with) (?:an?|two|some|the) (?P<told>.+)",
    re.IGNORECASE | re.DOTALL,
)
_THE_ONE = re.compile(
    rf"{_HM}(?:that|the) (?:old )?{_FILM} (?:about|with|w) (?P<told>.+)", re.IGNORECASE | re.DOTALL
)
_CLAUSE = re.compile(
    r"\b(?:who|that|which|whose|where|when|while|until|after|and|is|are|gets?|must|has|have|can|"
    r"try\w*|\w+ing)\b",
    re.IGNORECASE,
)
"""What happens in one film: "a heist gone wrong" is a kind of them."""
_PATTERNS = ((_ASKED, 2), (_FORGOTTEN, 2), (_WHERE_OPENS, 2), (_THE_ONE, 2), (_ABOUT_OPENS, 3))
"""With how many telling words a description must have: "a film about the sea" asks for a kind."""
_OF_A_KIND = re.compile(
    r"\b(?:goes|gone|going|went) (?:\w+ly )?wrong\b|"
    r"\b(?:that (?:will|would|can|could) (?:make|keep|get|leave|have|give) (?:me|us|you)|"
    r"similar|like (?:it|that)|more|recommend|suggest|tonight|should (?:i|we)|watch with|"
    r"(?:highest|lowest|best|worst|most) (?:rat|scor|watch|popular|seen)\w*|"
    r"(?:does(?:n['’]?t| not)|do(?:n['’]?t| not)|never|won['’]?t) (?:die|get (?:hurt|killed))|"
    r"(?:has|have|with) the (?:best|most|\w+i?est)\b|"
    r"my (?:kids?|wife|husband|mum|mom|dad|girlfriend|boyfriend|family|friends?))\b",
    re.IGNORECASE,
)
_FOUND = re.compile(
    r"^\W*(?:(?:oh|ah|omg|haha|lol)\W+)*(?:yes+|yeah+|yep|yup|exactly|correct|bingo|"
    r"that['’]?s (?:it|the (?:one|1)|right))\b",
    re.IGNORECASE,
)
_MISSED = re.compile(
    r"^\W*(?:(?:no+|nope|nah|hm+)\b\W*)*(?:(?<=no)\W*$|(?<=nope)\W*$|(?<=nah)\W*$|"
    r"(?:not|isn['’]?t) (?:that|it|those|them|these)\b|neither\b|none (?:of|is)\b|"
    r"(?:that|it)['’]?s not (?:it|the one)\b|wrong\b|(?:an|the )?"
    r"(?:other|older|newer|first|second) (?:\w+ )?(?:one|film)\b)",
    re.IGNORECASE,
)


def is_found(text: str) -> bool:
    """Whether a message says that the film which was told of is found: "yes, that's it!"."""
    return _FOUND.search(text) is not None


def is_missed(text: str) -> bool:
    """Whether it says that it is another one: "no, not those"."""
    return _MISSED.search(text) is not None


def description(text: str, *, sure: bool = False) -> str:
    """What a message tells of a film that it does not name; "" where it tells of none.

    Args:
        sure: one film is known to be meant, so that a word will do.
    """
    if _OF_A_KIND.search(text):
        return ""
    for pattern, enough in _PATTERNS:
        if match := pattern.search(text):
            told = match["told"].strip(" ?!.,")
            telling = [word for word in normal(told) if word not in COMMON]
            kind = pattern is _ABOUT_OPENS and not _CLAUSE.search(told) and not sure
            if len(telling) >= (1 if sure else enough + 2 * kind):
                return told
    return ""


class Descriptions:
    """Finds films by what is told of them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        fame = np.log1p(parts.popularity)
        self._fame = FAME * fame / max(float(fame.max()), 1e-9)

    def films(self, told: str, candidates: NDArray[np.integer], count: int) -> list[int]:
        """At most `count` of the candidates, the likeliest first."""
        (wanted,) = self._parts.encoder.encode([told])
        scores = self._parts.stories[candidates] @ wanted + self._fame[candidates]
        return [int(film) for film in candidates[np.argsort(-scores, kind="stable")[:count]]]
