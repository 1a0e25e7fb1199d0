"""What one browser tab holds of a conversation, and its forms outside of it: JSON and Markdown."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from typing import Any

from app.cards import plain_text
from app.events import Card, Event, Film, Status, Text, film_name
from app.onboarding import PICKS
from app.session import Session, State
from app.session_json import from_json, to_json
from app.store import Record
from data.catalogue import Catalogue
from data.errors import DataError, IlmChatError

UNTITLED = "New conversation"
FIRST_QUESTION = "What should I watch?"  # asked for those who only pick films
_TITLE_WIDTH = 60


@dataclass
class Turn:
    """A message as it is shown, and the answer so far.

    answered: whether the session has taken the message in; an answer that failed, or was stopped
    before it began, leaves the session as it was.
    """

    message: str
    events: list[Event]
    answered: bool = False


@dataclass
class Conversation:
    """The session and the turns on screen; `session.past` has one entry for each answered turn.

    id, version: as the store has them; "" and 0 where it has nothing of it yet.
    stored: how many of the answered turns the store has as they are.
    """

    session: Session = field(default_factory=Session)
    turns: list[Turn] = field(default_factory=list)
    id: str = ""
    version: int = 0
    stored: int = 0

    @property
    def answered(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.answered]

    def undo(self) -> str | None:
        """Take the last turn back; its message, or None when there is none."""
        if not self.turns:
            return None
        turn = self.turns.pop()
        if not turn.answered:
            return turn.message
        self.stored = min(self.stored, len(self.answered))
        return self.session.undo()


def title_of(held: Conversation, catalogue: Catalogue) -> str:
    """The first message, shortened; or the films picked, where these began the conversation."""
    if not held.turns:
        return UNTITLED
    words = held.turns[0].message
    if words == FIRST_QUESTION and held.session.past and held.session.past[0][0].likes:
        words = ", ".join(catalogue[item].title for item in held.session.past[0][0].likes[-PICKS:])
    words = " ".join(words.split())
    if len(words) <= _TITLE_WIDTH:
        return words
    return words[: _TITLE_WIDTH - 2].rsplit(" ", 1)[0] + " …"


def to_record(held: Conversation, catalogue: Catalogue) -> Record:
    """`held` for the store, with the answered turns."""
    turns = []
    for turn, (before, said) in zip(held.answered, held.session.past, strict=True):
        content = {
            "message": turn.message,
            "said": said,
            "answer": [_event_json(event, catalogue) for event in _joined(turn.events)],
            "before": to_json(before, catalogue),
        }
        turns.append(json.dumps(content, ensure_ascii=False))
    state = json.dumps(to_json(held.session.now, catalogue), ensure_ascii=False)
    return Record(held.id, title_of(held, catalogue), held.version, state, tuple(turns))


def from_record(record: Record, catalogue: Catalogue) -> Conversation:
    """The conversation that `to_record` gave.

    Raises:
        IlmChatError: when it cannot be read, or names films that the catalogue has no more.
    """
    turns: list[Turn] = []
    past: list[tuple[State, str]] = []
    try:
        for content in map(json.loads, record.turns):
            events = [_event(held, catalogue) for held in content["answer"]]
            turns.append(Turn(content["message"], events, answered=True))
            past.append((from_json(content["before"], catalogue), content["said"]))
        now = from_json(json.loads(record.state), catalogue)
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(f"The conversation “{record.title}” is damaged ({error}).") from error
    except IlmChatError as error:
        raise DataError(f"The conversation “{record.title}” cannot be opened: {error}") from None
    return Conversation(Session(now, past), turns, record.id, record.version, len(turns))


def as_json(held: Conversation, catalogue: Catalogue, title: str) -> str:
    """Everything that is kept of a conversation, to read or to take along."""
    content = {
        "title": title,
        "catalogue": catalogue.name,
        "turns": [
            {
                "message": turn.message,
                "answer": plain_text(turn.events),
                "films": [
                    {"id": catalogue.ids[card.item], "why": card.why, **_facts(catalogue, card)}
                    for card in turn.events
                    if isinstance(card, Card)
                ],
            }
            for turn in held.turns
        ],
        "profile": to_json(held.session.now, catalogue),
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def as_markdown(held: Conversation, catalogue: Catalogue, title: str) -> str:
    """The conversation to read: messages as quotations, films as a list with their reasons."""
    blocks = [f"# {escape(title, quote=False)}"]
    for turn in held.turns:
        message = escape(turn.message, quote=False)
        blocks.append("\n".join(f"> {line}" for line in message.splitlines() or [""]))
        text = ""
        for event in turn.events:
            if isinstance(event, Card):
                text = (
                    f"{text.strip()}\n\n- **{film_name(catalogue, event.item)}**: {event.why}\n\n"
                )
            elif isinstance(event, Text):
                text += event.text
            elif isinstance(event, Film):
                text += f"*{event.title}*"
        blocks.append(text.strip())
    now = held.session.now
    for label, films in (("Liked", now.likes), ("Disliked", now.dislikes), ("Seen", now.seen)):
        if films:
            blocks.append(f"{label}: {', '.join(film_name(catalogue, item) for item in films)}")
    return "\n\n".join(blocks) + "\n"


def _facts(catalogue: Catalogue, card: Card) -> dict[str, Any]:
    return {"title": catalogue[card.item].title, "year": catalogue[card.item].year}


def _joined(events: list[Event]) -> list[Event]:
    """Words that follow each other as one text, and no status."""
    joined: list[Event] = []
    for event in events:
        if isinstance(event, Text) and joined and isinstance(joined[-1], Text):
            joined[-1] = Text(joined[-1].text + event.text)
        elif not isinstance(event, Status):
            joined.append(event)
    return joined


def _event_json(event: Event, catalogue: Catalogue) -> dict[str, str]:
    if isinstance(event, Card):
        return {"card": catalogue.ids[event.item], "why": event.why}
    if isinstance(event, Film):
        return {"film": catalogue.ids[event.item]}
    return {"text": event.text}


def _event(held: dict[str, str], catalogue: Catalogue) -> Event:
    if "card" in held:
        return Card(catalogue.index_of(held["card"]), held["why"])
    if "film" in held:
        item = catalogue.index_of(held["film"])
        return Film(item, film_name(catalogue, item))
    return Text(held["text"])
