"""Handlers of films by themselves: the first grid to pick from, and a film's own page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any

import gradio as gr

from app.cards import choice_html, genres_html, tile_html
from app.conversation import FIRST_QUESTION
from app.covers import Pictures
from app.engine import Engine
from app.onboarding import PICKS, grid
from app.page import Page, Step, View, warn
from app.parts import Vector
from app.session import FEELINGS, Feeling
from data.catalogue import Catalogue, Item
from data.errors import DataError, IlmChatError

SIMILAR = 12


class Films:
    """Args:
    popularity: (n_items,) how often each film was chosen.
    page: whose conversation the films go into.
    """

    def __init__(
        self,
        page: Page,
        engine: Callable[[], Engine],
        catalogue: Catalogue,
        popularity: Vector,
        pictures: Pictures,
    ) -> None:
        self._page = page
        self._engine = engine
        self.catalogue = catalogue
        self._popularity = popularity
        self._pictures = pictures

    # -- the first grid --------------------------------------------------------------------------

    def welcome(self, view: View) -> list[Any]:
        """Updates of the grid's frame and of the grid: seen by whom nothing is known of."""
        now = view.held.session.now
        known = view.held.turns or now.likes or now.dislikes or now.seen
        if known or view.skipped:
            return [gr.update(visible=False), gr.skip()]
        if not view.grid:
            view.grid = grid(self.catalogue, self._popularity)
        return [gr.update(visible=True), self._grid_html(view, [])]

    def others(self, picked: object, view: View) -> list[Any]:
        """Other films on the grid, behind those that are picked already."""
        kept = self._picked(picked, view)
        view.offered.update(view.grid)
        room = len(view.grid) - len(kept)
        fresh = grid(self.catalogue, self._popularity, count=room, without=view.offered)
        view.grid = [*kept, *fresh]
        return [self._grid_html(view, kept), view]

    def skip(self, view: View) -> View:
        """Straight to the conversation."""
        view.skipped = True
        return view

    def begin(self, picked: object, view: View) -> Iterator[Step]:
        """Take the picked films as liked, and answer with what follows from them."""
        held = view.held.session
        held.now = held.now.felt("like", self._picked(picked, view))
        yield from self._page.send(FIRST_QUESTION, view)

    def _picked(self, sent: object, view: View) -> list[int]:
        """The films of the grid among the ids that came from a browser, which may send anything."""
        ids = [id for id in sent if isinstance(id, str)] if isinstance(sent, list) else []
        there = {self.catalogue.ids[item]: item for item in view.grid}
        return [there[id] for id in dict.fromkeys(ids) if id in there]

    def _grid_html(self, view: View, chosen: Sequence[int]) -> str:
        tiles = "".join(
            choice_html(self.catalogue[item], self._pictures, chosen=item in chosen)
            for item in view.grid
        )
        return (
            f'<div class="ilm-welcome" data-wanted="{PICKS}"><h2>Pick three films that you like'
            "</h2><p>That is enough to begin with. Or just say below what you are in the mood for."
            f'</p><div class="ilm-grid" role="group" aria-label="Films to pick from">{tiles}</div>'
            '<div class="ilm-bar"><button type="button" class="ilm-do ilm-main" data-do="submit" '
            "disabled>Show me films</button>"
            '<button type="button" class="ilm-do" data-do="select">Other films</button>'
            '<button type="button" class="ilm-do" data-do="clear">Skip</button>'
            '<span class="ilm-count" role="status"></span></div></div>'
        )

    # -- a film's page ---------------------------------------------------------------------------

    def show(self, id: object, view: View) -> list[Any]:
        """Open the page of the film of that id, or close it without one: (frame, film, similar,
        feelings..., view)."""
        try:
            view.film = self.catalogue.index_of(str(id)) if id else None
        except DataError as error:
            warn(error)
            view.film = None
        if view.film is None:
            return [gr.update(visible=False), "", "", *(gr.skip() for _ in FEELINGS), view]
        facts = self._facts_html(self.catalogue[view.film])
        waiting = '<p class="ilm-quiet">Looking for similar films …</p>'
        return [gr.update(visible=True), facts, waiting, *self.feelings(view), view]

    def similar(self, view: View) -> str:
        """Tiles of the films most alike to the one whose page is open."""
        if view.film is None:
            return ""
        try:
            items = self._engine().similar(view.film, SIMILAR)
        except IlmChatError as error:
            return f'<p class="ilm-quiet">{escape(str(error))}</p>'
        tiles = "".join(tile_html(self.catalogue[item], self._pictures) for item in items)
        return f'<h3>Similar films</h3><div class="ilm-grid">{tiles}</div>'

    def toggle(self, feeling: Feeling, view: View) -> View:
        """Like, dislike or have seen the film whose page is open, or no more."""
        return view if view.film is None else self._page.toggle_item(feeling, view.film, view)

    def feelings(self, view: View) -> list[Any]:
        """Updates of the page's three buttons."""
        now = view.held.session.now
        return [
            gr.update(
                variant="primary"
                if view.film is not None and now.has(feeling, view.film)
                else "secondary"
            )
            for feeling in FEELINGS
        ]

    def _facts_html(self, item: Item) -> str:
        facts = (
            ("Directed by", item.directors),
            ("With", item.cast),
            ("Mood", item.moods),
            ("Themes", item.tags),
            ("Country", item.countries),
            ("Language", item.languages),
            ("Also known as", item.alternate_titles),
        )
        rows = "".join(
            f"<dt>{label}</dt><dd>{escape(', '.join(values))}</dd>"
            for label, values in facts
            if values
        )
        year = "" if item.year is None else f' <span class="ilm-year">{item.year}</span>'
        story = f"<p>{escape(item.synopsis)}</p>" if item.synopsis else ""
        return (
            f'<article class="ilm-film">{self._pictures.of(item)}<div class="ilm-body">'
            f'<h2 class="ilm-title">{escape(item.title)}{year}</h2>{genres_html(item)}{story}'
            f"<dl>{rows}</dl></div></article>"
        )
