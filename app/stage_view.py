"""What a presenter is shown, as HTML and SVG. Everything that is not ours goes through `escape`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from app.insight import Insight
from app.parts import Vector
from data.catalogue import Catalogue
from prompts.templates import Placeholder

SOURCES = {
    "ilm": "ILM",
    "als": "CF",
    "neighbours": "Neighbours",
    "content": "Content",
    "genres": "Genres",
    "popularity": "Popularity",
    "wish": "Wish",
}
"""Columns of the table, in order, by the names of the engine's sources."""
WIDTH, HEIGHT, MARGIN = 640, 420, 18
FAR = 2.5
"""Percent of the films on either side of an axis that may lie outside the map's frame."""


def prompt_html(insight: Insight, catalogue: Catalogue) -> str:
    """The ranking prompt: words as they are, each item token as a chip with its film's title."""
    parts = []
    for segment in insight.prompt:
        if isinstance(segment, Placeholder):
            names = "".join(
                f'<span class="ilm-token">{escape(catalogue[item].title)}</span>'
                for item in segment.items
            )
            parts.append(names)
        else:
            parts.append(f"<span>{escape(segment)}</span>")
    asked = '<span class="ilm-token ilm-asked">which film comes next?</span>'
    return f'<div class="ilm-prompt">{"".join(parts)}{asked}</div>'


def candidates_html(insight: Insight, catalogue: Catalogue, cards: Sequence[int] = ()) -> str:
    """The first of the final order with their places in every source; the cards are marked."""
    names = [name for name in SOURCES if any(name in found.places for found in insight.candidates)]
    head = "".join(f'<th scope="col">{SOURCES[name]}</th>' for name in names)
    rows = []
    for found in insight.candidates:
        item = catalogue[found.item]
        year = "" if item.year is None else f" ({item.year})"
        cells = "".join(f"<td>{found.places.get(name, '–')}</td>" for name in names)
        mark = ' class="ilm-chosen"' if found.item in cards else ""
        rows.append(
            f'<tr{mark}><td>{found.place}</td><th scope="row">{escape(item.title + year)}</th>'
            f"{cells}</tr>"
        )
    return (
        '<table class="ilm-table"><caption>Places in each source among the films that are allowed; '
        "the ranker's order</caption>"
        '<thead><tr><th scope="col">#</th><th scope="col">Film</th>'
        f"{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def removed_html(insight: Insight) -> str:
    """What was taken out, and by what."""
    lines = "".join(f"<li>{escape(name)}: {count:,}</li>" for name, count in insight.removed)
    return f'<ul class="ilm-list">{lines or "<li>Nothing was taken out.</li>"}</ul>'


def timings_html(insight: Insight) -> str:
    """Milliseconds of each stage."""
    lines = "".join(
        f"<li>{escape(name)}: {1000 * seconds:,.0f} ms</li>"
        for name, seconds in insight.seconds.items()
    )
    return f'<ul class="ilm-list">{lines}</ul>'


def words_html(film: str, words: Sequence[tuple[str, float]]) -> str:
    """Words near a film's token."""
    if not words:
        return '<p class="ilm-none">There is no token to be read.</p>'
    chips = "".join(
        f'<span class="ilm-token">{escape(word)} {cosine:.2f}</span>' for word, cosine in words
    )
    return (
        f'<p>Words nearest to the token of {escape(film)}</p><div class="ilm-prompt">{chips}</div>'
    )


def map_svg(
    places: Vector,
    catalogue: Catalogue,
    *,
    viewer: Vector | None = None,
    trail: Sequence[Vector] = (),
    likes: Iterable[int] = (),
    cards: Iterable[int] = (),
) -> str:
    """The catalogue as dots by who chose them, the viewer's way through it, liked and shown films.

    Args:
        places: (n_items, 2), NaN for a film without a place.
        viewer: (2,) where the viewer is now.
        trail: where the viewer was before, oldest first.
    """
    here = np.asarray(np.isfinite(places).all(axis=1))
    low, high = np.percentile(places[here], [FAR, 100 - FAR], axis=0)
    size = np.array([WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN])

    def at(place: Vector) -> tuple[float, float]:
        share = np.clip((place - low) / np.maximum(high - low, 1e-9), 0, 1)
        x, y = MARGIN + share * size
        return round(float(x), 1), round(float(HEIGHT - y), 1)

    dots = []
    for item in np.flatnonzero(here):
        x, y = at(places[item])
        title = escape(catalogue[int(item)].title)
        dots.append(f'<circle cx="{x}" cy="{y}" r="2"><title>{title}</title></circle>')
    marks = [
        _mark(at(places[item]), catalogue[item].title, kind)
        for kind, items in (("ilm-liked", likes), ("ilm-shown", cards))
        for item in items
        if here[item]
    ]
    if viewer is not None:
        way = [at(place) for place in (*trail, viewer)]
        points = " ".join(f"{x},{y}" for x, y in way)
        x, y = way[-1]
        marks.append(f'<polyline class="ilm-way" points="{points}"/>')
        marks.append(
            f'<circle class="ilm-viewer" cx="{x}" cy="{y}" r="8"><title>you</title></circle>'
        )
    return (
        f'<svg class="ilm-map" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="Map of the films by who chose them">'
        f'<g class="ilm-dots">{"".join(dots)}</g>{"".join(marks)}</svg>'
    )


def _mark(place: tuple[float, float], title: str, kind: str) -> str:
    x, y = place
    anchor = "end" if x > WIDTH * 0.75 else "start"
    shift = -9 if anchor == "end" else 9
    return (
        f'<g class="{kind}"><circle cx="{x}" cy="{y}" r="5"/>'
        f'<text x="{x + shift}" y="{y + 4}" text-anchor="{anchor}">{escape(title)}</text></g>'
    )


CSS = """
.ilm-prompt { display: flex; flex-wrap: wrap; gap: .35rem; align-items: center; line-height: 1.6;
  white-space: pre-wrap; }
.ilm-token { font-size: .82rem; padding: .15rem .55rem; border-radius: 7px;
  background: var(--secondary-100); color: var(--secondary-800); }
.dark .ilm-token { background: var(--secondary-900); color: var(--secondary-100); }
.ilm-asked { background: var(--primary-600); color: #fff; }
.dark .ilm-asked { background: var(--primary-500); color: #fff; }
.ilm-table { width: 100%; border-collapse: collapse; font-size: .85rem; }
.ilm-table caption { text-align: left; color: var(--body-text-color-subdued); padding: .2rem 0; }
.ilm-table th, .ilm-table td { text-align: right; padding: .25rem .45rem;
  border-bottom: 1px solid var(--border-color-primary); font-variant-numeric: tabular-nums; }
.ilm-table th[scope=row], .ilm-table thead th:nth-child(2) { text-align: left; font-weight: 500; }
.ilm-table .ilm-chosen th, .ilm-table .ilm-chosen td { font-weight: 700;
  background: var(--background-fill-secondary); }
.ilm-list { margin: .2rem 0; padding-left: 1.1rem; font-size: .9rem; }
.ilm-map { width: 100%; height: auto; background: var(--background-fill-primary);
  border: 1px solid var(--border-color-primary); border-radius: 12px; }
.ilm-dots circle { fill: var(--body-text-color-subdued); opacity: .35; }
.ilm-map text { font: 600 12px system-ui, sans-serif; fill: var(--body-text-color);
  paint-order: stroke; stroke: var(--background-fill-primary); stroke-width: 3px; }
.ilm-liked circle { fill: #2f9e6e; } .ilm-shown circle { fill: #d9822b; }
.ilm-viewer { fill: var(--primary-500); stroke: #fff; stroke-width: 2; }
.ilm-way { fill: none; stroke: var(--primary-500); stroke-width: 2; stroke-dasharray: 5 4; }
"""
