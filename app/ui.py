"""The page in the browser: its parts wired to their handlers, and the endpoints beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from app import api, layout, stage_view
from app.covers import Pictures
from app.engine import Engine
from app.guard import Guard
from app.page import Page, Step, View
from app.page_films import Films
from app.page_history import History
from app.page_present import Presenter
from app.parts import Vector
from app.scripts import CLOSE, DOWNLOAD, DRAFTED, HELD, LABELS, TO_FILM
from app.session import FEELINGS
from app.store import Store
from app.style import COLOURS, CSS, FONTS
from data.catalogue import Catalogue

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
# In the browser's local storage; changing either makes every browser a stranger. The secret only
# scrambles what lies in the reader's own browser.
_STORAGE: dict[str, Any] = {"storage_key": "ilm-chat", "secret": "ilm-chat-history"}


def build(
    engine: Callable[[], Engine],
    catalogue: Catalogue,
    popularity: Vector,
    about: str,
    *,
    store: Store | None = None,
    pictures: Pictures | None = None,
    presenter: Presenter | None = None,
    agent: str | None = None,
) -> gr.Blocks:
    """The page.

    Args:
        engine: may wait until the models are loaded.
        popularity: (n_items,) how often each film was chosen.
        about: the footer's line on data set and model.
        store: where conversations are kept; None keeps none.
        pictures: posters; None draws all covers.
        presenter: shows what is behind the answers beside the chat; None shows nothing of it.
        agent: the chat model that reads what is typed, if there is one.
    """
    pictures = pictures or Pictures()
    page = Page(engine, catalogue, store=store, pictures=pictures)
    past = History(store, catalogue)
    films = Films(page, engine, catalogue, popularity, pictures)
    with gr.Blocks(title="ILM Chat", analytics_enabled=False, fill_width=True) as blocks:
        api.publish(engine, catalogue)  # first, for a handler of the same name would take it
        view = gr.State(View())
        browser = gr.BrowserState(None, **_STORAGE)
        head = layout.header()
        film = layout.film_page()
        with gr.Row(elem_id="ilm-main"):
            with gr.Column(scale=2, min_width=210, elem_id="ilm-history"):
                listed = layout.history(kept=store is not None)
            with gr.Column(scale=7, min_width=320, elem_id="ilm-talk"):
                talk = layout.talk()
            if presenter is not None:
                with gr.Column(scale=8, min_width=320, elem_id="ilm-behind"):
                    behind = layout.behind(presenter.viewers(), presenter.losses)
            with gr.Column(scale=3, min_width=270, elem_id="ilm-side"):
                profile = layout.profile()
        with gr.Column(elem_id="ilm-feet"):
            speed = gr.HTML("")
            gr.HTML(_footer(about, store, agent))

        def refresh(now: View) -> list[Any]:
            """Everything beside the chat, after whatever happened."""
            return [*page.panel(now), *past.shown(now), *films.welcome(now), page.speed(now)]

        beside = [
            *profile.parts,
            *(listed.entries, listed.name, listed.this, listed.all, browser),
            *(talk.welcome, talk.grid, speed),
        ]
        streamed = [talk.chat, talk.box, view]
        mine = [browser, view]
        # Shows the place in the queue, in a corner of the text box.
        queued = {**_QUIET, "show_progress": "minimal", "show_progress_on": talk.box}

        def own(handler: Callable[..., Any]) -> Callable[..., Any]:
            """The handler with a view that knows whose it is, in place of the inputs `mine`."""

            def owned(*values: Any) -> Any:
                *others, kept, now = values
                return handler(*others, past.arrive(kept, now))

            return owned

        def send(message: str, kept: object, now: View) -> Iterator[Step]:
            yield from page.send(message, past.arrive(kept, now))

        def retry(kept: object, now: View) -> Iterator[Step]:
            yield from page.retry(past.arrive(kept, now))

        def replay(seed: float | None, kept: object, now: View) -> Iterator[Step]:
            yield from page.replay(seed, past.arrive(kept, now))

        def begin(kept: object, now: View, chosen: gr.EventData) -> Iterator[Step]:
            yield from films.begin(_sent(chosen, "picked"), past.arrive(kept, now))

        def then_refresh(event: Any, *, chat: bool = False) -> Any:
            if chat:
                event = event.then(page.messages, view, talk.chat, **_QUIET)
            event = event.then(refresh, view, beside, **_QUIET)
            event = event.then(None, None, None, js=LABELS, **_QUIET)
            event = event.then(None, None, None, js=HELD, **_QUIET)
            if presenter is not None:
                event = event.then(presenter.look, view, behind.parts, **_QUIET)
            return event

        # -- what is said
        hide = {"fn": lambda: gr.update(visible=False), "outputs": talk.welcome, **_QUIET}
        runs: list[Any] = []
        for trigger in (talk.send.click, talk.box.submit):
            trigger(**hide)
            runs.append(trigger(send, [talk.box, *mine], streamed, **queued))
        runs.append(
            talk.chat.example_select(_example, None, talk.box, **_QUIET).then(
                send, [talk.box, *mine], streamed, **_QUIET
            )
        )
        runs.append(
            talk.chat.option_select(_option, None, talk.box, **_QUIET).then(
                send, [talk.box, *mine], streamed, **_QUIET
            )
        )
        runs.append(talk.retry.click(retry, mine, streamed, **_QUIET))

        if presenter is not None:
            seeded = [behind.seed, *mine]
            runs.append(behind.replay.click(replay, seeded, streamed, **_QUIET))

        talk.grid.submit(**hide)
        runs.append(talk.grid.submit(begin, mine, streamed, **_QUIET))
        for run in runs:
            then_refresh(run)
        then_refresh(talk.stop.click(None, None, None, cancels=runs, **_QUIET), chat=True)
        then_refresh(talk.undo.click(own(page.undo), mine, streamed, cancels=runs, **_QUIET))

        def others(now: View, chosen: gr.EventData) -> list[Any]:
            return films.others(_sent(chosen, "picked"), now)

        talk.grid.select(others, view, [talk.grid, view], **_QUIET)
        then_refresh(talk.grid.clear(own(films.skip), mine, view, **_QUIET))

        # -- profile
        for place, (_frame, _name, *buttons) in enumerate(profile.slots):
            for feeling, button in zip(FEELINGS, buttons, strict=True):
                press = own(partial(page.toggle, feeling, place))
                then_refresh(button.click(press, mine, view, **_QUIET))
        for feeling, entries in profile.lists.items():
            keep = own(partial(page.keep, feeling))
            then_refresh(entries.input(keep, [entries, *mine], view, **_QUIET))
        then_refresh(
            profile.wishes.input(own(page.keep_wishes), [profile.wishes, *mine], view, **_QUIET)
        )
        for choice, change in ((profile.novelty, page.lead), (profile.brief, page.shorten)):
            then_refresh(choice.input(own(change), [choice, *mine], view, **_QUIET))
        then_refresh(profile.forget.click(own(page.forget), mine, view, cancels=runs, **_QUIET))

        # -- conversations
        for trigger, handler in (
            (listed.new.click, past.new),
            (talk.clear.click, past.delete),
            (talk.chat.clear, past.delete),
            (listed.delete.click, past.delete),
        ):
            then_refresh(trigger(own(handler), mine, view, cancels=runs, **_QUIET), chat=True)
        then_refresh(
            listed.entries.input(
                own(past.open), [listed.entries, *mine], view, cancels=runs, **_QUIET
            ),
            chat=True,
        )
        for trigger in (listed.rename.click, listed.name.submit):
            then_refresh(trigger(own(past.rename), [listed.name, *mine], None, **_QUIET))
        for form, button in (("md", listed.markdown), ("json", listed.json)):
            button.click(own(partial(past.export, form)), mine, listed.file, **_QUIET).then(
                None, listed.file, None, js=DOWNLOAD, **_QUIET
            )
        for button, shown in ((listed.all, True), (listed.no, False)):
            button.click(partial(gr.update, visible=shown), None, listed.sure, **_QUIET)
        everything = listed.yes.click(own(past.delete_all), mine, view, cancels=runs, **_QUIET)
        everything.then(partial(gr.update, visible=False), None, listed.sure, **_QUIET)
        then_refresh(everything, chat=True)

        if presenter is not None:
            become, chosen = own(presenter.become), [behind.viewer, *mine]
            begun = behind.begin.click(become, chosen, view, cancels=runs, **_QUIET)
            then_refresh(begun, chat=True)

        # -- a film's page
        opened = [film.frame, film.facts, film.similar, *film.feelings, view]

        def show(now: View, chosen: gr.EventData) -> list[Any]:
            return films.show(_sent(chosen, "film"), now)

        def with_similar(event: Any) -> None:
            event.then(None, None, None, js=TO_FILM, **_QUIET)
            event.then(films.similar, view, film.similar, **_QUIET)

        # A Back while a page is still on its way would by default be dropped. One after the other,
        # so that the last one is what stays.
        with_similar(
            head.select(show, view, opened, trigger_mode="multiple", concurrency_limit=1, **_QUIET)
        )
        film.back.click(None, None, None, js=CLOSE, **_QUIET)
        film.back.click(partial(films.show, ""), view, opened, **_QUIET)
        for feeling, button in zip(FEELINGS, film.feelings, strict=True):
            pressed = button.click(own(partial(films.toggle, feeling)), mine, view, **_QUIET)
            then_refresh(pressed.then(films.feelings, view, film.feelings, **_QUIET))

        # -- a page is opened
        def arrive(kept: object, now: View, request: gr.Request) -> list[Any]:
            now = past.arrive(kept, now)
            return films.show(request.query_params.get("film", ""), now)

        def draft(text: str, now: View) -> Any:
            # What is typed while the page still opens stays.
            return page.unsent(text, now) if text else gr.skip()

        arrived = blocks.load(arrive, mine, opened, **_QUIET)
        drafted = arrived.then(draft, [talk.box, view], talk.box, js=DRAFTED, **_QUIET)
        then_refresh(drafted, chat=True)
        with_similar(arrived)
    blocks.queue(default_concurrency_limit=4, max_size=64)
    return blocks


def launch_options(
    posters: Path | None = None, a_minute: int = 0, *, present: bool = False
) -> dict[str, Any]:
    """What Gradio 6 takes at launch: theme and style, and what is around its server.

    Args:
        posters: a folder to serve.
        a_minute: how many requests one address may make; 0 for any number.
        present: whether the page has a presenter.
    """
    theme = gr.themes.Base(
        primary_hue="indigo",
        secondary_hue="indigo",
        neutral_hue="slate",
        font=FONTS,
        font_mono=("ui-monospace", "Consolas", "monospace"),
        radius_size="lg",
    ).set(**COLOURS)
    routes = [Mount(f"/{Pictures.ADDRESS}", StaticFiles(directory=posters))] if posters else []
    return {
        "theme": theme,
        "css": CSS + stage_view.CSS if present else CSS,
        "footer_links": ["api"],
        "run_history": False,  # else Gradio keeps copies of what is said in the browser
        "app_kwargs": {"routes": routes, "middleware": [Middleware(Guard, a_minute=a_minute)]},
    }


def _footer(about: str, store: Store | None, agent: str | None) -> str:
    if agent is None:
        read = "Nothing you type leaves the machine that runs this page, and"
    else:
        read = f"What you type goes to {agent}, wherever that runs, and"
    if store is None:
        kept = "nothing is stored: it is forgotten when you close the page."
    else:
        kept = (
            "your conversations are kept in a file where the page comes from, under a key that "
            "only this browser holds: “Delete all my data” wipes them."
        )
    return f'<footer class="ilm-foot">{escape(about)}<br>{escape(read)} {escape(kept)}</footer>'


def _example(chosen: gr.SelectData) -> str:
    return str(chosen.value["text"])


def _option(chosen: gr.SelectData) -> str:
    return str(chosen.value)


def _sent(event: gr.EventData, name: str) -> Any:
    """What a script of ours sent along; None when it sent something else."""
    held = getattr(event, "_data", None)
    return held.get(name) if isinstance(held, dict) else None
