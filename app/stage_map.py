"""The catalogue as a map, as SVG. Every title goes through `escape`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from app.parts import Vector
from data.catalogue import Catalogue

WIDTH, HEIGHT, MARGIN = 640, 460, 18
FAR = 0.5
"""Percent of the films on either side of an axis that may lie outside the map's frame."""
LABELLED = 4  # newest liked films that are named; pointing at the others names them
LETTER, LINE = 7.6, 15  # a label's width by letter, and its height
LEGEND = (
    '<p class="ilm-legend"><span class="ilm-key-liked">liked</span>'
    '<span class="ilm-key-shown">recommended</span><span class="ilm-key-viewer">the viewer, and '
    "the way so far</span></p>"
    '<p class="ilm-none">Films that the same viewers chose lie together: two main directions of '
    "the collaborative-filtering factors. The viewer has a place after the first liked film.</p>"
)


def map_html(
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

    def dot(item: int, radius: int) -> str:
        x, y = at(places[item])
        title = escape(catalogue[item].title)
        return f'<circle cx="{x}" cy="{y}" r="{radius}"><title>{title}</title></circle>'

    dots = "".join(dot(int(item), 2) for item in np.flatnonzero(here))
    liked = [item for item in likes if here[item]]
    shown = [item for item in cards if here[item]]
    labels = _Labels()
    if viewer is not None:
        labels.keep_clear(*at(viewer))
    drawn = ""
    # The cards choose the room for their names first, and lie on top.
    for kind, items, named in (
        ("ilm-shown", shown, shown),
        ("ilm-liked", liked, liked[-LABELLED:]),
    ):
        marks = [dot(item, 5) for item in items]
        marks += [labels.add(*at(places[item]), catalogue[item].title) for item in named]
        drawn = f'<g class="{kind}">{"".join(marks)}</g>{drawn}'
    if viewer is not None:
        way = [at(place) for place in (*trail, viewer)]
        points = " ".join(f"{x},{y}" for x, y in way)
        x, y = way[-1]
        drawn += (
            f'<polyline class="ilm-way" points="{points}"/>'
            f'<circle class="ilm-viewer" cx="{x}" cy="{y}" r="8"><title>the viewer</title></circle>'
        )
    return (
        f'<svg class="ilm-map" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="Map of the films by who chose them">'
        f'<g class="ilm-dots">{dots}</g>{drawn}</svg>{LEGEND}'
    )


class _Labels:
    """Names beside their dots, moved up or down a little where two would cover each other."""

    def __init__(self) -> None:
        self._taken: list[tuple[float, float, float]] = []  # left, right, height

    def keep_clear(self, x: float, y: float) -> None:
        """No name goes over the large dot there."""
        self._taken.append((x - 9, x + 9, y + 4))

    def add(self, x: float, y: float, title: str) -> str:
        wide = LETTER * len(title)
        on_left = x + 9 + wide > WIDTH
        left = x - 9 - wide if on_left else x + 9
        heights = [y + 4 + LINE * lines for lines in (0, 1, -1, 2, -2)]
        height = next((h for h in heights if self._free(left, left + wide, h)), heights[0])
        self._taken.append((left, left + wide, height))
        anchor, edge = ("end", x - 9) if on_left else ("start", x + 9)
        return (
            f'<text x="{edge:.1f}" y="{height:.1f}" text-anchor="{anchor}">{escape(title)}</text>'
        )

    def _free(self, left: float, right: float, height: float) -> bool:
        return all(
            right < start or left > end or abs(height - other) >= LINE
            for start, end, other in self._taken
        )
