"""How well messages are understood: the annotated chats against what the engine's reader says.

Every user turn is read with what the corpus says was recommended last, so that one mistake costs
one turn and not the rest of its chat.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from app.reader import Reader
from app.titles import TitleIndex
from app.understanding import Understanding
from cf.popularity import popularity
from data.catalogue import Catalogue
from data.dataset import Dataset
from data.dialogues import Chat, UserTurn, mentions
from data.splits import leave_one_out

BENCHMARK = "understanding"


class MessageReader(Protocol):
    """`app.reader.Reader`, or whatever takes its place."""

    def read(
        self,
        message: str,
        cards: Sequence[int] = (),
        focus: int | None = None,
        shown: Sequence[int] = (),
    ) -> Understanding: ...


@dataclass(frozen=True)
class Reading:
    """One message: what was meant, what was understood, and in how many seconds."""

    chat: int
    turn: UserTurn
    said: Understanding
    seconds: float


def product_reader(dataset: Dataset) -> Reader:
    """The reader as the chat has it."""
    train = leave_one_out(dataset.interactions).train
    return Reader(dataset.catalogue, TitleIndex(dataset.catalogue, popularity(train)))


def readings(chats: Iterable[Chat], reader: MessageReader) -> Iterator[Reading]:
    """All user turns of the chats, in order."""
    for chat in chats:
        cards: tuple[int, ...] = ()
        shown: tuple[int, ...] = ()
        focus: int | None = None
        for turn in chat.turns:
            if not isinstance(turn, UserTurn):
                cards = turn.items or cards
                shown += turn.items
                focus = turn.items[0] if turn.items else focus
                continue
            start = time.perf_counter()
            said = reader.read(turn.text, cards, focus, shown)
            yield Reading(chat.number, turn, said, time.perf_counter() - start)
            if turn.intent == "ask_about" and turn.refers_to:
                focus = turn.refers_to[0]


def figures(found: Sequence[Reading], catalogue: Catalogue) -> dict[str, float]:
    """The figures of a table, by name.

    Films are linked when the same ones are meant, by title or by words such as "the second one";
    films that the catalogue lists twice are one. F1 is over all films of all messages.
    """

    def f1(
        meant: Callable[[UserTurn], Iterable[int]],
        understood: Callable[[Understanding], Iterable[int]],
    ) -> float:
        right = wrong = missed = 0
        for each in found:
            gold = _once(meant(each.turn), catalogue)
            mine = _once(understood(each.said), catalogue)
            right += len(gold & mine)
            wrong += len(mine - gold)
            missed += len(gold - mine)
        return 2 * right / max(1, 2 * right + wrong + missed)

    def share(holds: Callable[[Reading], bool]) -> float:
        return float(np.mean([holds(each) for each in found])) if found else 0.0

    milliseconds = 1000 * np.array([each.seconds for each in found] or [0.0])
    return {
        "film linking F1": f1(
            lambda turn: (p for p in mentions(turn.resolved, catalogue) if isinstance(p, int)),
            lambda said: (*said.named, *said.refers_to),
        ),
        "references F1": f1(lambda turn: turn.refers_to, lambda said: said.refers_to),
        "likes F1": f1(lambda turn: turn.like, lambda said: said.liked),
        "dislikes F1": f1(lambda turn: turn.dislike, lambda said: said.disliked),
        "seen F1": f1(lambda turn: turn.seen, lambda said: said.seen),
        "intent accuracy": share(lambda each: each.turn.intent == each.said.intent),
        "constraints exact": share(
            lambda each: constraints_of(each.turn) == constraints_of(each.said)
        ),
        "milliseconds": float(milliseconds.mean()),
        "milliseconds, 95 % under": float(np.percentile(milliseconds, 95)),
    }


def constraints_of(stated: UserTurn | Understanding) -> tuple[Any, ...]:
    """Genres and years that a turn states, to be equal or not."""
    genres = (frozenset(stated.genres_in), frozenset(stated.genres_out))
    return (*genres, stated.year_min, stated.year_max)


def mistakes(found: Iterable[Reading], catalogue: Catalogue) -> Iterator[str]:
    """A line for every message that was not understood in full."""
    for each in found:
        turn, said = each.turn, each.said
        wrong = []
        if turn.intent != said.intent:
            wrong.append(f"intent {turn.intent}, read {said.intent}")
        if constraints_of(turn) != constraints_of(said):
            wrong.append(f"constraints {constraints_of(turn)}, read {constraints_of(said)}")
        for name, gold, mine in (
            ("like", turn.like, said.liked),
            ("dislike", turn.dislike, said.disliked),
            ("seen", turn.seen, said.seen),
            ("means", turn.refers_to, said.refers_to),
        ):
            if _once(gold, catalogue) != _once(mine, catalogue):
                wrong.append(f"{name} {_titles(gold, catalogue)}, read {_titles(mine, catalogue)}")
        if wrong:
            yield f"{each.chat}: {turn.text}\n    " + "; ".join(wrong)


def _once(items: Iterable[int], catalogue: Catalogue) -> set[int]:
    return {min(catalogue.with_twins([item])) for item in items}


def _titles(items: Iterable[int], catalogue: Catalogue) -> list[str]:
    return [catalogue[item].title for item in items]
