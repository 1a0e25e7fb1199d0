"""Films as HTML. Everything that is not ours by the letter goes through `html.escape`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from app.covers import cover
from app.events import Card, Event, Film, Text
from data.catalogue import Item

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$<>&:/@=])")


def card_html(item: Item, why: str) -> str:
    """A film recommended: drawn cover, title, year, genres, one line of why, and its story."""
    genres = "".join(f'<span class="ilm-genre">{escape(genre)}</span>' for genre in item.genres)
    year = "" if item.year is None else f' <span class="ilm-year">{item.year}</span>'
    by = f" By {escape(', '.join(item.directors))}." if item.directors else ""
    story = (
        f"<details><summary>The story</summary><p>{escape(item.synopsis)}{by}</p></details>"
        if item.synopsis
        else ""
    )
    return (
        f'<article class="ilm-card" data-item="{escape(item.id, quote=True)}">{cover(item)}'
        f'<div class="ilm-body"><h3 class="ilm-title">{escape(item.title)}{year}</h3>'
        f'<div class="ilm-genres">{genres}</div><p class="ilm-why">{escape(why)}</p>{story}</div>'
        "</article>"
    )


def inert(text: str) -> str:
    """`text` as Markdown that shows it letter by letter: nothing in it links, loads or runs."""
    return _MARKDOWN.sub(lambda match: f"&#{ord(match[0])};", text)


def markdown(events: Iterable[Event]) -> str:
    """Text and film names as Markdown, film names in bold; cards and status left out."""
    pieces = []
    for event in events:
        if isinstance(event, Text):
            pieces.append(inert(event.text))
        elif isinstance(event, Film):
            pieces.append(f"**{inert(event.title)}**")
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
