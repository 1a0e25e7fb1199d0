"""The page: a thin layer that turns Gradio's events into calls of the engine and back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from html import escape
from typing import Any

import gradio as gr

from app import api
from app.cards import card_html, inert, markdown
from app.engine import CARDS, Engine
from app.events import Card, Event, Status, Text, film_name
from app.session import FEELINGS, Feeling, Filters, Session
from app.style import COLOURS, CSS, FONTS
from app.understanding import MAX_CHARACTERS
from data.catalogue import Catalogue
from data.errors import IlmChatError

EXAMPLES = (
    "I loved The Empire Strikes Back and Alien, something in space but not horror",
    "A warm comedy from the eighties or nineties",
    "Fargo, Pulp Fiction. What next?",
    "Something old, black and white and witty",
    "A tense thriller before 1970",
    "For the whole family, no musicals",
)
BUTTONS: dict[Feeling, str] = {"like": "Like", "dislike": "Dislike", "seen": "Seen it"}
LISTS: dict[Feeling, str] = {"like": "You like", "dislike": "You dislike", "seen": "Seen already"}
WORD_SECONDS, FRAME_SECONDS = 0.018, 0.1  # pace of the text, and the least time between updates
MOST_CHARACTERS = 20_000  # what the text box takes; the engine reads the first part of it

Message = dict[str, Any]


@dataclass
class View:
    """What one browser tab holds: the session, and the turns on screen (message, answer so far)."""

    session: Session = field(default_factory=Session)
    turns: list[tuple[str, list[Event]]] = field(default_factory=list)


class Page:
    """Handlers of the page's events. `engine` may wait until the models are loaded.

    Raises from `engine` of IlmChatError become a calm message.
    """

    def __init__(self, engine: Callable[[], Engine], catalogue: Catalogue) -> None:
        self._engine = engine
        self._catalogue = catalogue

    def send(self, message: str, view: View) -> Iterator[tuple[list[Message], str, View]]:
        """Answer a message: (chat, text box, view) about ten times a second."""
        shown = message.strip()[:MAX_CHARACTERS] or "…"
        yield from self._stream(view, shown, lambda e: e.reply(view.session, message))

    def retry(self, view: View) -> Iterator[tuple[list[Message], str, View]]:
        """Answer the last message again, with other films."""
        if not view.turns or not view.session.past:
            yield self.messages(view), "", view
            return
        shown, _ = view.turns.pop()
        yield from self._stream(view, shown, lambda e: e.retry(view.session))

    def _stream(
        self, view: View, shown: str, answer: Callable[[Engine], Iterator[Event]]
    ) -> Iterator[tuple[list[Message], str, View]]:
        events: list[Event] = [Status("Loading the models")]
        view.turns.append((shown, events))
        yield self.messages(view), "", view
        last = time.monotonic()
        try:
            for event in answer(self._engine()):
                if isinstance(events[-1], Status):
                    events.pop()
                events.append(event)
                if isinstance(event, Text):
                    time.sleep(WORD_SECONDS)
                if time.monotonic() - last >= FRAME_SECONDS or isinstance(event, Status):
                    yield self.messages(view), "", view
                    last = time.monotonic()
        except IlmChatError as error:
            events[:] = [Text(str(error))]
        yield self.messages(view), "", view

    def undo(self, view: View) -> tuple[list[Message], str, View]:
        """Take the last message back, into the text box."""
        message = view.session.undo()
        if view.turns:
            view.turns.pop()
        return self.messages(view), message or "", view

    def clear(self, view: View) -> tuple[list[Message], str, View]:
        """Forget everything of this tab."""
        view.session.clear()
        view.turns.clear()
        return [], "", view

    def toggle(self, feeling: Feeling, slot: int, view: View) -> View:
        """Press or release a button of the card in `slot`."""
        if slot < len(view.session.now.cards):
            view.session.toggle(feeling, view.session.now.cards[slot])
        return view

    def keep(self, feeling: Feeling, kept: list[int], view: View) -> View:
        """Forget the films that were taken out of a list of the profile."""
        now = view.session.now
        gone = {item for item in range(len(self._catalogue)) if now.has(feeling, item)} - {*kept}
        view.session.now = now.unfelt(feeling, gone)
        return view

    def keep_wishes(self, kept: list[str], view: View) -> View:
        """Drop the wishes that were taken out of the profile."""
        now = view.session.now
        filters: Filters = now.filters
        for name in filters.constraints():
            if name not in kept:
                filters = filters.without(name)
        wish = now.wish if now.wish in kept else ""
        avoid = now.avoid if f"not: {now.avoid}" in kept else ""
        view.session.now = replace(now, filters=filters, wish=wish, avoid=avoid)
        return view

    def messages(self, view: View) -> list[Message]:
        """The conversation as Gradio wants it; text and cards of an answer in their order."""
        result: list[Message] = []
        for shown, events in view.turns:
            result.append({"role": "user", "content": inert(shown)})
            if events and isinstance(events[-1], Status):
                title = f"{events[-1].text} …"
                note = {"title": title, "status": "pending"}
                result.append({"role": "assistant", "content": "", "metadata": note})
                continue
            content: list[Any] = []
            run: list[Event] = []
            for event in [*events, None]:
                if event is not None and not isinstance(event, Card):
                    run.append(event)
                    continue
                if text := markdown(run).strip():
                    content.append(text)
                run = []
                if isinstance(event, Card):
                    item = self._catalogue[event.item]
                    content.append(gr.HTML(card_html(item, event.why)))
            result.append({"role": "assistant", "content": content or ""})
        return result

    def panel(self, view: View) -> list[Any]:
        """Updates of the buttons under the chat and of the profile, in the order they are built."""
        now = view.session.now
        updates: list[Any] = [gr.update(visible=bool(now.cards))]
        for slot in range(CARDS):
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
        return updates


def build(engine: Callable[[], Engine], catalogue: Catalogue, about: str) -> gr.Blocks:
    """The page. `about` is the footer's line on data set and model."""
    page = Page(engine, catalogue)
    with gr.Blocks(title="ILM Chat", analytics_enabled=False, fill_width=True) as blocks:
        view = gr.State(View())
        gr.HTML(
            '<header class="ilm-head"><h1>ILM Chat</h1><p>Talk about films, and get some worth '
            "watching.</p></header>"
        )
        with gr.Row():
            with gr.Column(scale=3, min_width=320):
                chat, box, send, stop, undo, retry, clear = _conversation()
            with gr.Column(scale=1, min_width=300, elem_id="ilm-side"):
                actions, slots = _actions()
                gr.Markdown("### What I know of you")
                lists = {
                    feeling: gr.Dropdown(
                        [], multiselect=True, label=label, visible=False, interactive=True
                    )
                    for feeling, label in LISTS.items()
                }
                wishes = gr.Dropdown(
                    [], multiselect=True, label="In force now", visible=False, interactive=True
                )
                nothing = gr.Markdown(
                    "Nothing yet. What you like, dislike, have seen or rule out appears here, and "
                    "every entry can be taken out again."
                )
                forget = gr.Button("Forget everything", size="sm")
        gr.HTML(
            f'<footer class="ilm-foot">{escape(about)}<br>Nothing you type leaves this machine, '
            "and nothing is stored: it is forgotten when you close the page.</footer>"
        )

        panel = [
            actions,
            *(part for slot in slots for part in slot),
            *lists.values(),
            wishes,
            nothing,
        ]
        streamed = [chat, box, view]
        runs = []
        for trigger in (send.click, box.submit):
            runs.append(trigger(page.send, [box, view], streamed, **_QUIET))
        runs.append(
            chat.example_select(_example, None, box, **_QUIET).then(
                page.send, [box, view], streamed, **_QUIET
            )
        )
        runs.append(retry.click(page.retry, view, streamed, **_QUIET))
        for run in runs:
            run.then(page.panel, view, panel, **_QUIET)
        stop.click(None, None, None, cancels=runs, **_QUIET).then(page.panel, view, panel, **_QUIET)
        for trigger, handler in (
            (undo.click, page.undo),
            (clear.click, page.clear),
            (forget.click, page.clear),
            (chat.clear, page.clear),
        ):
            trigger(handler, view, streamed, cancels=runs, **_QUIET).then(
                page.panel, view, panel, **_QUIET
            )
        for place, (_row, _name, *buttons) in enumerate(slots):
            for feeling, button in zip(FEELINGS, buttons, strict=True):
                button.click(partial(page.toggle, feeling, place), view, view, **_QUIET).then(
                    page.panel, view, panel, **_QUIET
                )
        for feeling, entries in lists.items():
            entries.input(partial(page.keep, feeling), [entries, view], view, **_QUIET).then(
                page.panel, view, panel, **_QUIET
            )
        wishes.input(page.keep_wishes, [wishes, view], view, **_QUIET).then(
            page.panel, view, panel, **_QUIET
        )

        def chat_api(message: str, session: dict | None = None) -> dict:
            """Answer one message. `session` is what the last answer returned, or null."""
            return api.answer(engine(), message, session)

        gr.api(chat_api, api_name="chat")
    blocks.queue(default_concurrency_limit=4, max_size=64)
    return blocks


_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def launch_options() -> dict[str, Any]:
    """Theme and style, which Gradio 6 takes at launch."""
    theme = gr.themes.Base(
        primary_hue="indigo",
        secondary_hue="indigo",
        neutral_hue="slate",
        font=FONTS,
        font_mono=("ui-monospace", "Consolas", "monospace"),
        radius_size="lg",
    ).set(**COLOURS)
    return {"theme": theme, "css": CSS, "footer_links": ["api"]}


def _conversation() -> tuple[Any, ...]:
    chat = gr.Chatbot(
        elem_id="ilm-chat",
        label="Conversation",
        show_label=False,
        height="68vh",
        min_height=360,
        layout="bubble",
        buttons=["copy"],
        latex_delimiters=[],
        examples=[{"text": text} for text in EXAMPLES],
        placeholder="## What shall we watch?\nName films you loved, a mood, a decade.",
    )
    with gr.Row(elem_id="ilm-send", equal_height=True):
        box = gr.Textbox(
            label="Your message",
            show_label=False,
            placeholder="A film you loved, a mood, a genre, a decade …",
            lines=1,
            max_lines=4,
            max_length=MOST_CHARACTERS,
            scale=8,
            autofocus=True,
        )
        send = gr.Button("Send", variant="primary", scale=1, min_width=70)
        stop = gr.Button("Stop", scale=1, min_width=70)
    with gr.Row(elem_id="ilm-turns"):
        undo = gr.Button("Undo", size="sm", min_width=90)
        retry = gr.Button("Try again", size="sm", min_width=90)
        clear = gr.Button("Clear", size="sm", min_width=90)
    return chat, box, send, stop, undo, retry, clear


def _actions() -> tuple[gr.Column, list[tuple[Any, ...]]]:
    slots: list[tuple[Any, ...]] = []
    with gr.Column(visible=False, elem_id="ilm-actions") as actions:
        gr.Markdown("### What about these?")
        for _ in range(CARDS):
            with gr.Column(visible=False, elem_classes="ilm-slot") as slot:
                name = gr.HTML("")
                with gr.Row(elem_classes="ilm-buttons"):
                    buttons = [gr.Button(BUTTONS[f], size="sm", min_width=70) for f in FEELINGS]
            slots.append((slot, name, *buttons))
    return actions, slots


def _example(chosen: gr.SelectData) -> str:
    return str(chosen.value["text"])
