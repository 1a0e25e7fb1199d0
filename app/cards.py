"""Films as HTML. Everything that is not ours by the letter goes through `html.escape`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from app.covers import Pictures
from app.events import Card, Event, Film, Text
from data.catalogue import Catalogue, Item

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$<>&:/@=])")


def link(id: str) -> str:
    """The address of a film's page, from wherever the chat is served."""
    return f"?film={quote(id, safe='')}"


def card_html(item: Item, why: str, pictures: Pictures) -> str:
    """A film recommended: picture, title (which leads to its page), year, genres, one line of why,
    and its story."""
    by = f" By {escape(', '.join(item.directors))}." if item.directors else ""
    story = (
        f"<details><summary>The story</summary><p>{escape(item.synopsis)}{by}</p></details>"
        if item.synopsis
        else ""
    )
    return (
        f'<article class="ilm-card" data-item="{escape(item.id, quote=True)}">{pictures.of(item)}'
        f'<div class="ilm-body"><h3 class="ilm-title"><a href="{link(item.id)}">'
        f"{escape(item.title)}</a>{_year(item)}</h3>"
        f'{genres_html(item)}<p class="ilm-why">{escape(why)}</p>{story}</div></article>'
    )


def tile_html(item: Item, pictures: Pictures) -> str:
    """A film among others: picture and name, leading to its page."""
    return (
        f'<a class="ilm-tile" href="{link(item.id)}">{pictures.of(item)}'
        f"<span>{escape(item.title)}{_year(item)}</span></a>"
    )


def choice_html(item: Item, pictures: Pictures, *, chosen: bool = False) -> str:
    """A film to pick: a button that is pressed or not."""
    return (
        f'<button type="button" class="ilm-tile" data-pick="{escape(item.id, quote=True)}" '
        f'aria-pressed="{str(chosen).lower()}">{pictures.of(item)}'
        f"<span>{escape(item.title)}{_year(item)}</span></button>"
    )


def genres_html(item: Item) -> str:
    genres = "".join(f'<span class="ilm-genre">{escape(genre)}</span>' for genre in item.genres)
    return f'<div class="ilm-genres">{genres}</div>'


def _year(item: Item) -> str:
    return "" if item.year is None else f' <span class="ilm-year">{item.year}</span>'


def inert(text: str) -> str:
    """`text` as Markdown that shows it letter by letter: nothing in it links, loads or runs."""
    return _MARKDOWN.sub(lambda match: f"&#{ord(match[0])};", text)


def markdown(events: Iterable[Event], catalogue: Catalogue) -> str:
    """Text and film names as Markdown, film names in bold and leading to their pages; cards and
    status left out."""
    pieces = []
    for event in events:
        if isinstance(event, Text):
            pieces.append(inert(event.text))
        elif isinstance(event, Film):
            address = link(catalogue.ids[event.item])
            pieces.append(f"**[{inert(event.title)}]({address})**")
    return "".join(pieces)


def plain_text(events: Iterable[Event]) -> str:
    """Text and film names as they are, for the terminal and the API; a new line at each card."""
    pieces = []
    for event in events:
        if isinstance(event, Text):
            pieces.append(event.text)
        elif isinstance(event, Film):
            pieces.append(event.title)
        elif isinstance(event, Card):
            pieces.append("\n")
    return "".join(pieces).strip()
