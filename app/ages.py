"""Older and newer: "old films", "newer than Heat", "before Star Wars"."""

from __future__ import annotations

import re

_OLD = re.compile(
    r"(?<!plain )(?<!good )(?<!same )(?<!enjoying )(?<!watching )(?<!watched )(?<!seen )"
    r"\b(?:really |very )?old(?:[- ]time|[- ]school)?(?= +(?:\w+ )?(?:films?|movies?|musicals?|"
    r"ones|westerns?|comed(?:y|ies)|horrors?|thrillers?|romances?|noirs?|classics?|hollywood)\b)|"
    r"\b(?:something|anything|stuff) (?:really |very )?old\b(?![- ](?:school|fashioned))|"
    r"^\W*(?:[\w-]+(?:,| and|, and) )?old\W*(?:please|pls)?\W*$|\bclassic hollywood\b|\bgolden age "
    r"of (?:hollywood|cinema|the movies|film)\b",
    re.IGNORECASE,
)
_SEEN_OLD = re.compile(r"\b(?:seen|watched|know)\b[^.,;!?]*\bold ones\b", re.IGNORECASE)
NEWER = re.compile(
    r"\b(?:newer|not (?:that|so|quite so|as) old|"
    r"(?:keep|always|only) (?:recommending|showing|suggesting|giving)(?: me)? (?:such "
    r")?old|more (?:recent|modern)|less old|(?:they|these|those|all|bit) (?:\w+ )?(?:all )?too "
    r"old|(?:a )?(?:bit|little) more recent)\b|"
    r"(?:\b(?:from|made|out|came|make|done?|direct|in)|^\W*(?:(?:but|and|only)\W+)*) ?after "
    r"(?:the )?_{2,}",
    re.IGNORECASE,
)
OLDER = re.compile(
    r"\b(?:older(?! than)(?! one)(?! (?:people|persons?|folks?|adults?|m[ae]n|"
    r"wom[ae]n|couples?|kids?|children|brothers?|sisters?|characters?|act\w+|guys?|lad(?:y|ies)|"
    r"audience|viewers?))|go older|less recent|more classic)\b|"
    r"(?:\b(?:older|earlier) than|(?:\b(?:from|made|out|came|make|done?|direct|in)|"
    r"^\W*(?:(?:but|and|only)\W+)*) ?before) (?:the )?_{2,}",
    re.IGNORECASE,
)
_THAN_NAMED = re.compile(
    r"_{2,}[^.!?_]{0,15}\b(?:but|and|just|only)\b[^.!?]{0,15}\b(?:newer|older|recent|modern)\b|"
    r"\b(?:newer|older|recent|earlier) than [^.!?]{0,6}_{2,}|\b(?:before|after) (?:the )?_{2,}",
    re.IGNORECASE,
)


def old(text: str) -> bool:
    """Whether old films are asked for: "old musicals"."""
    return _OLD.search(text) is not None and _SEEN_OLD.search(text) is None


def comparison_in_time(text: str) -> bool | None:
    """True for "something newer", False for "something older", None for neither."""
    if NEWER.search(text):
        return True
    return False if OLDER.search(text) else None


def than_named(text: str) -> bool:
    """Whether that is said of a film that is named: "like ____ but newer"."""
    return _THAN_NAMED.search(text) is not None
