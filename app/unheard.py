"""What a message names and the catalogue does not have: titles, and words that are in no text of
its films."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from app.misspelt import TELLING_WINDOW
from app.names import BARE, HALF
from app.naming import properly_cased
from app.titles import Mention, TitleIndex, bare
from app.unknowable import unknowable
from app.words import (
    CALENDAR,
    COMMON,
    COUNTRIES,
    FOREIGN_WORDS,
    GENRE_WORDS,
    INTERJECTIONS,
    NATIONS,
    POSSESSIVE,
    WHO_MADE,
    mask,
    normal,
    tokens,
)
from data.catalogue import Catalogue

_LIKE_A_WORD = 75  # of 100, by the edit distance
_LIKE_ITS_SPELLING = 85  # of 100
_LIKE_A_TITLE = 74  # of 100; "Amelie" is not like "Alien"
_QUOTED = re.compile(
    r"[\"“«]([^\"“”«»\n]{2,60})[\"”»]|(?<!\w)['‘]([A-Z0-9][^'‘’\n]{1,60})['’](?!\w)"
)
_CAPITALS = r"(?:[A-Z][\w'’-]*|\d+)"
_TITLE_LIKE = rf"{_CAPITALS}(?:\s+(?:(?:of|the|and|a|in|to|for|&)\s+)*{_CAPITALS})"
_TITLE = re.compile(rf"(?:The\s+)?{_TITLE_LIKE}+")
_PRAISED = re.compile(
    r"\b(?:loved?|liked?|likes|adored?|enjoyed?|saw|seen|watched|rewatched|hated|admired|called|"
    rf"finished)\s+(?:the (?:movie|film) )?({_TITLE_LIKE}*)|"
    # Weaker signs of a title need two capitals: "the king of France" is none.
    r"\b(?:have|is|of|lent me|to|about|through|among|or|[Oo]r|than)\s+"
    rf"((?:The\s+)?{_TITLE_LIKE}+)"
)
_LIKED = re.compile(
    r"\b(?:(?:lov|lik|enjoy|ador|hat)e?[ds]?|seen|saw|watched)\s+([^.!?;\n]+)|\b(?:fans? of|"
    r"into)\s+([^.!?;\n]+)|\b(?:top \w+|fav\w*|films?|movies?)(?: (?:of all time|are|i love))?:\s*"
    r"([^.!?;\n]+)",
    re.I,
)
_PARTED = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s(?:and|or|n|&)\s)\s*", re.IGNORECASE)
_HAVE = re.compile(
    r"\W*(?:(?:ok|hi|hey|so|and|but)\W+)*(?:(?:do|did) (?:you|u) (?:have|know)|"
    r"(?:you|u) (?:got|have)|have (?:you|u) (?:got|seen|heard of))\s+"
    r"((?!an?y? |subtitles?\b)(?:the )?[\w'’-]+(?: [\w'’-]+){0,3})\W*$",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|and|so|but|hi|hey)\W+)*(?:(?:please |can you |could you )*(?:tell (?:me|"
    r"us)|what do you (?:know|think)|give me (?:the )?details)(?: a bit| a little)?(?: more| "
    r"something)? (?:about|of|on)|what(?:['’]?s| is| was) the (?:plot|story|cast|ending) of|"
    rf"{WHO_MADE}|describe|summari[sz]e) (?!(?:it|"
    r"that|this|them|these|those|him|her|you|your|yourself|the (?:first|second|third|last|middle|"
    r"other|one)|films?|movies?|any|some|an?|my|all|one|both|what|how|why|number)\b)"
    r"((?:the )?[\w'’-]+(?: [\w'’-]+){0,3})\W*$",
    re.IGNORECASE,
)
_OF_ONE = (
    _HAVE,
    _TOLD,
    re.compile(
        r"^\W*(?:(?:and|or|what about|how about) )?(the (?!\w+st\b)[\w'’-]+)\W*\?\W*$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\W*(?:(?:ok(?:ay)?|so|hm+|what about|how about) )*(?!(?:with|by|for|from|in|of|on|at|"
        r"to|like|about|without|starring|set|any|some|an?|is|are|was|does|did|do|has|can|will|it|"
        r"that|this|or|recommend|suggest|watch|see|more|less|another|and|who|what|why|how|when|"
        r"where|which|any|the (?:first|second|third|last|middle|other|most|least|"
        r"\w+est))\b)((?:the )?[\w'’-]+(?: [\w'’-]+){0,2}?)(?: ok(?:ay)?)?\W*\?\W*$|"
        r"^\W*does ((?:the )?[\w'’-]+(?: [\w'’-]+){0,2}?) counts?\W*\??\W*$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\W*(?:(?:ok(?:ay)?|and|so|but)\W+)*(?:how good (?:is|was)|is|was) (?!it\b|that\b|this\b|"
        r"they\b|there\b|the (?:first|second|third|last|middle|other)\b)((?:the )?[\w'’-]+(?: "
        r"[\w'’-]+){0,2}?)"
        r"(?: (?:any good|good|worth (?:it|watching|seeing)))?\W*$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\W*((?:the )?[\w'’-]+(?: [\w'’-]+){0,2}) is (?:(?:one of|among) )?my "
        r"(?:all[- ]time )?fav\w*\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\W*(the [\w'’-]+(?: [\w'’-]+){0,2}),? (?:i(?:['’]ve| have) |already )*seen "
        r"(?:it|that)\b",
        re.IGNORECASE,
    ),
)
"""Messages about one film, which is the last group."""
_LIKENED = re.compile(
    r"(?:^\W*|\b(?:films?|movies?|something|somthing|smth|anything|ones?|stuff) (?:(?:just|kinda|"
    r"similar|exactly) )?)(?:like|to) ((?:the )?[\w'’-]+(?: [\w'’-]+){0,2}?)"
    r"(?=\W*$|[.,!?;]| (?:but|and|or|with|please|pls|for|tonight|from|in|without)\b)",
    re.IGNORECASE,
)
_WRITTEN = re.compile(
    r"\b(?:based|adapted|adaptations?|novels?|books?|stories|works?|written|inspired|anything|"
    r"something|films?|movies?) (?:\w+ ){0,2}(?:on|from|of|by) (?:an? |the )?(?:\w+ (?:by|of) )?$",
    re.IGNORECASE,
)
_WORKS = re.compile(
    r"(?:['’]s)? (?:films?|movies?|adaptations?|novels?|books?|stories|works?|ones?)\b",
    re.IGNORECASE,
)
"""Before and after the name of somebody whose books were filmed."""
_OF_FILMS = re.compile(r"\s+(?:films?|movies?|cinema|comed|stuff|music|type)")


@dataclass(frozen=True, slots=True)
class UnknownTitle:
    """Words used as a title that is no film of the catalogue, and the film spelt most like it."""

    text: str
    start: int
    end: int
    nearest: int | None


class Unheard:
    """Finds them, knowing the films that are named."""

    def __init__(self, catalogue: Catalogue, titles: TitleIndex) -> None:
        self._catalogue = catalogue
        self._titles = titles
        self._names = titles.names
        films = self._names.films
        self._whole = [key for key, held in films.items() if max(held.values()) >= BARE]
        self._spellings = [" ".join(key) for key in self._whole]

    def unknown(self, text: str, known: list[Mention]) -> list[UnknownTitle]:
        """Titles quoted or praised in `text` that the catalogue does not hold."""
        spans = [m.span(m.lastindex or 0) for m in _QUOTED.finditer(text)]
        if properly_cased(text):
            spans += [m.span(m.lastindex or 0) for m in _PRAISED.finditer(text)]
        spans += self._beside_known(text, known) + self._asked_for(text) + self._likened(text)
        result: list[UnknownTitle] = []
        ordinary = (COMMON, self._names.people, CALENDAR)
        for start, end in spans:
            name = text[start:end].strip(" .,!?")
            inside = normal(POSSESSIVE.sub("", name))
            taken = [(m.start, m.end) for m in known] + [(u.start, u.end) for u in result]
            if any(low < end and start < high for low, high in taken):
                continue
            the_thing = name.startswith("The ") and name[4:5].isupper()
            if not the_thing and all(any(word in held for held in ordinary) for word in inside):
                continue
            if _OF_FILMS.match(text, end) or self.is_told_of(name):
                continue
            result.append(UnknownTitle(name, start, end, self.nearest(name)))
        return result

    def _beside_known(self, text: str, known: list[Mention]) -> list[tuple[int, int]]:
        """What stands in a list of liked films and is no film, no name and no ordinary word:
        "i liked the matrix, inception and titanic"."""
        found: list[tuple[int, int]] = []
        # "Four Weddings and a Funeral" is one.
        names = mask(text, [(mention.start, mention.end) for mention in known])
        for match in _LIKED.finditer(names):
            start, end = match.span(match.lastindex or 0)
            parts, at = [], start
            for gap in [*_PARTED.finditer(names, start, end), None]:
                parts.append((at, gap.start() if gap else end))
                at = gap.end() if gap else end
            if not any((m.start, m.end) == part for m in known for part in parts):
                continue
            for low, high in parts:
                words = normal(text[low:high])
                if INTERJECTIONS.issuperset(words):
                    continue  # "i hated titanic, sorry"
                strange = len(words) == 1 and not self._names.knows(words[0])
                # "Clueless, Legally Blonde and Mean Girls"
                part = text[low:high].strip()
                strange |= properly_cased(text) and _TITLE.fullmatch(part) is not None
                if strange or (1 < len(words) <= TELLING_WINDOW and words[0] == "the"):
                    found.append((low, high))
        return found

    def _asked_for(self, text: str) -> list[tuple[int, int]]:
        """The one film that a whole message is about, where that is no ordinary word: "do you have
        the matrix", "the commitments, seen that", "baraka is my favourite"."""
        match = next((m for asks in _OF_ONE if (m := asks.match(text))), None)
        if match is None or unknowable(text):
            return []
        name = match[match.lastindex or 1]
        inside = re.search(r"\w", text[: match.start(match.lastindex or 1)]) is not None
        capital = inside and re.fullmatch(_CAPITALS, name) is not None  # "tell me about Rope"
        if (capital or _TITLE.fullmatch(name.strip())) and properly_cased(text):  # "Sister Act?"
            told = (self._names.people, GENRE_WORDS, NATIONS, CALENDAR, COUNTRIES)
            if not any(word in held for word in normal(name) for held in told):
                return [match.span(match.lastindex or 1)]
        words = [word for word in normal(name) if word not in COMMON and word not in GENRE_WORDS]
        strange = any(not self._names.knows(word) and not self._slip(word) for word in words)
        a_name = name.lower().startswith("the ") and len(words) == 1
        a_name = a_name and words[0] not in self._names.plain
        return [match.span(match.lastindex or 1)] if strange or a_name else []

    def _slip(self, word: str) -> bool:
        """Whether it is an ordinary word, misspelt: "romantc"."""
        near = process.extractOne(
            word, self._names.plain, scorer=fuzz.ratio, score_cutoff=_LIKE_ITS_SPELLING
        )
        return near is not None and near[0][:1] == word[:1]

    def _likened(self, text: str) -> list[tuple[int, int]]:
        """What films are wanted to be like that is no word of the catalogue's: "like inception"."""
        return [match.span(1) for match in _LIKENED.finditer(text) if self._is_a_name(match[1])]

    def _is_a_name(self, text: str) -> bool:
        """Whether a word is none of the catalogue's, or "the" stands by one used in no story."""
        words = normal(text)
        if any(len(word) > 3 and not self._names.knows(word) for word in words):
            return True
        return len(words) == 2 and words[0] == "the" and words[1] not in self._names.plain

    def is_told_of(self, name: str) -> bool:
        """Whether some film's story or tags have all of a longer name: "Jane Austen"."""
        wanted = name.lower()
        rows = ((row.synopsis, *row.tags) for row in self._catalogue)
        return " " in wanted and any(wanted in " ".join(texts).lower() for texts in rows)

    def is_author(self, text: str, mention: Mention) -> bool:
        """Whether a part of a title names somebody whose books were filmed: "based on Stephen
        King" is about no film called "Stephen King's The Langoliers"."""
        if mention.score >= HALF or not self.is_told_of(text[mention.start : mention.end]):
            return False
        before, after = text[: mention.start], text[mention.end :]
        return _WRITTEN.search(before) is not None or _WORKS.match(after) is not None

    def nearest(self, name: str) -> int | None:
        """The film whose title is spelt most like `name`, or None when none is at all alike."""
        spelt = normal(name)
        match = process.extractOne(
            " ".join(spelt), self._spellings, scorer=fuzz.ratio, score_cutoff=_LIKE_A_TITLE
        )
        if match is None:
            return None
        key = self._whole[match[2]]
        # More than the article must be alike: "The Hangover" is not like "The Stranger".
        alike = "".join(bare(spelt))[:1] == "".join(bare(key))[:1]
        return self._titles.choose(key, None) if alike else None

    def foreign(self, text: str) -> bool:
        """Whether most words of `text` are in no text of the catalogue."""
        words = [w.norm for w in tokens(text) if not w.norm.isdigit()]
        if sum(c.isalpha() and c > "\u024f" for c in text) > 0.5 * sum(c.isalpha() for c in text):
            return True
        foreign = len(FOREIGN_WORDS & {*words})
        if foreign >= 2 and foreign > len(COMMON & {*words}):
            return True
        strange = sum(word not in self._names.vocabulary for word in words)
        return strange >= 3 and strange > 0.75 * len(words)

    def strange(self, text: str) -> str:
        """`text` where it is a word or two of which none is like any that the catalogue knows, ""
        where it is not."""
        words = [word.norm for word in tokens(text)]
        known = self._names.vocabulary

        def alike(word: str) -> bool:
            near = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=_LIKE_A_WORD)
            return word.isdigit() or len(word) < 4 or near is not None

        if not words or len(words) > 2 or any(self._names.knows(word) for word in words):
            return ""
        return "" if any(alike(word) for word in words) else text.strip(" .,!?")
