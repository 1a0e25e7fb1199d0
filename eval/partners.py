"""Whom a simulated viewer can talk to: the chat engine, and what it is measured against.

The engine reads the viewer's words. The others cannot read: they are told what was said in so many
words (`eval.speaking.Said`), so that they lose nothing by misunderstanding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.cards import plain_text
from app.engine import Engine
from app.events import Card, Film, Text, film_name
from app.filters import one_of_twins
from app.parts import Parts, Vector
from app.session import Novelty, Session, State
from app.turns import CARDS
from eval.speaking import Said

LISTED = 10  # films of a listing: recall goes no deeper


@dataclass(frozen=True)
class Reply:
    """An answer. Films are dense indices.

    cards: the films recommended. listing: the LISTED best films of this turn, the cards first, then
    those that would come next. text: as shown. films: (index, name) of the films that it names.
    prose: the words around them and on the cards, each film a blank. filtered: cards that break a
    filter which the partner itself holds to be in force, with the filter.
    """

    cards: tuple[int, ...]
    listing: tuple[int, ...]
    text: str
    films: tuple[tuple[int, str], ...] = ()
    prose: str = ""
    filtered: tuple[tuple[int, str], ...] = ()


class Partner(Protocol):
    """One side of one conversation."""

    def reply(self, said: Said) -> Reply: ...


class EnginePartner:
    """The chat engine with a session of its own, exactly as the app holds it."""

    def __init__(self, engine: Engine, novelty: Novelty = "balanced") -> None:
        self._engine = engine
        self._session = Session(State(novelty=novelty))

    def reply(self, said: Said) -> Reply:
        events = list(self._engine.reply(self._session, said.text))
        now = self._session.now
        cards = tuple(event.item for event in events if isinstance(event, Card))
        rest = self._engine.recommend(now, LISTED)
        prose = [
            event.text if isinstance(event, Text) else event.why if isinstance(event, Card) else "_"
            for event in events
            if isinstance(event, Text | Film | Card)
        ]
        return Reply(
            cards,
            tuple(dict.fromkeys([*cards, *rest]))[:LISTED],
            plain_text(events),
            tuple((event.item, event.title) for event in events if isinstance(event, Film)),
            "".join(prose),
            tuple(
                (card, ", ".join(now.filters.constraints()))
                for card in cards
                if not now.filters.allow(self._engine.catalogue[card])
            ),
        )


class OneShot:
    """The engine's ranking from the likes of the first message and no dialogue.

    It is shown a few films a turn from the top, whatever is said; its listing stays the same.
    """

    def __init__(self, engine: Engine, turns: int) -> None:
        self._engine = engine
        self._count = max(LISTED, CARDS * turns)
        self._ranking: list[int] | None = None
        self._next = 0

    def reply(self, said: Said) -> Reply:
        if self._ranking is None:
            self._ranking = self._engine.recommend(State(likes=said.liked), self._count)
        cards = tuple(self._ranking[self._next : self._next + CARDS])
        self._next += CARDS
        return _plain(cards, self._ranking[:LISTED], self._engine.parts)


class Shelf:
    """Films in the order of a score that pass the demands and the wanted genre stated so far.

    Films shown, seen or named are not shown again.

    Args:
        score: (n_items,) from the moods, tags and genres wanted so far.
    """

    def __init__(self, parts: Parts, score: Callable[[Sequence[str]], Vector]) -> None:
        self._parts = parts
        self._score = score
        self._phrases: list[str] = []
        self._barred: set[int] = set()

    def reply(self, said: Said) -> Reply:
        catalogue = self._parts.catalogue
        if said.afresh:
            self._phrases.clear()
        self._phrases += said.phrases
        self._bar((*said.liked, *said.disliked, *said.seen))
        allowed = [
            index
            for index in np.argsort(-self._score(self._phrases), kind="stable").tolist()
            if index not in self._barred
            and not said.demands.broken_by(catalogue[index])
            and (said.genre is None or said.genre in catalogue[index].genres)
        ]
        listing = one_of_twins(allowed[: 2 * LISTED], catalogue)[:LISTED]
        cards = tuple(listing[:CARDS])
        self._bar(cards)
        return _plain(cards, listing, self._parts)

    def _bar(self, items: Sequence[int]) -> None:
        self._barred |= self._parts.catalogue.with_twins(items)


def by_popularity(parts: Parts) -> Shelf:
    """The most popular films of the training interactions."""
    return Shelf(parts, lambda phrases: parts.popularity)


def by_text(parts: Parts) -> Shelf:
    """The films whose catalogue text is most like what was wanted so far, by the text encoder.

    By the wished-for words alone: with whole messages it finds fewer films (validation).
    """

    def similarity(phrases: Sequence[str]) -> Vector:
        wanted = parts.encoder.encode([", ".join(phrases) or "film"])[0]
        return np.asarray(parts.stories @ wanted, dtype=np.float32)

    return Shelf(parts, similarity)


def _plain(cards: tuple[int, ...], listing: Sequence[int], parts: Parts) -> Reply:
    names = tuple((card, film_name(parts.catalogue, card)) for card in cards)
    return Reply(cards, tuple(listing), ", ".join(name for _, name in names), names)
