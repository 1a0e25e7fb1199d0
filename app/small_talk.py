"""Answers that no film is looked for: greetings, thanks, help, and taking the last message back."""

from __future__ import annotations

from app import frames
from app.intents import starts_over, thanks
from app.sayings import FORGET, HOW_ARE_YOU, RUDE, SORROW, UNDO
from app.session import Session

FIXED = {
    "empty": frames.EMPTY,
    "help": frames.HELP,
    "chitchat": frames.CHITCHAT,
    "off_topic": frames.OFF_TOPIC,
}


def small_talk(intent: str, message: str) -> tuple[str, ...]:
    """What to answer to what asks for no film."""
    if intent in {"chitchat", "off_topic"} and SORROW.search(message):
        return frames.SORRY
    if intent == "chitchat" and HOW_ARE_YOU.match(message):
        return frames.HOW_ARE_YOU
    if intent == "chitchat" and RUDE.match(message):
        return frames.RUDE
    if intent == "chitchat" and starts_over(message):
        return frames.AFRESH
    return frames.WELCOME if intent == "chitchat" and thanks(message) else FIXED[intent]


def takes_back(message: str, session: Session) -> bool:
    """Whether a message takes the one before it back; "forget that" does after a feeling, and
    means the wishes otherwise."""
    if not session.past:
        return False
    before, now = session.past[-1][0], session.now
    stated = (before.likes, before.dislikes, before.seen) != (now.likes, now.dislikes, now.seen)
    return UNDO.match(message) is not None or (stated and FORGET.match(message) is not None)
