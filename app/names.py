"""The names a film goes by, and which of them are ordinary English."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from app.words import (
    ARTICLES,
    CALENDAR,
    COMMON,
    DISLIKE_ADJECTIVES,
    DISLIKE_CUES,
    EVERYDAY,
    FUNCTION,
    LIKE_CUES,
    POSSESSIVE,
    Token,
    normal,
    tokens,
)
from data.catalogue import Catalogue

Key = tuple[str, ...]

# How much of a title a name is: all, all but its article, a head or subtitle, a few words, one.
FULL, BARE, HALF, PART, WORD = 1.0, 0.98, 0.9, 0.85, 0.8

_SHARED = 2  # films that may share a part of a title for it to be a name of theirs
_ORDINARY_WORDS = 3  # longer names are never taken for running English
_TRAILING_ARTICLE = re.compile(
    r"^(.*),\s+(the|an?|la|le|les|l'|il|el|das|der|die|los|las|un|une)$", re.IGNORECASE
)
_BRACKETED = re.compile(r"\s*\(([^)]*)\)")
_HALVES = re.compile(r":\s+|\s+-\s+|;\s+|\s+the (?=Extra-)")
_AUTHOR = re.compile(r"^(?:[A-Z][\w.]*\s+)+[A-Z]\w*['’]s\s+(?=\S+\s+\S)")
"""Whose a title says it is: "William Shakespeare's Romeo + Juliet"."""
_TYPED = {"to": "2", "you": "u", "for": "4", "are": "r"}  # title words in text-message spelling


def names_of(title: str) -> Iterator[tuple[Key, float]]:
    """Keys of the names by which `title` goes as a whole, with their strength."""
    outside = _BRACKETED.sub("", title).strip()
    inside = [part for part in _BRACKETED.findall(title) if not part.strip().isdigit()]
    for whole in filter(None, (outside, *inside)):
        turned = _TRAILING_ARTICLE.match(whole)
        plain = f"{turned[2]} {turned[1]}" if turned else whole
        for spelling in {plain, POSSESSIVE.sub("", plain)}:
            key = normal(spelling)
            if not key:
                continue
            yield key, FULL
            if len(key) > 1:
                yield tuple(_TYPED.get(word, word) for word in key), FULL
            if len(key) > 1 and key[0] in ARTICLES:
                yield key[1:], BARE
            rest = normal(_AUTHOR.sub("", spelling))
            if len(rest) < len(key) and len([word for word in rest if word not in COMMON]) > 1:
                yield rest, HALF
            halves = [normal(half) for half in _HALVES.split(spelling)]
            for half in halves if len(halves) > 1 else ():
                content = [word for word in half if word not in ARTICLES]
                if len(content) > 1 or (content and half is halves[0]):
                    yield half, HALF


def parts_of(title: str) -> Iterator[Key]:
    """Shorter runs of a title's words by which people call it: "holy grail", "shawshank"."""
    for spelling in {title, POSSESSIVE.sub("", title)}:
        yield from _runs(normal(spelling))


def _runs(key: Key) -> Iterator[Key]:
    for size in range(1, len(key)):
        for first in range(len(key) - size + 1):
            part = key[first : first + size]
            if part[0] in FUNCTION or part[-1] in FUNCTION | ARTICLES:
                continue
            content = [word for word in part if word not in ARTICLES]
            if len(content) > 1 or (size == 1 and len(part[0]) >= 5):
                yield part


class Names:
    """Every name of a catalogue's films.

    Attributes:
        films: name -> {item: strength}.
        ordinary: names that are also ordinary words or people, read from the synopses
            themselves; they need a sign in the message before they count as a film.
        proper: names that the synopses write with a capital for something else ("Brazil").
        written: the words that synopses use; plain: those they write in lower case.
        vocabulary: every word the catalogue's texts use; a word outside may be misspelt.
        people: the words of directors' and actors' names.
        telling: words of one or two titles that no synopsis uses otherwise.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.films: dict[Key, dict[int, float]] = defaultdict(dict)
        for index, item in enumerate(catalogue):
            for title in (item.title, *item.alternate_titles):
                for key, strength in names_of(title):
                    self.films[key][index] = max(strength, self.films[key].get(index, 0.0))
        owners: dict[Key, set[int]] = defaultdict(set)
        for index, item in enumerate(catalogue):
            family = min(catalogue.with_twins([index]))
            for part in parts_of(item.title):
                owners[part].add(family)
        persons = {normal(p) for item in catalogue for p in (*item.directors, *item.cast)}
        self.people = {word for person in persons for word in person}
        wanted = self.films.keys() | owners.keys()
        lower, self.proper, self.written, self.plain = _running(catalogue, wanted)
        tagged = {normal(tag) for item in catalogue for tag in (*item.tags, *item.moods)}
        self.vocabulary = self.written | {word for tag in tagged for word in tag}
        for part, items in owners.items():
            # "Power rangers" is said of either film; "star trek" of too many.
            shared = 1 if len([word for word in part if word not in COMMON]) < 2 else _SHARED
            if len(items) > shared or part in self.films or part in lower | self.proper | tagged:
                continue
            # "Wes Craven" is the man, not one of his titles.
            if part in persons or (len(part) == 1 and part[0] in self.people):
                continue
            for index in items:
                self.films[part][index] = WORD if len(part) == 1 else PART
        self.ordinary = {key for key, held in self.films.items() if self._says_more(key, held)}
        self.ordinary |= {
            key for key in self.films if len(key) <= _ORDINARY_WORDS and key in lower | self.proper
        }
        self.ordinary |= {
            key for key in tagged & self.films.keys() if FULL not in self.films[key].values()
        }
        held = Counter(
            word for key in {normal(item.title) for item in catalogue} for word in {*key}
        )
        self.telling = {
            word
            for word, count in held.items()
            if count <= _SHARED
            and len(word) > 3
            and word not in self.vocabulary | COMMON | EVERYDAY
        }
        self.vocabulary |= {word for key in self.films for word in key} | self.people
        self.vocabulary |= CALENDAR | COMMON | LIKE_CUES | DISLIKE_CUES | DISLIKE_ADJECTIVES

    def knows(self, word: str) -> bool:
        """Whether the catalogue's texts use the word, or one that it is formed from."""
        if word in self.vocabulary:
            return True
        for ending in ("er", "est", "ing", "ed", "ly", "es", "s"):
            root = word.removesuffix(ending)
            if root != word and (root in self.vocabulary or f"{root}e" in self.vocabulary):
                return True
        return False

    def of_film(self, item: int) -> list[Key]:
        """The whole names of one film."""
        return [key for key, held in self.films.items() if held.get(item, 0.0) >= BARE]

    def _says_more(self, key: Key, held: dict[int, float]) -> bool:
        """Whether a name by its form alone may just as well be something else."""
        content = [word for word in key if word not in COMMON]
        if not content or (len(key) == 1 and (len(key[0]) < 3 or key[0].isdigit())):
            return True
        if len(content) == 1 and content[0] in EVERYDAY:
            return True
        if max(held.values()) == HALF and EVERYDAY.issuperset(content):
            return True
        if len(key) == 1 and key[0] in self.people:
            return True
        if max(held.values()) > PART:
            return False
        return len(content) == 1 or (len(content) == 2 and self.vocabulary.issuperset(content))


def _running(
    catalogue: Catalogue, wanted: set[Key]
) -> tuple[set[Key], set[Key], set[str], set[str]]:
    """(names written in lower case, names written with a capital, all words, words written in
    lower case) of the synopses."""
    plain: set[str] = set()
    lower: set[Key] = set()
    proper: set[Key] = set()
    written: set[str] = set()
    for item in catalogue:
        words = tokens(item.synopsis)
        written |= {word.norm for word in words}
        plain |= {word.norm for word in words if not word.capital}
        for size in range(1, _ORDINARY_WORDS + 1):
            for first in range(len(words) - size + 1):
                span = words[first : first + size]
                key = tuple(word.norm for word in span)
                if key not in wanted:
                    continue
                if not any(word.capital for word in span):
                    lower.add(key)
                elif not _opens_sentence(item.synopsis, span[0]):
                    proper.add(key)
    return lower, proper, written, plain


def _opens_sentence(text: str, word: Token) -> bool:
    before = text[: word.start].rstrip(" \"'“‘(")
    return not before or before[-1] in ".!?"
