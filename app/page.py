"""Handlers of the conversation: what is said, the buttons beside it, and the profile.

A thin layer that turns Gradio's events into calls of the engine and back. What can be done with
whole conversations is in `page_history`, films by themselves and the first grid in `page_films`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

import gradio as gr

from app.cards import card_html, inert, markdown
from app.conversation import Conversation, Turn, to_record
from app.covers import Pictures
from app.engine import Engine
from app.events import Card, Event, Status, Text, film_name
from app.portions import MOST
from app.session import FEELINGS, Feeling, Filters, Novelty
from app.store import Store
from app.suggestions import suggestions
from app.understanding import MAX_CHARACTERS
from data.catalogue import Catalogue
from data.errors import IlmChatError

WORD_SECONDS, FRAME_SECONDS = 0.018, 0.1  # pace of the text, and the least time between updates

Message = dict[str, Any]
Step = tuple[list[Message], Any, "View"]  # chat, text box (or no change of it), view


@dataclass
class View:
    """What one browser tab holds.

    user: the browser's secret; "" where nothing is kept. film: whose page is open.
    grid: the films on offer to a new user, those offered before, and whether they were skipped.
    seconds: how long the last answer took to be found. busy: while an answer is streamed.
    """

    held: Conversation = field(default_factory=Conversation)
    user: str = ""
    film: int | None = None
    grid: list[int] = field(default_factory=list)
    offered: set[int] = field(default_factory=set)
    skipped: bool = False
    seconds: float | None = None
    busy: bool = False


def warn(error: IlmChatError) -> None:
    """Say it in a corner of the page, which takes HTML."""
    gr.Warning(escape(str(error)))


class Page:
    """`engine` may wait until the models are loaded; its IlmChatError become a calm message.

    Args:
        store: where conversations are kept; None keeps them nowhere.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        catalogue: Catalogue,
        *,
        store: Store | None = None,
        pictures: Pictures | None = None,
    ) -> None:
        self._engine = engine
        self._catalogue = catalogue
        self._store = store
        self.pictures = pictures or Pictures()

    # -- what is said ----------------------------------------------------------------------------

    def send(self, message: str, view: View) -> Iterator[Step]:
        """Answer a message: (chat, text box, view) about ten times a second."""
        shown = message.strip()[:MAX_CHARACTERS] or "…"
        yield from self._stream(view, shown, lambda e: e.reply(view.held.session, message))

    def retry(self, view: View) -> Iterator[Step]:
        """Answer the last message again, with other films."""
        yield from self._once_more(view, lambda engine: engine.retry(view.held.session))

    def replay(self, seed: float | None, view: View) -> Iterator[Step]:
        """Answer the last message again as it was answered, in the words of this seed."""
        chosen = int(seed or 0)
        yield from self._once_more(view, lambda engine: engine.replay(view.held.session, chosen))

    def _once_more(self, view: View, answer: Callable[[Engine], Iterator[Event]]) -> Iterator[Step]:
        held = view.held
        if not held.turns or view.busy:
            yield self.messages(view), "", view
            return
        turn = held.turns.pop()
        held.stored = min(held.stored, len(held.answered))
        if turn.answered:
            yield from self._stream(view, turn.message, answer, turn)
        else:
            yield from self.send(turn.message, view)

    def _stream(
        self,
        view: View,
        shown: str,
        answer: Callable[[Engine], Iterator[Event]],
        old: Turn | None = None,
    ) -> Iterator[Step]:
        if view.busy:  # two messages at once would answer past each other
            yield self.messages(view), shown, view
            return
        held = view.held
        before = len(held.answered)
        turn = Turn(shown, [Status("Loading the models")])
        held.turns.append(turn)
        view.busy = True
        try:
            # The text box is emptied once: what is typed while the answer comes stays there.
            yield self.messages(view), "", view
            engine = self._engine()
            last = began = time.monotonic()
            pause = FRAME_SECONDS
            for event in answer(engine):
                if isinstance(turn.events[-1], Status):
                    turn.events.pop()
                turn.events.append(event)
                if not isinstance(event, Status) and not turn.answered:
                    turn.answered = True
                    view.seconds = time.monotonic() - began
                if isinstance(event, Text):
                    time.sleep(WORD_SECONDS)
                if time.monotonic() - last >= pause or isinstance(event, Status):
                    begun = time.monotonic()
                    yield self.messages(view), gr.skip(), view
                    last = time.monotonic()
                    # Each update sends the whole chat: a long one gets fewer of them.
                    pause = max(FRAME_SECONDS, 2 * (last - begun))
        except IlmChatError as error:
            turn.events[:] = [Text(str(error))]
        finally:  # also when the reader stops the answer, or leaves
            view.busy = False
            turn.answered = len(held.session.past) > before
            if isinstance(turn.events[-1], Status):
                turn.events[:] = old.events if turn.answered and old else [Text("Stopped.")]
            self._keep(view, held)
        yield self.messages(view), gr.skip(), view

    def unsent(self, draft: str, view: View) -> str:
        """What a reloaded page had in its text box, unless it is what was asked last."""
        turns = view.held.turns
        asked = bool(turns) and turns[-1].message == draft.strip()[:MAX_CHARACTERS]
        return "" if asked else draft

    def undo(self, view: View) -> Step:
        """Take the last message back, into the text box."""
        message = view.held.undo()
        self._keep(view, view.held)
        return self.messages(view), message or "", view

    def _keep(self, view: View, held: Conversation) -> None:
        """Bring the store up to date. What cannot be kept is said, and the chat goes on."""
        now = held.session.now
        something = held.id or held.answered or now.likes or now.dislikes or now.seen
        if self._store is None or not view.user or not something:
            return
        name = self._catalogue.name
        record = to_record(held, self._catalogue)
        try:
            if held.id:
                kept = self._store.save(view.user, name, record, first=held.stored)
            else:
                kept = self._store.create(view.user, name, record)
        except IlmChatError as error:
            warn(error)
            return
        held.id, held.version, held.stored = kept.id, kept.version, len(kept.turns)

    # -- buttons and profile ---------------------------------------------------------------------

    def toggle(self, feeling: Feeling, slot: int, view: View) -> View:
        """Press or release a button of the card in `slot`."""
        cards = view.held.session.now.cards
        return self.toggle_item(feeling, cards[slot], view) if slot < len(cards) else view

    def toggle_item(self, feeling: Feeling, item: int, view: View) -> View:
        """Like, dislike or have seen a film, or no more."""
        view.held.session.toggle(feeling, item)
        self._keep(view, view.held)
        return view

    def keep(self, feeling: Feeling, kept: list[int], view: View) -> View:
        """Forget the films that were taken out of a list of the profile."""
        now = view.held.session.now
        gone = {item for item in range(len(self._catalogue)) if now.has(feeling, item)} - {*kept}
        view.held.session.now = now.unfelt(feeling, gone)
        self._keep(view, view.held)
        return view

    def keep_wishes(self, kept: list[str], view: View) -> View:
        """Drop the wishes that were taken out of the profile."""
        now = view.held.session.now
        filters: Filters = now.filters
        for name in filters.constraints():
            if name not in kept:
                filters = filters.without(name)
        wish = now.wish if now.wish in kept else ""
        avoid = now.avoid if f"not: {now.avoid}" in kept else ""
        view.held.session.now = replace(now, filters=filters, wish=wish, avoid=avoid)
        self._keep(view, view.held)
        return view

    def forget(self, view: View) -> View:
        """Empty the profile; what was said stays on screen."""
        now = view.held.session.now
        anew = replace(now.afresh(), shown=now.shown, cards=now.cards, turn=now.turn)
        view.held.session.now = anew
        self._keep(view, view.held)
        return view

    def lead(self, novelty: Novelty, view: View) -> View:
        """How far from what everybody has seen the next films are to be."""
        view.held.session.now = replace(view.held.session.now, novelty=novelty)
        self._keep(view, view.held)
        return view

    def shorten(self, brief: bool, view: View) -> View:
        """Answers are to be short from now on, or no more."""
        view.held.session.now = replace(view.held.session.now, brief=brief)
        self._keep(view, view.held)
        return view

    # -- what is shown ---------------------------------------------------------------------------

    def messages(self, view: View) -> list[Message]:
        """The conversation as Gradio wants it; text and cards of an answer in their order."""
        result: list[Message] = []
        for turn in view.held.turns:
            result += self._turn(turn)
        if result and not view.busy and view.held.turns[-1].answered:
            shown = sum(isinstance(event, Card) for event in view.held.turns[-1].events)
            said = suggestions(view.held.session.now, self._catalogue, shown)
            result[-1]["options"] = [{"value": words} for words in said]
        return result

    def _turn(self, turn: Turn) -> list[Message]:
        said: Message = {"role": "user", "content": inert(turn.message)}
        if turn.events and isinstance(turn.events[-1], Status):
            note = {"title": f"{turn.events[-1].text} …", "status": "pending"}
            return [said, {"role": "assistant", "content": "", "metadata": note}]
        content: list[Any] = []
        run: list[Event] = []
        for event in [*turn.events, None]:
            if event is not None and not isinstance(event, Card):
                run.append(event)
                continue
            if text := markdown(run, self._catalogue).strip():
                content.append(text)
            run = []
            if isinstance(event, Card):
                item = self._catalogue[event.item]
                content.append(gr.HTML(card_html(item, event.why, self.pictures)))
        return [said, {"role": "assistant", "content": content or ""}]

    def panel(self, view: View) -> list[Any]:
        """Updates of the buttons under the chat and of the profile, in the order they are built."""
        now = view.held.session.now
        updates: list[Any] = [gr.update(visible=bool(now.cards))]
        for slot in range(MOST):
            there = slot < len(now.cards)
            name = film_name(self._catalogue, now.cards[slot]) if there else ""
            updates.append(gr.update(visible=there))
            updates.append(f'<div class="ilm-name">{escape(name)}</div>')
            for feeling in FEELINGS:
                pressed = there and now.has(feeling, now.cards[slot])
                updates.append(gr.update(variant="primary" if pressed else "secondary"))
        for feeling in FEELINGS:
            items = [item for item in range(len(self._catalogue)) if now.has(feeling, item)]
            names = [(film_name(self._catalogue, item), item) for item in items]
            updates.append(gr.update(choices=names, value=items, visible=bool(items)))
        wishes = now.filters.constraints()
        wishes += [now.wish] if now.wish else []
        wishes += [f"not: {now.avoid}"] if now.avoid else []
        updates.append(gr.update(choices=wishes, value=wishes, visible=bool(wishes)))
        empty = not (wishes or now.likes or now.dislikes or now.seen)
        updates.append(gr.update(visible=empty))
        updates.append(gr.update(visible=not empty))
        return [*updates, now.novelty, now.brief]

    def speed(self, view: View) -> str:
        """The line on how long the last answer took."""
        if view.seconds is None:
            return ""
        took = f"{view.seconds:.1f} s" if view.seconds >= 1 else f"{1000 * view.seconds:.0f} ms"
        return f'<p class="ilm-foot">The last answer took {took} to find.</p>'
