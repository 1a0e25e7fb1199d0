"""What people say, and what it means in a catalogue's words."""

from __future__ import annotations

import re

MEANINGS = (
    (
        re.compile(
            r"\b(?:a )?(?:rainy|grey|gray|wet|snowy|lazy|cold|cosy|cozy|quiet) (?:\w+day|day|"
            r"afternoon|evening|night|morning|weekend)\b|\bsnowed in\b",
            re.I,
        ),
        "cosy",
    ),
    (
        re.compile(
            r"\b(?:a )?(?:date night|date nite|anniversary|valentine\w*)\b(?: with my \w+)?", re.I
        ),
        "romantic",
    ),
    (re.compile(r"\bhalloween\b(?: \w*(?:night|party|sleepover))?", re.I), "spooky"),
    (
        re.compile(r"\b(?:the )?whole family\b|\bfamily (?:night|evening|film|movie)s?\b", re.I),
        "wholesome fun for children",
    ),
    (
        re.compile(
            r"\b(?:want|need|like|love|ready|mood|make me|have|something)\b.{0,12}"
            r"\b(?:cry|weep|sob)\b(?: my eyes out)?|\b(?:tear-?jerkers?|weepies?)\b",
            re.I,
        ),
        "tearjerker, sad and moving",
    ),
    (
        re.compile(
            r"\b(?:lighter|(?:less|not (?:so|too|as)) (?:serious|heavy|grim|bleak|dark|depressing)|"
            r"cheerier|happier|cheer (?:me|us) up|more (?:light-?hearted|cheerful|upbeat))\b",
            re.I,
        ),
        "light, playful, cheerful",
    ),
    (
        re.compile(
            r"\bcomfort(?:ing)?(?: (?:film|movie|watch|viewing))?\b|\bsoothing\b|\bfeel better\b|"
            r"\bfeel[- ]good\b",
            re.I,
        ),
        "heartwarming, warm, gentle, feel-good",
    ),
    (
        re.compile(
            r"\b(?:a )?(?:strong )?(?:woman|women|female|girl) "
            r"(?:in the |as (?:the )?|for a |as a )?(?:leads?|heroine|protagonist|hero|"
            r"star(?:ring)?)\b|\bheroines?\b",
            re.I,
        ),
        "female lead, women leads, strong female lead",
    ),
)
"""When, with whom and in what frame of mind a film is watched says what kind it should be, not what
it is about; the words on the right are the catalogue's own."""

UNKNOWABLE = (
    (
        "how long a film runs",
        re.compile(
            r"\b(?:something|anything|a|(?:not |nothing )?too|fairly|quite|very|rather) (?:\w+ )?"
            r"(?:short|long)(?:er)?\b(?! (?:time|day|week|ago|story|while|"
            r"way|road|walk|journey|lost|weekend|distance|night|march|island|list))|\b(?:shorter|longer)\b|"
            r"\b(?:under|over|(?:less|more|longer|shorter) than|around|about|at most) "
            r"(?:an?|one|two|three|\d+)(?: and a half)? ?(?:hours?|hrs?|minutes|mins?|h)\b|"
            r"\b\d+[- ]min(?:ute)?s?\b|"
            r"\b(?:an?|one|two|three|\d+(?:[.,]\d)?)(?: and a half)? ?(?:hours?|hrs?|h) "
            r"(?:max\w*|tops|or (?:less|so|under)|at (?:the )?most)\b|"
            r"\bmax\w* \d+ ?(?:h|hours?|min\w*)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "where a film can be streamed",
        re.compile(
            r"\bon (?:netflix|hulu|prime|amazon(?: prime)?|disney(?: ?\+| plus)?|hbo)\b|"
            r"\bwhere (?:can|could|do) (?:i|we) (?:watch|stream|find|rent|buy|get|see)\b",
            re.I,
        ),
    ),
    (
        "how a film ends",
        re.compile(
            r"\b(?:happy|sad|good|bad|twist|nice) ending\b|"
            r"\bhow (?:does|do|did) (?:it|they|this|that|the (?:film|movie)|_+) end\b|"
            r"\bends? (?:well|badly|happily)\b|\bwho dies\b|"
            r"\bdoes (?:he|she|anyone|anybody|the \w+) (?:die|survive|live)\b",
            re.IGNORECASE,
        ),
    ),
    ("age ratings", re.compile(r"\b(?:rated (?:pg|r|g|nc)(?:-?\d+)?|pg-?13)\b", re.IGNORECASE)),
)
"""What people ask for and the catalogue's rows do not say."""

SORROW = re.compile(
    r"\b(?:i['’]?m|i am|i feel|feeling|im) (?:so |very |really |a bit |feeling )?"
    r"(?:sad|down|lonely|low|depressed|heartbroken|blue)\b|"
    r"\b(?:died|passed away|broke up|break-?up|dumped me|"
    r"(?:rough|bad|awful|terrible|hard|long) (?:day|week|night))\b",
    re.IGNORECASE,
)
"""Somebody is not well, which is answered before anything else."""
LITTLE_KNOWN = re.compile(
    r"\b(?:obscure|hidden gems?|underrated|under-?seen|overlooked|lesser[- ]known|little[- ]known|"
    r"(?:less|not (?:so|too|that|very)) (?:known|well[- ]known|famous|popular|mainstream|obvious)|"
    r"off the beaten (?:track|path)|nobody (?:knows|has (?:seen|heard))|deep cuts?)\b",
    re.IGNORECASE,
)
"""Asks for films that few have seen."""
