"""The chat for programs: one message in, text and films out, the session carried by the caller."""

from __future__ import annotations

from typing import Any

from app.cards import plain_text
from app.engine import Engine
from app.events import Card
from app.session import Session, from_json, to_json
from data.errors import IlmChatError


def answer(engine: Engine, message: str, session: object = None) -> dict[str, Any]:
    """Answer `message`.

    Args:
        session: what the last answer returned as "session", or nothing to begin.

    Returns:
        "text"; "items", a list of {"id", "title", "year", "genres", "why"} in the order of the
        text; and "session". A session that cannot be read gives "text" that says so, no items,
        and a new session.
    """
    catalogue = engine.catalogue
    try:
        held = Session(from_json(session, catalogue))
        events = list(engine.reply(held, message))
    except IlmChatError as error:
        return {"text": str(error), "items": [], "session": {}}
    items = [
        {
            "id": catalogue.ids[event.item],
            "title": catalogue[event.item].title,
            "year": catalogue[event.item].year,
            "genres": list(catalogue[event.item].genres),
            "why": event.why,
        }
        for event in events
        if isinstance(event, Card)
    ]
    return {"text": plain_text(events), "items": items, "session": to_json(held.now, catalogue)}
