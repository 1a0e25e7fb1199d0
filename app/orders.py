"""In which order films are asked for: the best, the worst, the newest, the funniest of them."""

from __future__ import annotations

import re

from app.idioms import TO_BE_SEEN
from app.words import ADJECTIVES, AND_THE_MOST, COMMON, OF_THEM, normal

ACCLAIM = "acclaimed"
"""Stands in a wish for films that are thought well of."""
PANNED = "panned"
"""Stands in a wish for films that are thought ill of."""
NEWEST, OLDEST = "newest", "oldest"
"""Stand in a wish for films in the order of their years."""
ORDERS = {ACCLAIM, PANNED, NEWEST, OLDEST}

_ACCLAIMED = re.compile(
    r"\b(?:best|greatest|finest|(?:top|highest|best)[- ]rated|top) "
    r"(?:(?:\d+|ten|five|three) )?(?:[\w-]+ ){0,2}(?:films?|movies?|comed(?:y|ies)|dramas?|"
    r"thrillers?|westerns?|horrors?|musicals?|documentar(?:y|ies)|romances?|cartoons?|noirs?|"
    r"myster(?:y|ies)|ones)\b(?! friends?)|\b[3-5](?:[.,]\d)?\+?[ -]?stars?\b|\b(?:highly|well|"
    r"best|highest|top)[- ]rated\b|\byour (?:own |personal )?(?:fav\w+|top|best) (?:films?|"
    r"movies?|ones?)\b|"
    rf"{TO_BE_SEEN}|\bessentials?\b|\bmust-?watch(?:es)?\b|"
    r"\b(?:an?|some|any|real|true|great|old|absolute) (?:real |true |old )?classics?\b"
    r"(?! (?:music|cars?|rock|novel|book))|\b(?:highest|best|top) (?:rating|score)s?\b|"
    r"\bof all times?\b|\bacclaimed\b|\bmust[- ]sees?\b|"
    r"^\W*top (?:\d+|ten|five|three)\W*$",
    re.IGNORECASE,
)
"""Asks for films that are thought well of."""
_PANNED = re.compile(
    r"\b(?:name|show me|give me|recommend|suggest|what is|what['’]?s|watch|see|(?:in the )?mood "
    r"for) (?:an? |some |any )?(?:really |truly |properly )?(?:bad|awful|terrible|rubbish) "
    r"(?:films?|movies?)\b|\b(?:worst|lowest)[- ](?:rated|ratings?|scores?)\b|\bworst of (?:the "
    r"(?:year|decade|nineties|eighties|\d0s)|(?:18|19|20)?\d0s|(?:19|20)\d\d|_+)(?=\W|$)|\bworst "
    r"(?!of )(?:[\w-]+ ){0,2}(?:films?|movies?|comed(?:y|ies)|dramas?|thrillers?|horrors?|"
    r"musicals?|ones)\b(?! of (?:the (?:two|three)|these|those|"
    r"them))",
    re.IGNORECASE,
)
"""Asks for films that are thought ill of."""
_AGE = re.compile(
    r"\b(?:(?P<new>newest|latest|most recent)|oldest|earliest) (?:[\w-]+ ){0,2}(?:films?|movies?|"
    r"comed(?:y|ies)|dramas?|thrillers?|westerns?|horrors?|musicals?|documentar(?:y|ies)|romances?|"
    r"cartoons?|one)\b(?! of (?:the (?:two|three)|these|those|them))|"
    r"\b(?:(?P<newer>newest|latest)|oldest) first\b|"
    r"\b(?P<released>(?:new|recent|latest) releases?|(?:from|of) this year)\b|"
    r"\b(?:from|of|in|made in|within) (?:the )?(?P<late>(?:last|past|recent) (?:few |couple of |"
    r"two |three |five |ten |\d+ )?years)\b|\b(?P<recent>(?:very |fairly |quite )?recent) "
    r"(?:films?|movies?|ones?|comed\w+|dramas?|thrillers?|horrors?)\b|"
    r"\b(?:something|anything) (?P<fresh>recent|(?:brand )?new)\b(?! (?:to|for) me)|"
    r"^\W*(?:[\w-]+(?:,| and|, and) )?(?P<alone>new)\W*(?:please|pls)?\W*$",
    re.IGNORECASE,
)
"""Asks for the newest films, or for the oldest."""
_SUPERLATIVE = re.compile(
    r"\b(?:which|wich|what(?:['’]?s)?|whats)\b[^.!?]{0,25}?\b(?:the )?"
    r"(?:(?P<how>most|least|more|less) (?!(?:people|viewers|of)\b)(?P<of>[a-z-]+)|"
    rf"(?P<est>b|wor(?=st)|lat|gor|dumb|(?:{ADJECTIVES}))(?P<y>i)?e?st"
    r"(?! (?:picture|director|actor|actress)\b)|"
    rf"(?P<er>{ADJECTIVES})(?P<yer>i)?er)\b|"
    rf"\bthe (?P<of_them>b|wor(?=st)|gor|{ADJECTIVES})(?P<yof>i)?(?:e?st|er) {OF_THEM}|"
    r"\b(?:which|wich|what)\b[^.!?]{0,25}?\b(?P<marks>(?:high|low|b|wor)(?:e?st)) (?:rating|rated|"
    r"score|mark)s?\b|\b(?:which|wich|what)(?: one| of (?:these|those|them|the (?:two|three)))? "
    r"(?:do|did|would) (?:most )?(?:people|viewers|others|everyone|they)(?: here)? "
    r"(?P<liked>prefer|like (?:best|more|most|better)|rate (?:best|better|higher|highest))\b|"
    rf"{AND_THE_MOST}|"
    r"\b(?:which|wich|what)\b[^.!?]{0,40}?\bshould (?:i|we) (?P<skip>skip|avoid|leave out)\b|"
    r"^\W*(?:(?:and|or|so) )?the (?P<most>most|least) (?P<of_most>[a-z-]+)(?: one)?\W*\?\W*$|"
    r"\b(?:any|one|which) of (?:these|those|them) (?:is |are )?(?:really |actually |very "
    r")?(?P<any>[a-z-]+)\W*\?\W*$|"
    rf"^\W*(?:(?:and|or|so) )?the (?P<bare>b|wor(?=st)|{ADJECTIVES})(?P<ybare>i)?e?st"
    r"(?: one\W*$|(?: one)?\W*\?\W*$)",
    re.IGNORECASE,
)
LIKEST = re.compile(
    r"\b(?:(?:which|wich|what|any|one|either)(?: one)? of (?:these|those|them|the (?:two|three))"
    r"(?: films| movies)?|which one) (?:(?:is|are|comes|do you think is|would be) )?(?:the )?"
    r"(?:(?:most|more|much|very|at all|anything|really|remotely|a bit|even) )*"
    r"(?:like|alike|similar|clos(?:e|er|est)|near(?:er|est)?|in the (?:spirit|vein) of)\b"
    r"(?: to)? (?:__+|it\b|that\b)",
    re.IGNORECASE,
)
"""Which of the films shown is like another, whose title is blanked."""
_SORT = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|so|and|please)\W+)*(?:in|(?:in )?(?:what|which)) "
    r"(?P<years>(?:chronological )?order)(?: please| pls| (?:should|do|shall|would|to) (?:(?:i|we|"
    r"you) )?(?:watch|see)(?: (?:them|these|those)(?: in)?)?)?\W*$|\b(?:rank|sort|order|arrange|"
    r"put)(?: (?:all of )?(?:them|these|those|the (?:two|three|films))|(?= by\b))(?: in order)?(?: "
    r"from \w+ to \w+)?(?: (?:by|of|according to) (?P<by>[^.!?]+)|"
    r" chronologically|\W*$)",
    re.IGNORECASE,
)
_DATES = {"year", "years", "date", "age", "release", "decade", "newest", "oldest"}
_MARKS = {"rating", "ratings", "score", "scores", "quality", "stars", "merit"}


def superlative(text: str) -> tuple[str, bool] | None:
    """What a film of several is asked for by, and whether it should have least of it: ("funny",
    False) for "which is the funniest?"; None where nothing is."""
    match = _SUPERLATIVE.search(text)
    if match is None:
        return None
    if match["skip"]:
        return ACCLAIM, True
    if match["liked"]:
        return ACCLAIM, False
    if match["most"]:
        return match["of_most"].lower(), match["most"].lower() == "least"
    if match["marks"]:
        return ACCLAIM, match["marks"].lower() in {"lowest", "worst"}
    if match["any"]:
        return match["any"].lower(), False
    if match["of"]:
        return match["of"].lower(), match["how"].lower() in {"least", "less"}
    named = ("est", "er", "of_them", "and_the", "bare")
    word = next(match[name] for name in named if match[name]).lower()
    if word in {"b", "wor"}:
        return ACCLAIM, word == "wor"
    word = re.sub(r"([dg])\1$", r"\1", word)  # "sadd" of "saddest"
    stem = any(match[name] for name in ("y", "yer", "yof", "yand", "ybare"))
    return (word + "y" if stem else word), False


def sorting(text: str) -> str:
    """What is to be sorted by: an adjective, ACCLAIM; "" where nothing is to be sorted."""
    match = _SORT.search(text)
    if match is None:
        return ""
    named = normal(match["by"] or "")
    if match["years"] or "chronolog" in match.group().lower():
        return "old"
    if _DATES & {*named}:
        return "new"
    word = next((word for word in reversed(named) if word not in COMMON), "")
    if not word or word in _MARKS:
        return ACCLAIM
    return re.sub(r"ness$", "", re.sub(r"iness$", "y", word))


def order_of(text: str) -> str:
    """Which of ORDERS the films of a kind are asked for in: "the best comedies", "the newest
    film"; "" for none."""
    if _PANNED.search(text):
        return PANNED
    if _ACCLAIMED.search(text):
        return ACCLAIM
    match = _AGE.search(text)
    if match is None:
        return ""
    return NEWEST if any(match.groupdict().values()) else OLDEST
