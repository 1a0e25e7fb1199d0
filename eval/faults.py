"""What an answer must never do: come back with a film, break a demand, invent a title, be empty."""

from __future__ import annotations

import re
from collections.abc import Sequence

from data.catalogue import Catalogue
from data.titles import title_forms
from eval.partners import Reply
from eval.speaking import Said

_QUOTED = re.compile(r"[“\"]([^“”\"\n]{2,80})[”\"]")
_DATED = re.compile(r"((?:[^\s()]+\s+){1,12})\(((?:18|19|20)\d\d)\)")

KINDS = ("violation", "repeat", "invented", "empty", "no film")
"""`violation`: a card breaks a filter in force or a demand of the viewer's; `repeat`: a card was
shown, named, seen or refused before; `invented`: a title that no film of the catalogue has;
`empty`: neither words nor cards; `no film`: words, but no card."""


class Inspector:
    """Looks over the answers of one conversation, in order."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._names = {
            _letters(name) for item in catalogue for name in (item.title, *item.alternate_titles)
        }
        self._names |= {_letters(form) for item in catalogue for form in title_forms(item.title)}
        self._others = {_letters(genre) for genre in catalogue.genres} | {
            _letters(person) for item in catalogue for person in (*item.directors, *item.cast)
        }

    def faults(self, said: Said, reply: Reply, known: set[int], heard: str) -> list[list[str]]:
        """[kind, what it is about] of every fault in one answer.

        Args:
            known: films shown before or ever named by the viewer, their twins among them.
            heard: everything the viewer wrote so far; quoting it back invents nothing.
        """
        found: list[list[str]] = []
        for card, why in reply.filtered:
            found.append(["violation", f"{self._named(card)}: {why}"])
        for card in reply.cards:
            for why in said.demands.broken_by(self._catalogue[card]):
                found.append(["violation", f"{self._named(card)}: {why}"])
            if card in known:
                found.append(["repeat", self._named(card)])
        if len(set(reply.cards)) < len(reply.cards):
            found.append(["repeat", "twice in one answer"])
        found += [["invented", name] for name in self.invented(reply, heard)]
        if not reply.text.strip() and not reply.cards:
            found.append(["empty", ""])
        elif not reply.cards:
            found.append(["no film", reply.text[:200]])
        return found

    def invented(self, reply: Reply, heard: str) -> list[str]:
        """Titles in an answer that no film of the catalogue has.

        A film's name that is not its own; words in quotes with capitals as a title has them, unless
        the viewer wrote them or they name a genre or a person; and words before a year in brackets.
        """
        wrong = [
            name
            for item, name in reply.films
            if not 0 <= item < len(self._catalogue)
            or _letters(self._catalogue[item].title) != _letters(re.sub(r"\(\d{4}\)$", "", name))
        ]
        for quoted in _QUOTED.findall(reply.prose):
            own = _letters(quoted) in _letters(heard)
            if _cased(quoted) and not own and _letters(quoted) not in self._names | self._others:
                wrong.append(quoted)
        for before, year in _DATED.findall(reply.prose):
            words = before.split()
            ends = (_letters("".join(words[start:])) for start in range(len(words)))
            if words[-1] != "_" and not any(end in self._names for end in ends):
                wrong.append(f"{before.strip()} ({year})")
        return wrong

    def _named(self, item: int) -> str:
        return self._catalogue.text(item, "title")


def counts(faults: Sequence[Sequence[str]]) -> dict[str, int]:
    """How many faults of each of KINDS."""
    return {kind: sum(fault[0] == kind for fault in faults) for kind in KINDS}


def _letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _cased(text: str) -> bool:
    """Whether it begins as a title does, and no long word of it is in lower case."""
    words = text.split()
    capital = bool(words) and (words[0][0].isupper() or words[0][0].isdigit())
    return capital and not any(word[0].islower() for word in words if len(word) > 4)
