"""Genres and years stated in a message, with what is negated."""

from __future__ import annotations

import re
from typing import NamedTuple

from app.words import GENRE_WORDS, NOBODY_WANTS, UNBEARABLE

Span = tuple[int, int]
OLD_BEFORE = 1970
NOT_OLD = (1888, OLD_BEFORE - 1)
"""Since there are films: the years that are not wanted of whoever wants no old ones."""

_GENRE = re.compile(
    r"(?<![\w'])(?<!neo[ -])(?<!live[ -])("  # which is a tag
    + "|".join(re.escape(w) for w in sorted(GENRE_WORDS, key=len, reverse=True))
    + r")(?![\w'-])",
    re.IGNORECASE,
)
# A negation reaches over a few small words and over "or" / "and" / "," to the next genre.
_NEGATION = re.compile(
    r"(?:\b(?:no|not|non|forget(?: about)?|leave(?: out)?|exclud(?:e|ing)|remove|ditch|"
    r"without|nor|neither|except|besides|other than|apart from|aside from|avoid|skip|hates?|hated|"
    r"minus|never|nothin[g']?|in no|stop (?:showing|recommending|suggesting|giving)(?: me| us)?|"
    r"veto(?:e[ds]|es)?|(?<!there )(?<!there are )(?<!why )none(?: of (?:them|these|those))?|"
    r"bann?(?:ed|s)|pass on|(?:sick|tired|bored|fed up|done|weary) (?:of|with|by)|enough(?: of)?|"
    r"isn['’]?t|aren['’]?t|(?:these|those|they)(?: are|['’]re) (?:all|only|mostly|just)|"
    r"instead of|rather than|less|but not|anything but|everything but|"
    rf"{UNBEARABLE}|{NOBODY_WANTS}|"
    r"(?:do|does|did)(?:n['’]?t| not)(?: really| even)? (?:want|like|do|dig|get|"
    r"need|care for|feel like|fancy))\b)(?:\s+(?:"
    r"old (?:films?|movies?),? (?:or|nor|and)|a|an|any|too|so|much|more|another|the|of|that|"
    r"this|really|is|like|into|in|for|all|with|about|by|from|starring|directed by|more of|mood|"
    r"feeling|up|quite|even|films?|movies?|ones|those|anything|everything|anyone|to|"
    r"watch(?:ing)?|see(?:ing)?|please|one|some|kind|sort|really|keen on|big on))*[\s-]*$",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"\s*(?:films?|movies?|stuff)?\s*(?:(?:,|/|and|&|n)|,?\s*(?:or|nor)\s*(?:an?)?)\s*(?:any|"
    r"the)?\s*$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?:\s+(?:films?|movies?|stuff|things?))?(?:\s+(?:(?:is|are|was|were|do|does)(?:n['’]?t|"
    r"\s+not)\s+(?:really |exactly |usually )?(?:my (?:cup of tea|thing|kind of \w+)|my|our|for "
    r"me|for us|do it|work)\b|(?:is|are) (?:where i draw the line|out|a (?:hard )?no|off the "
    r"table)\b|(?: was| is| got)? ?vetoed\b|leaves? (?:me|us|him|her) cold\b|alone\b|out of it\b|"
    r"puts? (?:me|us|her|him) off|"
    rf"(?:(?:is|are) what )?(?:i|we|he|she|they) (?:really )?(?:hates?|{UNBEARABLE})\b|"
    r"(?:really )?(?:bores?|annoys?|irritates?|(?:gets?|grates?) on) (?:my nerves|me|us|her|"
    r"him)\b)|[\s,:?!-]+no,? (?:thanks?|thank you|thx|ta|way)\b(?! to\b)|[\s,:?!-]+hard (?:pass|"
    r"no)\b)",
    re.IGNORECASE,
)
"""What follows a genre or a person not wanted: "westerns aren't my thing"."""
_NO_MATTER_AFTER = re.compile(
    r"\s+(?:(?:is |are )?not required|behind|(?:isn['’]?t|not) (?:necessary|needed|essential))\b",
    re.IGNORECASE,
)
_ALLOWED_AFTER = re.compile(
    r"\s+(?:(?:is|are|would be) )?(?:also )?(?:ok|okay|fine|welcome|allowed)\b", re.IGNORECASE
)
"""What follows a genre that may be, beside those that are wanted."""
_NO_MATTER = re.compile(
    r"\bnever ?mind (?:the |an? )?$|\b(?:need(?:n['’]?t| not)|(?:does|do)(?:n['’]?t| not) "
    r"(?:have|need) to)\s+(?:only\s+)?be"
    r"(?:\s+(?:only|all|a|an|just))*\s*$|\bnot necessarily\s+(?:an?\s+)?$",
    re.IGNORECASE,
)
_NO_GENRE = re.compile(r"\b(?:an?|the cold|cold|civil)\s+$", re.IGNORECASE)
_NO_NOUN = re.compile(r"\s*(?:$|[.,!?;:]|(?:lol|lmao|to|and|but|against|so|in|on|tho)\b)", re.I)
"""Around "crime" and "war" where they are no genre: "that was a crime", "the cold war"."""
_WORLD = re.compile(r"\bworld $", re.IGNORECASE)
_KINDS_OF_A_GENRE = {
    "anime", "slasher", "slashers", "gangster", "gangsters", "whodunit", "whodunnit",
}  # fmt: skip
"""Words of a genre that wish for more than the genre, and turn down the kind alone."""
_CHILD = re.compile(
    r"\b(?:for|with|my|our|and)\s+(?:an?\s+|my\s+|our\s+|the\s+)?(?:[1-9]|1[0-2]|two|three|four|"
    r"five|six|seven|eight|nine|ten)[\s-]*(?:years?|yrs?|yo)?[\s-]*(?:olds?|yo)\b|\b(?:for|"
    r"with)\s+(?:(?:the|my|our|his|her|their|some|small|young|little)\s+)*(?:kids|children|"
    r"little ones|grandkids|grandchildren)\b(?!\s+(?:to|who|that)\b)|\b(?:kids?|children|sons?|"
    r"daughters?|boys?|girls?|grandkids|nieces?|nephews?)\s+(?:(?:who\s+)?(?:is|are)|['’]s|"
    r"['’]re)\s+(?:only\s+)?(?:[1-9]|1[0-2]|two|three|four|five|six|seven|eight|nine|ten)\b|"
    r"\b(?:kids?|children|girls?|boys?)(?: who are|,)? aged? (?:[1-9]|1[0-2])\b|"
    r"\b(?:kids?|children)(?: of)? (?:[1-9]|1[0-2])(?: and (?:[1-9]|1[0-2]))?(?: years?(?: old)?| "
    r"yo)?(?=\W*$|,)|\b(?:youngest|eldest|oldest|littlest|smallest)(?: one| child| kid| of (?:them|"
    r"the kids))?(?: is|['’]s|,? who is) (?:only )?(?:[1-9]|1[0-2]|two|three|four|five|six|seven|"
    r"eight|nine|ten)\b|\b(?:my|our|the|her|his|their) (?:kids?|child(?:ren)?|toddlers?|little "
    r"ones?|grandkids|grandchild(?:ren)?) (?:really |also |all )?(?:loves?|likes?|adores?|(?:is|"
    r"are) (?:into|(?:obsessed|crazy|mad) (?:with|about)))(?= )|\b(?:s?he(?:['’]?s| is)|i['’]?m|i "
    r"am) (?:only )?(?:[3-9]|1[0-2]|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?= "
    r"years\b|\W*$|[,.!?]| lol\b)|\b(?:the|my|our) (?:kids?|children|grandkids|grandchildren|"
    r"little ones|sons?|daughters?|nieces?|nephews?)(?: (?:will|might|may|is|are|wants?|would|"
    r"going|like|to|be|also)|['’](?:re|s|ll))* (?:watch(?:ing)?|join(?:ing)?)(?! tv\b)\b(?: (?:it|"
    r"us|with us|this|along))?"
    r"(?: too| as well)?",
    re.IGNORECASE,
)
"""Children: "for a 7 year old", "something for the kids", "the kids will be watching too"."""
_GROWN = re.compile(
    r"\bfor (?:us )?(?:grown[- ]?ups?|adults|parents)\b(?! and (?:kids|children))|"
    r"\b(?:not|isn['’]?t|no|nothing|without)(?: \w+){0,2}? (?:for (?:the )?)?(?:kids?|children)"
    r"(?:['’]?s?)?(?: (?:stuff|things?))\b|\b(?:not|isn['’]?t|nothing)(?: meant| made| just)? "
    r"for (?:the )?(?:kids|children)\b|\bnot (?:too |so )?(?:babyish|kiddie|childish)\b",
    re.IGNORECASE,
)
"""No film for children: "for grown-ups now", "not a kids thing"."""
_LIVE_ACTION = re.compile(r"\blive[ -]action\b", re.IGNORECASE)
_BOTH = re.compile(r"[\s/+-]*|\s+(?:with|plus)\s+(?:(?:some|a bit of|a little|lots of) )?", re.I)
"""Between two genres that one film is to have: "action comedy", "a comedy with romance"."""
_MIXED = re.compile(
    r"\b(?:both|mix(?:es|ing|ture)?(?: of| between)?|blends?(?: of)?|blending|cross between|"
    r"combin(?:es?|ing|ation of)) (?:an? )?$",
    re.IGNORECASE,
)
"""Before two: "a mix of comedy and horror"."""
_CHILDHOOD = re.compile(
    r"\b(?:from|of|in) (?:my|our) (?:(?P<child>childhood|school ?days)|youth|teens|"
    r"teenage years)\b",
    re.IGNORECASE,
)
_BORN = re.compile(r"\bborn (?:in |back in )?(?:the year )?((?:19|20)\d\d)\b", re.IGNORECASE)
_CHILD_YEARS, _YOUNG_YEARS = (4, 12), (12, 19)  # of a life
_AN_AGE = re.compile(
    r"\b(?:in|into) (?:his|her|their|my|our) (?:early |mid |late )?$|"
    r"\bborn (?:in |back in )?(?:the )?$",
    re.IGNORECASE,
)
"""Before a decade or a year of somebody's life: "they're in their 70s", "born in 1995"."""
_PRAISE_ALL = re.compile(r"\bnot (?:only|just|necessarily|always)\s*(?:an?|the)?\s*$", re.I)

_DECADES = {
    "twenties": 1920, "thirties": 1930, "forties": 1940, "fifties": 1950, "sixties": 1960,
    "seventies": 1970, "eighties": 1980, "nineties": 1990,
}  # fmt: skip
_YEAR_WORD = (
    r"(?:(?P<{0}full>(?:18|19|20)\d\d)(?P<{0}fulls>['’]?s)?(?!\d)|"
    r"['’]?(?P<{0}short>[2-9]0)['’]?s\b|"
    r"\b(?P<{0}word>" + "|".join(_DECADES) + r")\b)"
)
_ONE = r"(?:the\s+)?(?:(?P<{0}part>early|mid|late)[\s-]*)?" + _YEAR_WORD
_RANGE = re.compile(
    r"\b(?:between|from)\s+"
    + _ONE.format("a", "a")
    + r"\s*(?:and|to|until|till|-|–|through|up to)\s*"
    + _ONE.format("b", "b"),
    re.IGNORECASE,
)
_EITHER = re.compile(
    _ONE.format("a", "a") + r"\s*(?:or|and|&|/|,)\s*(?:the\s+)?" + _ONE.format("b", "b"),
    re.IGNORECASE,
)
"""Two decades in one breath, as "the eighties or nineties": from the one to the other."""
_NOT_FROM = re.compile(
    r"\b(?:no|not|nothing|none|never|n['’]t want|don['’]?t like)"
    r"(?: films?| movies?| anything| made)?(?: from| in| of)?(?: the)? $",
    re.IGNORECASE,
)
_NO_OLD = re.compile(
    rf"(?:\b(?:no|not|nothing|never|without|hates?|(?:do|does|did)(?:n['’]?t| not) (?:really )?"
    rf"(?:like|want|enjoy|do|watch))|{UNBEARABLE}) (?:(?:any|the|your|very|really|too|those|these) "
    rf")*"
    r"(?P<old>old(?:[- ]school|[- ]time)? (?:films?|movies?|ones?|stuff|classics?|hollywood)\b)|"
    r"\b(?:not|nothing) (?:too|very|really|super) (?P<aged>old)\b(?! (?:people|men|women|actors))",
    re.IGNORECASE,
)
"""Turns old films down: "I don't like old movies"."""
_SHORT_YEAR = re.compile(
    r"(?:\b(?:in|from)|^\W*(?:and|or|of)) ['’]?([2-9]\d)\b"
    r"(?!['’]?s\b|\s*(?:%|min|hour|hrs|people|years?|other|of|"
    r"more|films|movies|countries|times|days|bc\b|ad\b|b\.c|or\b|to\b|and\b|-))",
    re.IGNORECASE,
)
"""A year without its century: "what came out in 95"."""
_SET_IN = re.compile(
    r"\b(?:set|takes? place|taking place|happens?|happening) (?:back |somewhere )?"
    r"(?:(?:(?:in|on|at) (?:(?!from\b|of\b)[\w.'’-]+ ){1,3})?"
    r"(?:in|during|around|at)(?: the)?(?: early| mid| late)?)?\s*$",
    re.IGNORECASE,
)
"""Before the time of a story, which is not that of the film: "set in the 1950s"."""
_OF_A_LIFE = re.compile(r"\b(?:saw|seen|watched|born|met|married|was|were)\b[^.!?,]{0,15}$", re.I)
"""Before a year of somebody's life."""
_BARE_RANGE = re.compile(
    r"\b(?P<afull>(?:19|20)\d\d)\s*(?:-|–|to|or)\s*(?P<bfull>(?:19|20)\d\d)\b|"
    r"\b(?P<ashort>[3-9]\d)\s*(?:-|–|to|or)\s*(?P<bshort>[3-9]\d)\b(?!\s*(?:min|year|people))",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"(?P<not>\b(?:no|not|nothing|isn['’]?t|n['’]t(?: want)?(?: anything)?|drop|skip|remove|hide|"
    r"leave out|without|exclud(?:e|ing)|except)\s+(?:(?:anything|everything|made|from|the|those|"
    r"any|all|ones?|films?|movies?|stuff)\s+)*)?\b(?P<how>before|b4|prior to|pre|older than|"
    r"earlier than|up to|until|till|by|after|since|newer than|later than|more recent than|past|"
    r"post|further back than|as "
    r"far(?: back)? as|beyond)[\s-]+" + _ONE.format("a", "a"),
    re.IGNORECASE,
)
_AROUND = re.compile(
    _ONE.format("a", "a") + r"(?P<on>\s*(?:onwards?|or (?:later|newer)|and (?:later|newer)|\+))?"
    r"(?P<back>\s*(?:or|and) (?:older|earlier|before))?",
    re.IGNORECASE,
)


def negated(before: str) -> bool:
    """Whether the words before a name or a genre say that it is not wanted."""
    return _NEGATION.search(before) is not None


def turned_down(text: str, end: int) -> int:
    """Where the words end that say of what ends at `end` that it is not wanted; `end` where none
    do."""
    match = _AFTER.match(text, end)
    return end if match is None else match.end()


def carries_on(text: str, start: int, end: int) -> bool:
    """Whether nothing but "or", a comma and the like stands between two things listed."""
    return _LIST.fullmatch(text, start, end) is not None


class Genres(NamedTuple):
    """Genres that a text wants, does not want, and no longer insists on; where they stand.

    allowed: those that may be, too: "horror is fine".
    joint: one film is to have all that are wanted: "action comedy".
    """

    wanted: frozenset[str]
    unwanted: frozenset[str]
    free: frozenset[str]
    spans: list[Span]
    allowed: frozenset[str] = frozenset()
    joint: bool = False


def stated_genres(text: str) -> Genres:
    """The genres that `text` names, sorted by what it says of them."""
    wanted: set[str] = set()
    unwanted: set[str] = set()
    free: set[str] = set()
    allowed: set[str] = set()
    joint: set[str] = set()
    spans: list[Span] = []
    unwelcome, reach, mixed, last = False, -1, False, list[str]()
    for match in _GENRE.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        genres = GENRE_WORDS[match[1].lower()].split("+")
        if _NO_MATTER.search(before) or _NO_MATTER_AFTER.match(after):
            free.update(genres)
            spans.append(match.span())
            continue
        if _ALLOWED_AFTER.match(after):
            allowed.update(genres)
            spans.append(match.span())
            continue
        if match[1].lower() == "war" and _WORLD.search(before):
            continue  # which is more than a film of war
        if (
            match[1].lower() in {"crime", "war"}
            and _NO_GENRE.search(before)
            and _NO_NOUN.match(after)
        ):
            continue
        listed = reach >= 0 and carries_on(text, reach, match.start())
        if _PRAISE_ALL.search(before):
            unwelcome = False
        elif not listed:
            unwelcome = negated(before)
        elif negated(text[reach : match.start()]):
            unwelcome = True
        stop = turned_down(text, match.end())
        unwelcome = unwelcome or stop > match.end()
        if unwelcome and match[1].lower() in _KINDS_OF_A_GENRE:
            continue
        mixed = _MIXED.search(before) is not None or (mixed and listed)
        if mixed or len(genres) > 1:
            joint.update(genres)
        elif reach >= 0 and _BOTH.fullmatch(text, reach, match.start()):
            joint.update([*genres, *last])
        reach, last = match.end(), genres
        if match[1].lower() not in _KINDS_OF_A_GENRE:
            spans.append((match.start(), stop))
        (unwanted if unwelcome else wanted).update(genres)
    for match in _CHILD.finditer(text):
        if not _GROWN.search(text):
            (unwanted if negated(text[: match.start()]) else wanted).add("Children's")
            joint.update(["Children's", *(wanted if len(wanted) == 2 else ())])
        spans.append(match.span())
    for match in _LIVE_ACTION.finditer(text):
        unwanted.add("Animation")
        spans.append(match.span())
    for match in _GROWN.finditer(text):
        unwanted.add("Children's")
        spans.append(match.span())
    asked = frozenset(wanted - unwanted)
    both = len(asked) > 1 and asked <= joint
    free, allowed = free - wanted, allowed - wanted - unwanted
    return Genres(
        frozenset(wanted), frozenset(unwanted), frozenset(free), spans, frozenset(allowed), both
    )


class Years(NamedTuple):
    """First and last year, inclusive, None for no limit; where the years stand in the text; and the
    spans of years that are not wanted."""

    low: int | None
    high: int | None
    spans: list[Span]
    unwanted: tuple[tuple[int, int], ...]


def stated_years(text: str) -> Years:
    """The years that `text` names, sorted by what it says of them."""
    low: int | None = None
    high: int | None = None
    spans: list[Span] = []
    unwanted: list[tuple[int, int]] = []
    stories: list[Span] = []  # times that films are set in

    def keep(first: int | None, last: int | None, match: re.Match[str]) -> None:
        nonlocal low, high
        low = first if low is None else low
        high = last if high is None else high
        spans.append(match.span())

    if (match := _NO_OLD.search(text)) is not None:
        unwanted.append(NOT_OLD)
        spans.append(match.span("old" if match["old"] else "aged"))
    if (match := _CHILDHOOD.search(text)) is not None:
        spans.append(match.span())
        if born := _BORN.search(text):
            first, last = _CHILD_YEARS if match["child"] else _YOUNG_YEARS
            keep(int(born[1]) + first, int(born[1]) + last, born)
    for match in (*_RANGE.finditer(text), *_BARE_RANGE.finditer(text)):
        if not _inside(match, spans):
            keep(_period(match, "a")[0], _period(match, "b")[1], match)
    for match in _SHORT_YEAR.finditer(text):
        if not (_inside(match, spans) or _OF_A_LIFE.search(text[: match.start()])):
            keep(1900 + int(match[1]), 1900 + int(match[1]), match)
    bounds = [match.span() for match in _BOUND.finditer(text)]
    for match in _EITHER.finditer(text):
        decades = sorted((_period(match, "a"), _period(match, "b")))
        # Single years side by side are of films.
        apart = all(last > first for first, last in decades)
        if _SET_IN.search(text[: match.start()]):
            stories.append(match.span())
            continue
        if not apart or _inside(match, [*spans, *bounds]):
            continue
        if _NOT_FROM.search(text[: match.start()]):
            unwanted.append((decades[0][0], decades[1][1]))
            spans.append(match.span())
        else:
            keep(decades[0][0], decades[1][1], match)
    for match in _BOUND.finditer(text):
        if _SET_IN.search(text[: match.start()]):
            stories.append(match.span())
            continue
        if _inside(match, spans):
            continue
        first, last = _period(match, "a")
        how, denied = match["how"].lower(), match["not"] is not None
        if how in {"before", "b4", "prior to", "pre", "older than", "earlier than"}:
            keep(first if denied else None, None if denied else first - 1, match)
        elif how in {"up to", "until", "till", "by"}:
            keep(None, last, match)
        elif how in {"as far as", "as far back as", "further back than", "since"}:
            keep(first, None, match)
        else:
            keep(None if denied else last + 1, last if denied else None, match)
    for match in _AROUND.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if _inside(match, [*spans, *stories]) or _SET_IN.search(before):
            continue
        if _NOT_FROM.search(before):
            first, last = _period(match, "a")
            if last > first:  # "not 2001" is about the film
                unwanted.append((first, last))
                spans.append(match.span())
            continue
        if before.endswith("(") and after.startswith(")"):  # part of a film's name
            continue
        if _AN_AGE.search(before):
            spans.append(match.span())
            continue
        first, last = _period(match, "a")
        keep(None if match["back"] else first, None if match["on"] else last, match)
    return Years(low, high, spans, tuple(dict.fromkeys(unwanted)))


def _period(match: re.Match[str], side: str) -> tuple[int, int]:
    """First and last year of what the groups of `side` say."""
    groups = match.groupdict()
    part = (groups.get(f"{side}part") or "").lower()
    if full := groups.get(f"{side}full"):
        first = int(full)
        if not groups.get(f"{side}fulls"):
            return first, first
    elif short := groups.get(f"{side}short"):
        first = 1900 + int(short)
        if "part" not in "".join(groups) and first % 10:
            return first, first
        if f"{side}word" not in groups:
            return first, first
    else:
        first = _DECADES[groups[f"{side}word"].lower()]
    early, late = {"early": (0, 3), "mid": (4, 6), "late": (6, 9)}.get(part, (0, 9))
    return first + early, first + late


def _inside(match: re.Match[str], spans: list[Span]) -> bool:
    return any(match.start() < end and start < match.end() for start, end in spans)
