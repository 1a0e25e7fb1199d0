"""Chat spellings put right before a message is read: "wat", "lookin 4", "romntic"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import OSA

from app.names import Names
from app.words import COMMON, GENRE_WORDS, tokens, word_set

_MEANT = {
    "lookin": "looking", "smth": "something", "sth": "something", "smthn": "something",
    "sumthin": "something", "somthing": "something", "anythin": "anything", "wat": "what",
    "wut": "what", "wats": "what's", "bout": "about", "any1": "anyone", "some1": "someone",
    "flim": "film", "flims": "films", "movei": "movie", "moive": "movie", "recomend": "recommend",
    "reccomend": "recommend", "yrs": "years", "cuz": "because", "coz": "because", "b4": "before",
    "2nite": "tonight", "tonite": "tonight",
}  # fmt: skip
_THAN = re.compile(
    r"\b(?P<more>older|newer|earlier|later|better|worse) then(?= (?:the )?\d)", re.IGNORECASE
)
_LONG, _LONGER = 5, 8  # letters of a word that may have one slip, and two
_KINDS = sorted(
    word_set("""
    comedy comedies horror romance romantic thriller thrillers adventure adventures mystery
    mysteries musical musicals western westerns documentary documentaries animation animated
    fantasy cartoon cartoons gangster gangsters
    """)
)


def put_right(text: str, named: Sequence[tuple[int, int]], names: Names) -> str:
    """`text` with its chat spellings and misspelt genres as they are meant.

    Args:
        named: where films are named, which are left as they are.
        names: knows the words of the catalogue, of which none is a slip.
    """
    right, reach = [], 0
    for word in tokens(text):
        if any(start < word.end and word.start < end for start, end in named):
            continue
        meant = _MEANT.get(word.norm) or _genre(word.norm, names)
        if meant is not None:
            right += [text[reach : word.start], meant]
            reach = word.end
    return _THAN.sub(r"\g<more> than", "".join([*right, text[reach:]]))


def _genre(word: str, names: Names) -> str | None:
    """The word for a genre that is meant by one with a slip; None for any other word."""
    if len(word) < _LONG or word in COMMON or names.knows(word) or word in GENRE_WORDS:
        return None
    allowed = 2 if len(word) >= _LONGER else 1
    near = [kind for kind in _KINDS if kind[0] == word[0] and OSA.distance(word, kind) <= allowed]
    return min(near, key=lambda kind: OSA.distance(word, kind), default=None)
