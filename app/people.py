"""Directors and actors named in a message."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA

from app.constraints import Span, carries_on, negated, turned_down
from app.nicknames import NICKNAMES, aliases, surname_of
from app.words import AS_LIKE, COMMON, COUNTRIES, EVERYDAY, Token, normal, stem, tokens
from data.catalogue import Catalogue

_BY = re.compile(
    r"\b(?P<how>by|with|from|starring|directed by|of|w|featuring)\s+(?:the great |old )?$",
    re.IGNORECASE,
)
_FOND = re.compile(
    r"\b(?:love|adore|like|enjoy|(?:big |huge )?fan of|fond of|into)\s+"
    r"(?:(?:all|old|early|late) )?$",
    re.IGNORECASE,
)
_FAVOURITE = re.compile(
    r"\bfav\w* (?:director|actor|actress|film-?maker)(?:e?s)? (?:is|are|includes?|has to be)"
    r"(?: (?:probably|definitely|certainly))?:? $",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"\b(?:(?:score|scored|music|soundtrack|composed|screenplay|script|photographed|edited|"
    r"produced) by|(?<!what )(?<!how )(?<!tell me )(?<!tell us )(?<!more )about|"
    r"biograph\w+ of|biopics? (?:of|on)|life of|portrait of)\s+$",
    re.IGNORECASE,
)
"""Before somebody whom a film tells of or who wrote it, and whom no row has for that."""
_MAKE = re.compile(r" (?:make|direct|film|do|shoot|star|play|act)\b", re.IGNORECASE)
_MADE = re.compile(
    r" (?:(?:has|had|have|ever|also|once) )*(?:made|directed|shot|filmed|starred|acted)\b",
    re.IGNORECASE,
)
_STYLE_AFTER = re.compile(
    r"(?:['’]s)?(?:[ -]esque| styles?| vibes?| type| kind of)\b", re.IGNORECASE
)
_ESQUE = re.compile(r"-?(?:ian|esque|ish)$", re.IGNORECASE)
"""Behind a director in whose manner a film is: "hitchcockian"."""
_A_FILM_OF = re.compile(
    r"(?:['’]s)?(?: (?:film|movie|flick|picture|one|thriller|comedy|western|stuff|style|vibe|"
    r"horror|drama|musical|romance|sci[- ]?fi)s?\b|"
    r"\s*(?:please|pls|then|instead)?\W*$)",
    re.IGNORECASE,
)
_A_FILM_BY = re.compile(r"(?:['’]s)? (?:films?|movies?|flicks?)\b", re.IGNORECASE)
_OR_ANOTHER = re.compile(r",?\s*(?:or|and|n|/|,)\s*(\w+)", re.IGNORECASE)
_AND_BEFORE = re.compile(r"\b([a-z][\w'’-]+) and $", re.IGNORECASE)
_FIRST_NAME = re.compile(r"(?:^|\s)([a-z]{3,}) $", re.IGNORECASE)
_BY_A_WORD = re.compile(r"\b(?:by|from|with|of|starring) \w+ $", re.IGNORECASE)
_SURNAME = re.compile(r" ([a-z]{4,})\b", re.IGNORECASE)
_NAMED_PERSON = re.compile(
    r"\b(?P<how>(?:directed |made )?by|starring|featuring|with|from) "
    r"(?P<name>[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]+)?)",
    re.IGNORECASE,
)
_ALONE = re.compile(r"\W*([A-Z][\w'’-]+ [A-Z][\w'’-]+)\W*")
"""A name and no more: "Bruce Lee"."""
_ANOTHER_NAME = re.compile(r" [A-Z][a-z]+")
_IN_THE_STYLE = re.compile(
    rf"(?:{AS_LIKE}|\bstyle of|\bsimilar to|\breminiscent of)\s+(?:an? |the )?$",
    re.IGNORECASE,
)
_SEEN_ALL = re.compile(
    r"\b(?:seen|watched|know)\s+(?:everything|all|every (?:film|movie|one))\s+"
    r"(?:(?:by|of|from|with|the)\s+)*$",
    re.IGNORECASE,
)
_FANS = re.compile(r"\s+(?:fan(?:s|atic)?|lover|buff|nut|obsessive)\b", re.IGNORECASE)
"""Behind somebody whose films are liked: "I'm a Hitchcock fan"."""
_ALLOWED = re.compile(
    r"(?:['’]s| is| are| would be) (?:also |totally |perfectly )?(?:ok|okay|fine|welcome|allowed|"
    r"alright)\b",
    re.IGNORECASE,
)
"""Behind somebody who is no longer ruled out: "Kurosawa is fine"."""
_ACTING = {"with", "w", "starring", "featuring"}
_FAMILY = 4  # people whom one surname may mean together
_LONG_SURNAME = 4  # letters of one that may be misspelt
_KNOWN = 4  # films of somebody whom a first name may mean
_LEADS = 2  # times as many films as the next of that surname: then the surname alone means them

_SIBLINGS = {"brothers", "bros", "sisters"}  # "nothing by the Coen brothers"


class People(NamedTuple):
    """Of a message: people wanted, not wanted, no longer ruled out ("Lynch is fine"), whose films
    are to be gone by ("like Lynch"), and names that nobody here has; where all of them stand."""

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    free: tuple[str, ...]
    alike: tuple[str, ...]
    strangers: tuple[str, ...]
    spans: list[Span]


class PeopleIndex:
    """The people of a catalogue: full names anywhere, lone surnames where a name is due.

    A surname is due after "by", "with" or "not"; one that is no ordinary word may be all there
    is ("hitchcock", "a kubrick film").

    Args:
        plain: ordinary words, which in lower case are no surnames.
        written: words of the films' stories, which are no surnames where no name is due.
        told_of: whether some film's story or tags have a name: "Jane Austen", who made none.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        plain: Collection[str] = (),
        written: Collection[str] = (),
        told_of: Callable[[str], bool] = lambda name: False,
    ) -> None:
        self._told_of = told_of
        self._names: dict[tuple[str, ...], str] = {}
        directed: dict[str, Counter[str]] = defaultdict(Counter)
        acted: dict[str, Counter[str]] = defaultdict(Counter)
        titles: set[str] = set()
        for item in catalogue:
            titles.update(normal(item.title))
            for group, people in ((directed, item.directors), (acted, item.cast)):
                for person in people:
                    if len(key := normal(person)) > 1:
                        self._names[key] = person
                        group[surname_of(key)][person] += 1
        called: dict[str, Counter[str]] = defaultdict(Counter)
        for item in catalogue:
            for person in {*item.directors, *item.cast}:
                key = normal(person)
                # "W. S. Van Dyke" makes "with" no first name.
                if len(key) > 1 and key[0] not in COMMON:
                    called[key[0]][person] += 1
        self._called: dict[str, list[tuple[str, str]]] = {
            first: [(surname_of(normal(person)), person) for person in people]
            for first, people in called.items()
        }
        # "Nothing with Arnold": a first name may mean somebody, too.
        self._first_names = {n: p for n, p in _alone(called).items() if called[n][p] >= _KNOWN}
        self._films = {person: n for names in called.values() for person, n in names.items()}
        by_films = sorted(self._names.items(), key=lambda named: -self._films.get(named[1], 0))
        for key, person in by_films:
            for alias in aliases(key):
                self._names.setdefault(alias, person)
        # Where a director and actors share a surname, it means the director, unless they act.
        self._directors = _alone(directed)
        self._actors = _alone(acted)
        self._acted = acted
        self._families = {name: tuple(people) for name, people in (acted | directed).items()}
        self._plain = {*plain, *COMMON, *EVERYDAY, *COUNTRIES}
        self._longest = max(map(len, self._names), default=0)
        self._in_use = titles | {*written} - self._only_in_names(catalogue)

    def _only_in_names(self, catalogue: Catalogue) -> set[str]:
        """Surnames that the stories use for nobody and nothing else: "Al Pacino plays himself"."""
        inside, outside = set[str](), set[str]()
        for item in catalogue:
            words = normal(item.synopsis)
            taken: set[int] = set()
            for at in range(len(words)):
                for size in range(2, min(self._longest, len(words) - at) + 1):
                    if tuple(words[at : at + size]) in self._names:
                        taken.update(range(at, at + size))
            inside.update(words[at] for at in taken)
            outside.update(word for at, word in enumerate(words) if at not in taken)
        return inside - outside

    def wanted(self, text: str) -> People:
        """Who is wanted, who is not and who is to be gone by."""
        found, spans = self.find(text)
        told_of = [_TOPIC.search(text[:start]) is not None for start, _ in spans]
        found = tuple(person for person, topic in zip(found, told_of, strict=True) if not topic)
        spans = [span for span, topic in zip(spans, told_of, strict=True) if not topic]
        wanted: list[str] = []
        unwanted: list[str] = []
        free: list[str] = []
        alike: list[str] = []
        chosen, reach = wanted, -1
        for person, (start, end) in zip(found, spans, strict=True):
            if start < reach:  # another one of "the Coen brothers"
                pass
            elif (
                negated(before := text[max(reach, 0) : start])
                or _SEEN_ALL.search(before)
                or turned_down(text, end) > end
            ):
                chosen = unwanted
            elif _ALLOWED.match(text, end):
                chosen = free
            elif (
                _IN_THE_STYLE.search(before)
                or _STYLE_AFTER.match(text, end)
                or _in_their_manner(text[start:end], person)
            ):
                chosen = alike
            elif reach < 0 or not carries_on(text, reach, start):
                chosen = wanted
            chosen.append(person)
            reach = end
        strangers = self._strangers(text, spans)
        names = tuple(text[start:end] for start, end in strangers)
        whole = [(start, turned_down(text, end)) for start, end in spans]
        return People(
            tuple(wanted), tuple(unwanted), tuple(free), tuple(alike), names, [*whole, *strangers]
        )

    def _strangers(self, text: str, taken: Sequence[Span]) -> list[Span]:
        """Where the names of people stand whom the catalogue does not have: "by Nolan"."""
        found = []
        alone = _ALONE.fullmatch(text)
        if alone and not taken:
            given, surname = normal(alone[1])[:2]
            ordinary = self._ordinary(surname) and surname not in {*map(surname_of, self._names)}
            known = given in COMMON or ordinary
            if given in self._called and not known and not self._told_of(alone[1]):
                return [alone.span(1)]
        for match in _NAMED_PERSON.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            words = tokens(match["name"])
            made = match["how"].lower().endswith(("by", "starring"))
            strange = [word for word in words if not self._ordinary(word.norm)]
            first = words[0].norm in self._called and words[0].norm not in COMMON
            both = len(words) == 2 and words[0].capital and words[1].capital
            whole = len(words) == 2 and words[1] in strange
            whole = whole and (first or both or words[0] in strange)
            if whole and (made or first or words[1].capital):
                if not self._told_of(match["name"]):
                    found.append(match.span("name"))
            elif words[0].norm in self._families:
                continue  # of whom there are many
            elif words[0] in strange and (made or (words[0].capital and len(words[0].norm) > 3)):
                start = match.start("name")
                found.append((start + words[0].start, start + words[0].end))
        return found

    def _ordinary(self, word: str) -> bool:
        """Whether it is, or is formed from, a word of the films' stories or of everyday speech."""
        forms = (word, stem(word))
        return any(form in self._plain or form in self._in_use for form in forms)

    def find(self, text: str) -> tuple[tuple[str, ...], list[Span]]:
        """(people as the catalogue spells them, where they stand)."""
        words = tokens(text)
        found: dict[str, Span] = {}
        reach = -1
        at = 0
        while at < len(words):
            for size in range(min(self._longest, len(words) - at), 1, -1):
                span = words[at : at + size]
                key = tuple(word.norm for word in span)
                if span[-1].possessive and key not in self._names:
                    key = (*key[:-1], key[-1].removesuffix("s"))  # "all of Clint Eastwood's"
                if key in self._names:
                    found[self._names[key]] = (words[at].start, words[at + size - 1].end)
                    at += size - 1
                    reach = words[at].end
                    break
            else:
                word = words[at]
                person = self._misspelt(words[at : at + 2])
                if person is not None:
                    found[person] = (word.start, words[at + 1].end)
                    reach = words[at + 1].end
                    at += 2
                    continue
                siblings = at + 1 < len(words) and words[at + 1].norm in _SIBLINGS
                if siblings and (word.capital or word.norm not in self._plain):
                    family = self._families.get(word.norm, ())
                    found.update(dict.fromkeys(family, (word.start, words[at + 1].end)))
                    at += 2
                    continue
                listed = reach >= 0 and carries_on(text, reach, word.start)
                person = self._by_surname(text, word, listed)
                several = (person,) if person is not None else self._several(text, word, listed)
                if several:
                    found.update(dict.fromkeys(several, (word.start, word.end)))
                    reach = word.end
            at += 1
        return tuple(found), list(found.values())

    def _misspelt(self, words: list[Token]) -> str | None:
        """Who is meant by a right first name and a surname with one slip: "jim carey"."""
        if len(words) < 2 or len(words[1].norm) < _LONG_SURNAME:
            return None
        first, last = (word.norm for word in words)
        alike = [
            person
            for surname, person in self._called.get(first, ())
            if last[0] == surname[0] and OSA.distance(last, surname) == 1
        ]
        return max(alike, key=lambda person: self._films[person], default=None)

    def _by_surname(self, text: str, word: Token, listed: bool) -> str | None:
        if word.capital and _ANOTHER_NAME.match(text, word.end):
            return None  # "not James Bond" is about no James that is known here
        if word.norm in COUNTRIES:
            return None  # "bored of Hollywood" is about no Gary
        like = self._directors.get(_ESQUE.sub("", word.norm))
        if like is not None and _ESQUE.search(word.norm):
            return like if self._films[like] >= _KNOWN else None
        surname = word.norm.removesuffix("s") if word.possessive else word.norm
        before = text[: word.start]
        by = _BY.search(before)
        if by is not None and by["how"].lower() in _ACTING:
            person = self._actors.get(surname) or self._directors.get(surname)
        else:
            person = self._directors.get(surname) or self._actors.get(surname)
        if self._of_another(before, person) or self._has_another(text[word.end :], surname):
            return None
        if person is not None and by is not None and by["how"].lower().endswith("by"):
            directs = self._directors.get(surname) == person
            person = person if directs or self._films[person] >= _KNOWN else None
        first = self._first_names.get(surname)
        named = word.capital or surname not in self._plain
        due = by is not None or negated(before) or _A_FILM_BY.match(text, word.end) is not None
        known = first is not None and named and due
        if first is not None and known and self._films[first] > self._films.get(person or "", 0):
            return first
        if person is None:
            return None
        beside = by is not None and by["how"].lower() in {"with", "w"}
        if beside and not word.capital and surname in self._in_use:
            return None  # "something with london in it" is about the town
        plain = surname in self._plain
        due = by is not None or listed or (word.start > 0 and negated(before))
        due |= before.lower().endswith("did ") and _MAKE.match(text, word.end) is not None
        due |= _ALLOWED.match(text, word.end) is not None
        due |= word.capital and _MADE.match(text, word.end) is not None
        due |= word.capital and _FOND.search(before) is not None
        due |= _FAVOURITE.search(before) is not None
        due |= _FANS.match(text, word.end) is not None
        if due and (word.capital or not plain):
            return person
        # Alone, a surname must be nothing else: no word of any story, and of no film's title.
        beside_nobody = _AND_BEFORE.search(before)
        if beside_nobody is not None and not self._known(beside_nobody[1]):
            return None  # "like thelma and louise"
        alone = not plain and not {surname, surname.removesuffix("s")} & self._in_use
        other = _OR_ANOTHER.match(text, word.end)
        more = other is not None and self._known(other[1])
        return person if alone and (more or _A_FILM_OF.match(text, word.end)) else None

    def _several(self, text: str, word: Token, listed: bool) -> tuple[str, ...]:
        """Who may be meant by a surname that means nobody alone, "by Lynch", or by a family's, "the
        Coens"; none where they are many."""
        before = text[: word.start].removesuffix("the ")
        family = len(before) < word.start and word.norm.endswith("s")
        surname = word.norm.removesuffix("s") if family or word.possessive else word.norm
        by = _BY.search(before)
        due = by or listed or negated(before) or _FOND.search(before) or _FAVOURITE.search(before)
        if not (due and word.capital) or _ANOTHER_NAME.match(text, word.end):
            return ()
        acts = by is not None and by["how"].lower() in _ACTING
        people = tuple((self._acted if acts else self._families).get(surname, ()))
        meant = 1 < len(people) <= _FAMILY and not self._of_another(before, people[0])
        return people if meant else ()

    def _of_another(self, before: str, person: str | None) -> bool:
        """Whether somebody else's first name stands before a surname: "agatha christie" is not
        Julie, "Christopher Nolan" is not Matt."""
        match = _FIRST_NAME.search(before)
        if match is None or person is None:
            return False
        first, theirs = match[1].lower(), normal(person)[0]
        if first in self._called:
            return first != theirs and first not in NICKNAMES.get(theirs, ())
        # "By agatha" names somebody, "gimme" and "luv" name nobody.
        return _BY_A_WORD.search(before) is not None and not self._ordinary(first)

    def _has_another(self, after: str, name: str) -> bool:
        """Whether a surname that nobody here has stands behind a first name: "denis villeneuve"."""
        match = _SURNAME.match(after)
        return name in self._called and match is not None and not self._ordinary(match[1].lower())

    def _known(self, surname: str) -> bool:
        return any(word in self._directors or word in self._actors for word in normal(surname))


def _in_their_manner(said: str, person: str) -> bool:
    """Whether a director's name is said with an ending: "hitchcockian", and not "Lillian Gish"."""
    return _ESQUE.search(said) is not None and normal(said)[-1] not in normal(person)


def _alone(surnames: dict[str, Counter[str]]) -> dict[str, str]:
    """Surname -> the one person it means, where it means one."""
    meant = {}
    for surname, people in surnames.items():
        (first, most), *others = people.most_common(2)
        if not others or most >= _LEADS * others[0][1]:
            meant[surname] = first
    return meant
