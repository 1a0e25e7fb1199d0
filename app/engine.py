"""The conversation: one message in, one answer out, the session updated in between."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from app import frames, manner
from app.choosing import Chooser
from app.events import Event, Part, Status, as_events
from app.frames import Voice
from app.own_words import OwnWords
from app.parts import Parts
from app.reader import Reader
from app.session import Session, State
from app.small_talk import takes_back
from app.titles import TitleIndex
from app.turns import Turns
from app.understanding import Understanding

_OR_ELSE = re.compile(
    r"^\W*(?:or|nor) (?:an? |the |any )?((?:[\w'’-]+ ?){1,4})[\s.!]*$", re.IGNORECASE
)


class Speaker(Protocol):
    """Who may answer in the engine's place (`app.agent`)."""

    def answer(
        self, session: Session, message: str
    ) -> Generator[None, None, tuple[list[Part], State] | None]:
        """What to say and the state after it; None to leave it to the engine. Yields while it is
        being thought of."""
        ...


class Engine:
    """Answers messages about the films of one catalogue.

    Holds nothing of any user: all of that is in the `Session` handed in. Safe to share between
    threads.

    Args:
        describe: whether questions about a film may be followed by the language model's own
            words, after checking.

    Attributes:
        chooser: puts the films in order, for whoever looks behind the answers, too.
        speaker: who is asked first for an answer; nobody by default.
    """

    def __init__(self, parts: Parts, *, describe: bool = False) -> None:
        self.parts = parts
        self.catalogue = parts.catalogue
        self.titles = TitleIndex(parts.catalogue, parts.popularity)
        self._reader = Reader(parts.catalogue, self.titles)
        self.chooser = Chooser(parts)
        own_words = OwnWords(parts.catalogue, self.titles) if describe else None
        self._turns = Turns(parts, self.chooser, own_words)
        self.speaker: Speaker | None = None

    @classmethod
    def load(cls, weights: Path, *, describe: bool = False, fast: bool = True) -> Engine:
        """Build everything from a folder of trained weights.

        Args:
            fast: False leaves the language model to the library's forward.

        Raises:
            IlmChatError: when something is missing, in one sentence that says what to do.
        """
        from app.loading import load_parts

        return cls(load_parts(weights, fast=fast), describe=describe)

    def reply(self, session: Session, message: str) -> Generator[Event]:
        """Answer `message`, updating `session`.

        The session is settled before the first word of the answer, so a stream that is stopped
        half way leaves it whole.
        """
        before = session.now
        if takes_back(message, session):
            earlier, taken_back = session.past[-1]
            now = replace(earlier, shown=before.shown, turn=before.turn + 1)
            session.past.append((before, message))
            session.now = now
            told = Voice(before.turn + before.seed).say(frames.UNDONE, words=taken_back[:60])
            yield from as_events(list(told), self.catalogue)
            return
        yield Status(f"Looking through {len(self.catalogue):,} films")
        spoken_for = yield from self._spoken(session, message)
        parts, after = spoken_for or self._answer(before, message)
        session.past.append((before, message))
        session.now = after
        yield from as_events(parts, self.catalogue)

    def _answer(self, before: State, message: str) -> tuple[list[Part], State]:
        """What is said to a message, and the state after it."""
        opening: list[Part] = []
        if (found := manner.beside(message, before)) is not None:
            before, frame, message = found
            opening = [*Voice(before.turn + before.seed).say(frame)]
        parts, after = self._turns.answer(self.understand(before, message), message, before)
        return [*opening, *parts], after

    def _spoken(
        self, session: Session, message: str
    ) -> Generator[Event, None, tuple[list[Part], State] | None]:
        """The speaker's answer, with a sign of life while it is waited for, so that a stream can
        be stopped; None where the engine is to answer."""
        waiting = None if self.speaker is None else self.speaker.answer(session, message)
        while waiting is not None:
            try:
                next(waiting)
            except StopIteration as done:
                answer: tuple[list[Part], State] | None = done.value
                return answer
            yield Status("Thinking")
        return None

    def understand(self, before: State, message: str) -> Understanding:
        """What `message` says to somebody in this state."""
        if before.refused and (more := _OR_ELSE.match(message)):
            message = f"no {more[1]}"  # "or a western", after "no musicals"
        return self._reader.read(message, before.cards, before.focus, before.shown)

    def recommend(self, state: State, count: int, *, named: Sequence[int] = ()) -> list[int]:
        """At most `count` films for this user, best first; none when nothing is allowed."""
        return self.chooser.recommend(state, count, named=named)

    def similar(self, item: int, count: int) -> list[int]:
        """At most `count` films most alike to `item` in content and audience, the nearest first."""
        return self.chooser.similar(item, count)

    def retry(self, session: Session) -> Iterator[Event]:
        """Answer the last message again, with other films than the first time."""
        shown, turn = session.now.shown, session.now.turn
        message = session.undo()
        if message is not None:
            kept = session.now
            session.now = replace(kept, shown=shown, turn=turn)
            yield from self.reply(session, message)
            # Undo goes back to what was before the first answer, not between the two.
            session.past[-1] = (kept, message)

    def replay(self, session: Session, seed: int) -> Iterator[Event]:
        """Answer the last message once more, from the state in which it was said. The ranking has
        no chance in it: the films stay, and `seed` chooses other words."""
        message = session.undo()
        if message is not None:
            session.now = replace(session.now, seed=seed)
            yield from self.reply(session, message)
