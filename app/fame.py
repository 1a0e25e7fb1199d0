"""How well known films are asked to be."""

from __future__ import annotations

import re

_OBSCURE = re.compile(
    r"\b(?:obscure|hidden gems?|underrated|under[- ]?appreciated|under-?seen|overlooked|"
    r"little[- ]known|off the beaten (?:track|path)|nobody (?:knows|has (?:seen|heard))|"
    r"deep cuts?|under the radar)\b",
    re.IGNORECASE,
)
"""Asks for films that hardly anybody has seen."""
_LITTLE_KNOWN = re.compile(
    rf"{_OBSCURE.pattern}|\blesser[- ]known\b|"
    r"\b(?:less|not (?:so|too|that|very)) (?:known|well[- ]known|famous|popular|mainstream|obvious)"
    r"\b",
    re.IGNORECASE,
)
"""Asks for films that few have seen."""
_WELL_KNOWN = re.compile(
    r"(?<!less )(?<!so )(?<!too )(?<!that )\b(?:mainstream|well[- ]known|famous|blockbusters?|"
    r"crowd[- ]pleas(?:er|ing)s?|(?:everyone|everybody) (?:knows|has seen))\b",
    re.IGNORECASE,
)
"""Asks for films that many have seen."""


def little_known(text: str) -> bool:
    """Whether films are asked for that few have seen."""
    return _LITTLE_KNOWN.search(text) is not None


def obscure(text: str) -> bool:
    """Whether films are asked for that hardly anybody has seen."""
    return _OBSCURE.search(text) is not None


def well_known(text: str) -> bool:
    """Whether films are asked for that many have seen."""
    return _WELL_KNOWN.search(text) is not None


def of_any_fame(wish: str) -> str:
    """A wish without the words that stand for films that few or many have seen."""
    parts = [_WELL_KNOWN.sub("", _LITTLE_KNOWN.sub("", part)).strip() for part in wish.split(", ")]
    return ", ".join(filter(None, parts))
