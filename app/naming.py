"""Whether words that are a film's name and ordinary English alike name the film here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from app.names import FULL, WORD, Key, Names
from app.words import (
    ARTICLES,
    CALENDAR,
    COMMON,
    DISLIKE_ADJECTIVES,
    DISLIKE_CUES,
    FUNCTION,
    GENRE_WORDS,
    LIKE_CUES,
    WHO_MADE,
    Token,
    stem,
    word_set,
)

Span = tuple[int, int, Key, float]  # first word, one past the last, name, how sure in 0..1

_NAMING = word_set("""
    love loved luv luvd lovd like liked likes liek loves enjoy enjoyed adore adored saw seen
    watch watched rewatched finish finished hate hated dislike disliked than as about called
    admire admired recommend prefer preferred either luved rewatching watching not during
    through by of is was fw liking rate review describe summarise summarize explain spoil
    luving thought found into besides except rewatch
    """)
_FOLLOWING = word_set("""
    and or but too so when because twice again yesterday recently lately last is was were had
    are isnt wasnt has made left got as though while whereas kind style vibes rules rocks slaps
    r both all by which who just never really also then wrecked bored for if with at go goes
    hits hit did didnt instead tho 2 type fyi put that we vibe energy level tape fan guy before
    tbh ngl imo imho fr frfr lol lmao haha pls plz please thx thanks already ever anyway though
    honestly personally btw mate bro bruh dude man tonight watch watches see choose enjoy
    """)
_VERDICT = word_set("""
    is was still always never ruined made left had has did drove wrecked slaps hits goes bored
    isnt wasnt didnt wore won put set cured scared gave does works r are rules rocks cheers
    """)
_IS = word_set("is was still always r are")
_JUDGED = re.compile(
    r"\s*\w+ (?:so|too|very|really|realy|pretty|kinda|just|my|top|such|a bit|lowkey|not|never)\b",
    re.I,
)
_OPENERS = word_set("yo hey hi hello ok okay lol yes no bruh ha haha and or but not n so")
_KINDS = word_set("type types vibe vibes energy style level kinda sort")
_SORTS = word_set("ones films movies stuff")
_BEING = word_set("is was of does whats what's")
_MY_FAVOURITE = re.compile(
    r"\b(?:fav\w*|best|worst|pick|choice|film|movie|one|goat|fan|think|thinking) (?:is|was|of) $",
    re.I,
)
"""Before one word that is a title then, and not what something is: "my favourite is heat"."""
_COMPARED = re.compile(
    r"\b(?:compared?|versus|vs\.?) (?:[^.!?]{1,60} )?(?:to|with|and|against) $", re.I
)
"""Before the second of two films that are compared."""
_ASKING = re.compile(
    rf"^\W*(?:(?:ok(?:ay)?|and|so|but|hey|hi|hm+|yo)\W+)*(?:{WHO_MADE}|whos in|who['’]s in|"
    r"how (?:good|bad|long|old|scary|violent|sad|funny|dark) (?:is|was)|do (?:you|u) (?:have|know|"
    r"like)) (?:the )?$",
    re.I,
)
"""Before a film that a whole message asks about: "who directed heat"."""
_WORTH = re.compile(
    r"\s*(?:any good|worth|good\?|about\W*$|(?:better|worse|\w{3,}er) than\b|"
    r"(?:ok(?:ay)?|scary|violent|sad|funny|dark|gory)\W*\?|(?:ok(?:ay)?|too|suitable|fine|good) "
    r"(?:for\b|scary|violent|dark|sad|gory)|(?:have|has) |"
    r"(?:i|we)(?:['’]?ve| have)? (?:already |also )?(?:know|knew|saw|seen|watched)\W*$)",
    re.I,
)
"""After a film that is asked about or known: "is heat any good?", "heat I've seen"."""
_PART_OF = re.compile(
    r"\b(?:plot|story|ending|cast|director|stars?|summary|synopsis|meaning|sequels? to|sequels?|"
    r"prequels? to) (?:of )?(?:the )?$",
    re.I,
)
"""Before a film of which something is asked: "what's the plot of vertigo"."""
_DATED = re.compile(r"\b(?:from|made|out|older|newer) (?:before|after|than) (?:the )?$", re.I)
"""Before a film that others are older or newer than: "sci-fi from before star wars"."""
_ANNOUNCED = re.compile(
    r"\b(?:lov\w+|lik\w+|enjoy\w*|fav\w*|films?|movies?|seen|hated?)\s*:\s*$", re.I
)
"""Before a list of films: "some films I love: Twister, Jack and ..."."""
_DETERMINERS = word_set("a an my your that this any another")
_LIKENESS = word_set("similar close closer compared comparable akin next")  # ... to a film
_SMALL = word_set("and of the a an in on to")  # words that a title writes in lower case
_COMPARATIVES = {("stranger",), ("thinner",)}
_LONG = 9  # letters; a slip in so long a name is one all the same
_SERIES = 3  # films that go by a name of two words or more
_TELLING = 4  # so many ordinary words in a row are a title after all: "that thing you do"
_LIST_GAP = re.compile(r"\s*(?:[,/+]|and|an|n|&|or|plus|,\s*(?:and|n|then|or|plus)|then)\s*")
_SENTENCE_GAP = re.compile(r"\s*\.\s*")
_YEAR_AFTER = re.compile(r"\s*\((?:18|19|20)\d\d\)")
_DOTTED = re.compile(r"(?:\w[.*])+\w?")


@dataclass(frozen=True)
class Place:
    """A name found at `words[first:last]` of `text`, and what its surroundings say."""

    text: str
    words: list[Token]
    first: int
    last: int

    @property
    def before(self) -> str:
        return self.text[: self.words[self.first].start]

    @property
    def after(self) -> str:
        return self.text[self.words[self.last - 1].end :]

    @property
    def opens(self) -> bool:
        """Whether it opens a sentence."""
        return not self.before.strip() or bool(re.search(r"[.!?\n:;][\s\"'“‘(]*$", self.before))

    @property
    def closes(self) -> bool:
        """Whether it closes a clause."""
        return not self.after.strip() or bool(re.match(r"\s*[,.;:!?()\n/=]", self.after))

    @property
    def ends_sentence(self) -> bool:
        return not self.after.strip() or bool(re.match(r"\s*[.;!?\n]", self.after))

    @property
    def previous(self) -> str:
        return self.words[self.first - 1].norm if self.first else ""

    @property
    def follower(self) -> str:
        return self.words[self.last].norm if self.last < len(self.words) else ""

    @property
    def excluded(self) -> bool:
        """Whether a "not" that opens a clause stands before it."""
        return bool(re.search(r"(?:^|[.!?,;:\n]|\bbut)\s*not (?:another )?$", self.before, re.I))

    @cached_property
    def compared(self) -> bool:
        """Whether it is the second of two films that are compared."""
        return _COMPARED.search(self.before) is not None

    def felt(self) -> bool:
        """Whether the rest of its clause holds a word of feeling."""
        clause = re.split(r"[.!?;,\n]", self.after, maxsplit=1)[0]
        end = self.words[self.last - 1].end + len(clause)
        near = self.words[self.last : self.last + 8]
        cues = LIKE_CUES | DISLIKE_CUES | DISLIKE_ADJECTIVES
        return any(word.start < end and word.norm in cues for word in near)


def is_name(place: Place, key: Key, names: Names, *, listed: bool) -> bool:
    """Whether the words at `place` name a film rather than just say something.

    Args:
        listed: they stand in a list next to a name that is sure.
    """
    span = place.words[place.first : place.last]
    typed = tuple(word.norm for word in span)
    content = [word for word in span if word.norm not in COMMON]
    slip = typed != key and not span[-1].possessive
    of_genre = typed[0] in GENRE_WORDS and len(key) < _TELLING
    if not span[0].capital and (_runs_on(place, key, names) or of_genre):
        return False
    of_several = len(key) > 1 and len(names.films[key]) >= _SERIES
    if not span[-1].capital and key in names.ordinary and place.follower in _SORTS:
        return of_several  # "star trek movies", but "not the war ones"
    cased = properly_cased(place.text)
    marked = [word for word in span if word.norm not in ARTICLES | FUNCTION]
    capital = bool(marked) and all(word.capital for word in marked)
    plain = cased and not capital and len(content) == 1 and _is_plain(content[0].norm, names)
    sure = not slip or len(content) > 1 or len("".join(typed)) > _LONG
    if key not in names.ordinary and not plain and sure:
        return True
    if re.search(r"[\"“'‘]$", place.before) and re.match(r"[\"”'’]", place.after):
        return True
    raw = place.text[span[0].start : span[-1].end]
    if _YEAR_AFTER.match(place.after) or _DOTTED.fullmatch(raw) or "&" in raw:
        return True
    if cased and capital and len(marked) > 1:
        return True
    person = _may_be_a_person(place, key, names)
    if cased and capital and not place.opens and not person and key not in names.proper:
        return True
    whole = FULL in names.films[key].values()
    part = max(names.films[key].values()) <= WORD  # "juice", of a title of thirteen words
    asked = (place.previous in _BEING or place.opens) and _WORTH.match(place.after) is not None
    ends_there = place.ends_sentence or place.follower == "and"
    whole_question = _ASKING.search(place.before) is not None and ends_there
    asked = asked or whole_question
    asks_of = _PART_OF.search(place.before) is not None
    dated = _DATED.search(place.before) is not None and place.closes
    told = (place.previous in _NAMING or place.compared or asks_of or dated) and not re.search(
        r"[.,;:!?]\s*$", place.before
    )
    if part and place.previous in FUNCTION:
        told = False
    is_one_word = place.previous in _BEING and len(span) == 1 and not capital and not asks_of
    if is_one_word and not _MY_FAVOURITE.search(place.before):
        told = False
    announced = _ANNOUNCED.search(place.before) is not None
    named = told or asked or listed or announced or place.before.lower().endswith("as in ")
    ends = place.closes or asked or place.follower in _FOLLOWING
    alone = place.opens and place.closes and typed not in _COMPARATIVES
    if part and place.after.strip(" .,!?"):
        alone = False  # "goodnight, thanks": a word of a longer title
    introduced = whole and place.previous in _DETERMINERS and key[0] in ARTICLES
    if all(word in COMMON for word in key) and len(key) < _TELLING:
        titled = cased and all(w.capital for w in span if w.norm not in _SMALL)
        shown = titled and whole and (len(key) > 2 or (named and ends))
        misspelt = slip and named and ends
        # "loved little women", but "loved being there"
        odd_pair = whole and len(marked) > 1 and len(marked) == len(span) and named and ends
        return introduced or shown or misspelt or odd_pair or (listed and alone and whole)
    verdict = place.follower in _VERDICT or place.after.lstrip()[:1] == "="
    starts = place.opens or place.before.rstrip()[-1:] in {",", "/"} or place.previous in _OPENERS
    praised = verdict and place.felt()
    if person:
        # "I liked Emma" and "emma is my favourite", but not "Emma and I".
        said = (named and (ends or verdict)) or (listed and alone) or (starts and praised)
        return said and (capital or listed or not cased)
    if cased and not capital and len(content) < 2:
        return False
    # "The wife is bullied" tells a story, "the rock is elite" judges a film.
    story = key[0] in ARTICLES and not capital and len(content) < 2 and place.follower in _IS
    judged = praised or not story or bool(_JUDGED.match(place.after))
    if (named and ends) or alone or (starts and verdict and judged):
        return True
    if whole and starts and place.follower in _KINDS:
        return True
    if whole and key[0] in ARTICLES and (praised or place.excluded):
        return True
    if whole and place.excluded and place.follower in FUNCTION:
        return True
    if not whole or len(marked) < 2:
        return False
    # A whole title of two words or more needs less: "im a the third man type", "n star wars fyi".
    return (
        (named and (listed or place.follower in ARTICLES))
        or introduced
        or (starts and ends and place.felt())
    )


def _is_plain(word: str, names: Names) -> bool:
    return word in names.plain or stem(word) in names.plain


def _runs_on(place: Place, key: Key, names: Names) -> bool:
    """Whether ordinary words are part of a longer phrase: "to kiss the girls", "the godfather of
    the child"."""
    if not all(word in names.plain or word in COMMON for word in key):
        return False
    before = place.words[place.first - 2].norm if place.first > 1 else ""
    verb = place.previous == "to" and before not in _LIKENESS and not place.compared
    return verb or place.follower == "of"


def same_list(text: str, words: list[Token], left: Span, right: Span, at: Span) -> bool:
    """Whether nothing but a comma, "and" and the like stands between two names.

    A full stop does too around a name that is a sentence of its own: "big night. fargo."
    """
    gap = text[words[left[1] - 1].end : words[right[0]].start]
    if _LIST_GAP.fullmatch(gap):
        return True
    place = Place(text, words, at[0], at[1])
    return bool(_SENTENCE_GAP.fullmatch(gap)) and place.opens and place.ends_sentence


def properly_cased(text: str) -> bool:
    """Whether capitals mean anything here: not all lower case but for "I" and a few shouted words,
    and not all capitals."""
    letters = [c for c in text if c.isalpha()]
    shouted = sum(len(word) for word in re.findall(r"\b(?:[A-Z]{2,}|I)\b", text))
    capitals = sum(c.isupper() for c in letters) - shouted
    return 0 < capitals < 0.5 * len(letters)


def _may_be_a_person(place: Place, key: Key, names: Names) -> bool:
    """Whether the name is a first name, a surname or a day: "Emma", "Friday"."""
    people = (names.people - COMMON) | CALENDAR
    if all(word in people for word in key if word not in ARTICLES):
        return True
    follower = place.words[place.last] if place.last < len(place.words) else None
    return follower is not None and follower.capital and follower.norm in names.people
