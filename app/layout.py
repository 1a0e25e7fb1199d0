"""The parts of the page and where they stand; what they do is wired in `ui`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from app.portions import MOST
from app.scripts import DRAFT, LINKS, PICKING
from app.session import FEELINGS, Feeling, Novelty

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
NOVELTY: tuple[tuple[str, Novelty], ...] = (
    ("Familiar", "familiar"),
    ("In between", "balanced"),
    ("Surprising", "surprising"),
)
MOST_CHARACTERS = 20_000  # what the text box takes; the engine reads the first part of it
HEADER = (
    '<header class="ilm-head"><h1>ILM Chat</h1><p>Talk about films, and get some worth watching.'
    '</p><nav class="ilm-jump" aria-label="On this page"><a href="#ilm-side">Profile</a>'
    '<a href="#ilm-history">Conversations</a></nav></header>'
)


@dataclass(frozen=True)
class FilmPage:
    """frame: shown while a film is open. feelings: its three buttons."""

    frame: gr.Column
    back: gr.Button
    facts: gr.HTML
    similar: gr.HTML
    feelings: list[gr.Button]


@dataclass(frozen=True)
class Talk:
    """welcome: the frame of the first grid, which hides the chat while it is shown."""

    welcome: gr.Column
    grid: gr.HTML
    chat: gr.Chatbot
    box: gr.Textbox
    send: gr.Button
    stop: gr.Button
    undo: gr.Button
    retry: gr.Button
    clear: gr.Button


@dataclass(frozen=True)
class Profile:
    """actions: the frame of the last cards' buttons; slots: (frame, name, buttons...) a card."""

    actions: gr.Column
    slots: list[tuple[Any, ...]]
    lists: dict[Feeling, gr.Dropdown]
    wishes: gr.Dropdown
    nothing: gr.Markdown
    forget: gr.Button
    novelty: gr.Radio
    brief: gr.Checkbox

    @property
    def parts(self) -> list[Any]:
        """In the order of `Page.panel`."""
        slots = [part for slot in self.slots for part in slot]
        told = [*self.lists.values(), self.wishes, self.nothing, self.forget]
        return [self.actions, *slots, *told, self.novelty, self.brief]


@dataclass(frozen=True)
class Behind:
    """viewer: whom to begin anew as. seed: of the words of the last turn when it is replayed.
    parts: in the order of `Presenter.look`."""

    viewer: gr.Dropdown
    begin: gr.Button
    seed: gr.Number
    replay: gr.Button
    parts: list[gr.HTML]


@dataclass(frozen=True)
class HistoryList:
    """this: the frame of what can be done with the conversation on screen."""

    new: gr.Button
    entries: gr.Radio
    this: gr.Column
    name: gr.Textbox
    rename: gr.Button
    markdown: gr.Button
    json: gr.Button
    delete: gr.Button
    all: gr.Button
    sure: gr.Column
    yes: gr.Button
    no: gr.Button
    file: gr.JSON


def header() -> gr.HTML:
    return gr.HTML(HEADER, js_on_load=LINKS + DRAFT)


def film_page() -> FilmPage:
    with gr.Column(visible=False, elem_id="ilm-film") as frame:
        back = gr.Button("← Back to the conversation", size="sm", elem_classes="ilm-back")
        facts = gr.HTML("")
        with gr.Row(elem_classes="ilm-buttons"):
            feelings = _feelings()
        similar = gr.HTML("")
    return FilmPage(frame, back, facts, similar, feelings)


def talk() -> Talk:
    with gr.Column(visible=False, elem_id="ilm-welcome") as welcome:
        grid = gr.HTML("", js_on_load=PICKING)
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
            elem_id="ilm-box",
        )
        send = gr.Button("Send", variant="primary", scale=1, min_width=70)
        stop = gr.Button("Stop", scale=1, min_width=70)
    with gr.Row(elem_id="ilm-turns"):
        undo = gr.Button("Undo", size="sm", min_width=90)
        retry = gr.Button("Try again", size="sm", min_width=90)
        clear = gr.Button("Clear", size="sm", min_width=90)
    return Talk(welcome, grid, chat, box, send, stop, undo, retry, clear)


def profile() -> Profile:
    slots: list[tuple[Any, ...]] = []
    with gr.Column(visible=False, elem_id="ilm-actions") as actions:
        gr.Markdown("### What about these?")
        for _ in range(MOST):
            with gr.Column(visible=False, elem_classes="ilm-slot") as slot:
                name = gr.HTML("")
                with gr.Row(elem_classes="ilm-buttons"):
                    buttons = _feelings()
            slots.append((slot, name, *buttons))
    gr.Markdown("### What I know of you")
    lists = {
        feeling: gr.Dropdown([], multiselect=True, label=label, visible=False, interactive=True)
        for feeling, label in LISTS.items()
    }
    wishes = gr.Dropdown(
        [], multiselect=True, label="In force now", visible=False, interactive=True
    )
    nothing = gr.Markdown(
        "Nothing yet. What you like, dislike, have seen or rule out appears here, and every entry "
        "can be taken out again."
    )
    forget = gr.Button("Forget my profile", size="sm", visible=False)
    gr.Markdown("### How I answer")
    novelty = gr.Radio(
        list(NOVELTY), label="Films that are", value="balanced", elem_id="ilm-novelty"
    )
    brief = gr.Checkbox(label="Short answers", elem_id="ilm-brief")
    return Profile(actions, slots, lists, wishes, nothing, forget, novelty, brief)


def history(*, kept: bool) -> HistoryList:
    """`kept`: whether conversations are stored at all; without, only export is offered."""
    gr.Markdown("### Conversations")
    new = gr.Button("New conversation", size="sm")
    if not kept:
        gr.Markdown("None is kept: this chat was started with `--no-history`.")
    entries = gr.Radio(
        [], label="Conversations", show_label=False, visible=False, elem_id="ilm-entries"
    )
    with gr.Column(visible=False, elem_id="ilm-this") as this:
        name = gr.Textbox(
            label="Name of this conversation",
            show_label=False,
            placeholder="Name of this conversation",
            max_length=200,
            container=False,
            visible=kept,
        )
        with gr.Row(elem_classes="ilm-buttons"):
            rename = gr.Button("Rename", size="sm", min_width=70, visible=kept)
            delete = gr.Button("Delete", size="sm", min_width=70)
        with gr.Row(elem_classes="ilm-buttons"):
            markdown = gr.Button("Save as text", size="sm", min_width=70)
            json = gr.Button("Save as JSON", size="sm", min_width=70)
    everything = gr.Button("Delete all my data", size="sm", visible=False, elem_classes="ilm-wipe")
    with gr.Column(visible=False, elem_id="ilm-sure") as sure:
        gr.Markdown("All conversations and profiles of this browser will be gone for good.")
        with gr.Row(elem_classes="ilm-buttons"):
            yes = gr.Button("Delete them", size="sm", variant="stop", min_width=90)
            no = gr.Button("Keep them", size="sm", min_width=90)
    file = gr.JSON(visible=False)
    return HistoryList(
        new, entries, this, name, rename, markdown, json, delete, everything, sure, yes, no, file
    )


def behind(viewers: list[tuple[str, str]], losses: str) -> Behind:
    """Presenter mode; without `losses` there is no tab for them."""
    gr.Markdown("### Behind the answer")
    with gr.Row(elem_id="ilm-viewer", equal_height=True):
        viewer = gr.Dropdown(
            viewers,
            value=viewers[0][1],
            label="A viewer of the data",
            allow_custom_value=True,
            scale=3,
            min_width=240,
        )
        # A list that acts by itself would do so whenever somebody only passes through it.
        begin = gr.Button("Begin anew", size="sm", scale=1, min_width=110)
    with gr.Row(elem_id="ilm-replay", equal_height=True):
        seed = gr.Number(
            0, label="Seed", precision=0, minimum=0, maximum=9999, scale=1, min_width=90
        )
        replay = gr.Button("Replay the last turn", size="sm", scale=2, min_width=150)
    note = gr.HTML("")
    with gr.Tabs():
        with gr.Tab("Candidates"):
            removed = gr.HTML("")
            candidates = gr.HTML("")
        with gr.Tab("Map"):
            places = gr.HTML("")
        with gr.Tab("Prompt"):
            prompt = gr.HTML("")
            words = gr.HTML("")
        with gr.Tab("Times"):
            times = gr.HTML("")
        if losses:
            with gr.Tab("Training"):
                gr.HTML(losses)
    return Behind(
        viewer, begin, seed, replay, [note, prompt, words, candidates, removed, places, times]
    )


def _feelings() -> list[gr.Button]:
    return [
        gr.Button(BUTTONS[feeling], size="sm", min_width=70, elem_classes="ilm-feel")
        for feeling in FEELINGS
    ]
