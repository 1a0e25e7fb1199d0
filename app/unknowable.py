"""What people ask for and no row of the catalogue says."""

from __future__ import annotations

import re

PRIZES = "what a film won or earned"
UNKNOWABLE = (
    (
        "who wrote, shot or scored a film",
        re.compile(
            r"\b(?:score|scored|music|soundtrack|composed|screenplay|script|photographed|edited|"
            r"produced) by\b(?: [\w'’]+){0,2}|\bwho (?:wrote|shot|filmed|scored|composed|produced|"
            r"edited)\b|\bwho did the (?:music|score|soundtrack|effects)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "what critics said",
        re.compile(
            r"\b(?:critics?|reviewers?|rotten tomatoes|metacritic|imdb|roger ebert|ebert)\b"
            r"(?! (?:as|in a film|who|whose))|\bhow (?:was|were) (?:it|they|that) (?:received|"
            r"reviewed)\b|\b(?:good|bad|better|best|the) reviews\b",
            re.IGNORECASE,
        ),
    ),
    (
        PRIZES,
        re.compile(
            r"\b(?:win|won|wins|winning|get|got|have|has|any|many|its) (?:an |any |the |of |many )*"
            r"(?:oscars?|awards?|academy awards?|golden globes?|prizes?)\b|\b(?:win|won|wins) "
            r"(?:an |the |any )*best (?:picture|director|actor|actress|film)\b|\bbox office\b|"
            r"\bdid \w+ (?:ever )?win (?:any|one|it)\b|"
            r"\bhow much (?:did|has) (?:it|that|they) (?:make|made|earn\w*|cost)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "how long a film runs",
        re.compile(
            r"\b(?:something|anything|a|(?:not |nothing )?too|fairly|quite|very|rather) (?:\w+ )?"
            r"(?:short|long)(?:er)?\b(?! (?:time|day|week|ago|story|while|"
            r"way|road|walk|journey|lost|weekend|distance|night|march|island|list))|\b(?:shorter|"
            r"longer|shortest|longest)\b|\b(?:under|over|(?:less|more|longer|shorter) than|"
            r"around|about|at most) (?:an?|one|two|three|\d+)(?: and a half)? ?(?:hours?|hrs?|"
            r"minutes|mins?|h)\b|\b\d+[- ]min(?:ute)?s?\b|\b(?:an?|one|two|three|"
            r"\d+(?:[.,]\d)?)(?: and a half)? ?(?:hours?|hrs?|h) (?:max\w*|tops|or (?:less|so|"
            r"under)|at (?:the )?most)\b|\bmax\w* \d+ ?(?:h|hours?|min\w*)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "where a film can be streamed",
        re.compile(
            r"\b(?:only )?(?:have|got|use) (?:netflix|hulu|disney ?(?:\+|plus)|hbo|prime)\b|"
            r"\bon (?:netflix|hulu|prime|amazon(?: prime)?|disney(?: ?\+| plus)?|hbo)\b|"
            r"\bwhere (?:can|could|do) (?:i|we) (?:watch|stream|find|rent|buy|get|see)\b",
            re.I,
        ),
    ),
    (
        "how a film ends",
        re.compile(
            r"\b(?:happy|sad|good|bad|nice) end(?:ing)?s?\b|"
            r"\bhow (?:does|do|did) (?:it|they|this|that|the (?:film|movie)|_+) end\b|"
            r"\bwhat happen(?:s|ed)\b[^.!?]*\b(?:at|in) the end\b|"
            r"\bends? (?:well|badly|happily)\b|\bwho dies\b|"
            r"\b(?:do(?:es)?(?:n['’]?t| not)|never|won['’]?t) (?:die|get (?:hurt|killed))s?\b|"
            r"\bdoes (?:he|she|anyone|anybody|the \w+) (?:die|survive|live)\b|"
            r"\b(?:must|has to|have to|should|needs? to) (?:survive|(?:stay|be) alive|not die)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "how true to history a film is",
        re.compile(
            r"\bhistorical(?:ly)? (?:accurate|accuracy|correct|inaccura\w+)\b|"
            r"\bhow accurate (?:is|was)\b|\b(?:is|was) (?:it|that|this|_+) (?:at all |very "
            r")?accurate\b",
            re.IGNORECASE,
        ),
    ),
    (
        "how near a film is to its book",
        re.compile(
            r"\b(?:close|closest|closer|true|truest|truer|(?:more |most )?faithful) to (?:the|its) "
            r"(?:book|novel|source|play|story)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "what a film sounds like",
        re.compile(
            r"\b(?:how|what)(?:['’]?s| is| was| about) (?:the|its) (?:soundtrack|music|score)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "whether a film is in colour",
        re.compile(
            r"\b(?:in|with) (?:full |techni)?colou?rs?\b(?! of\b)|"
            r"^\W*(?:an? )?colou?r\W*$|\bcolou?r or (?:b ?& ?w|black)|\bcolou?r (?:ones?|films?|"
            r"movies?)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "which directors are women",
        re.compile(
            r"\b(?:directed|made|shot|films?|movies?|something|anything) by (?:a )?(?:wom[ae]n|"
            r"females?)\b|"
            r"\b(?:female|wom[ae]n) (?:directors?|film-?makers?)\b",
            re.IGNORECASE,
        ),
    ),
    ("which film is the worst", re.compile(r"\bworst (?:film|movie|one)s?\b", re.IGNORECASE)),
    (
        "age ratings",
        re.compile(
            r"\b(?:rated (?:pg|r|g|nc)(?:-?\d+)?|pg-?13)\b|\b(?:appropriate|suitable|inappropriate|"
            r"too (?:adult|mature|grown[- ]up)|ok(?:ay)?|safe|all ?right|fine) (?:for|to show) "
            r"(?:an? )?(?:her|him|them|my (?:\w+ )?(?:kids?|sons?|daughters?|child(?:ren)?)|(?:the "
            r")?(?:kids|"
            r"children)|child|kid|teens?|teenagers?|\d+[- ]year[- ]olds?)\b",
            re.IGNORECASE,
        ),
    ),
)
"""What people ask for and the catalogue's rows do not say."""


def unknowable(text: str) -> tuple[str, ...]:
    """What is asked for and no row of the catalogue says, in words for an answer."""
    return tuple(what for what, words in UNKNOWABLE if words.search(text))
