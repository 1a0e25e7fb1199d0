"""What a presenter is shown, as HTML and SVG. Everything that is not ours goes through `escape`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from app.losses import Curves
from data.catalogue import Catalogue
from prompts.templates import Placeholder

if TYPE_CHECKING:  # it loads torch, and the page is up before that
    from app.insight import Insight

SOURCES = {
    "ilm": "ILM",
    "als": "CF",
    "neighbours": "Near",
    "content": "Text",
    "genres": "Genres",
    "popularity": "Popular",
    "wish": "Wish",
}
"""Columns of the table, in order, by the names of the engine's sources; models beside it go after
the first."""
CURVE_WIDTH, CURVE_HEIGHT, MARGIN = 300, 120, 18


def prompt_html(insight: Insight, catalogue: Catalogue) -> str:
    """The ranking prompt: words as they are, each item token as a chip with its film's title."""
    parts = []
    for segment in insight.prompt:
        if isinstance(segment, Placeholder):
            parts += [
                f'<span class="ilm-token">{escape(catalogue[item].title)}</span>'
                for item in segment.items
            ]
        else:
            parts.append(f"<span>{escape(segment)}</span>")
    return (
        f'<div class="ilm-prompt">{"".join(parts)}</div><p class="ilm-none">Each chip stands for '
        "one token: the language model gets the film's vector there, and never reads its title. It "
        "is asked at the last of them which film not seen yet comes next.</p>"
    )


def candidates_html(insight: Insight, catalogue: Catalogue, cards: Sequence[int] = ()) -> str:
    """The first of the final order with their places in every source; the cards are marked."""
    if not insight.candidates:
        return '<p class="ilm-none">No film is left by the filters.</p>'
    heads = {"ilm": SOURCES["ilm"], **insight.beside, **SOURCES}
    names = [name for name in heads if any(name in found.places for found in insight.candidates)]
    beside = f" No say has: {escape(', '.join(insight.beside.values()))}." if insight.beside else ""
    head = "".join(f'<th scope="col">{escape(heads[name])}</th>' for name in names)
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
        '<p class="ilm-none">In the order of the ranker, with the place that each source gives '
        "among the films that are allowed. The films on the cards are marked; between them, near "
        f'copies of a card were passed over.{beside}</p><div class="ilm-scroll" tabindex="0">'
        '<table class="ilm-table" aria-label="Candidates">'
        '<thead><tr><th scope="col">#</th><th scope="col">Film</th>'
        f"{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def removed_html(insight: Insight) -> str:
    """What was taken out, and by what."""
    if not insight.removed:
        return '<p class="ilm-none">Nothing was taken out.</p>'
    lines = "".join(
        f"<li>{escape(name)} <strong>{count:,}</strong></li>" for name, count in insight.removed
    )
    return (
        '<p class="ilm-none">Films taken out, by each filter alone:</p>'
        f'<ul class="ilm-removed">{lines}</ul>'
    )


def timings_html(seconds: Mapping[str, float], whole: float | None) -> str:
    """Milliseconds of each stage as bars, and of the whole answer where one was given."""
    longest = max(seconds.values(), default=0.0)
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{1000 * took:,.0f} ms</td>'
        f'<td><span class="ilm-bar-of" style="width:{100 * took / max(longest, 1e-9):.0f}%"></span>'
        "</td></tr>"
        for name, took in seconds.items()
    )
    answer = (
        ""
        if whole is None
        else f" The last answer took {1000 * whole:,.0f} ms until its first word."
    )
    return (
        '<table class="ilm-table ilm-times"><caption>Each stage, measured once more just now.'
        f"{answer}</caption><tbody>{rows}</tbody></table>"
    )


def losses_html(curves: Curves) -> str:
    """One small picture a loss of stage 1."""
    pictures = "".join(
        f"<figure><figcaption>{escape(name)}: {points[0][1]:.2f} to {points[-1][1]:.2f}"
        f"</figcaption>{_curve_svg(name, points)}</figure>"
        for name, points in curves.items()
    )
    return (
        '<p class="ilm-none">Losses of stage 1 over its steps, as these weights were trained.</p>'
        f'<div class="ilm-curves">{pictures}</div>'
    )


def _curve_svg(name: str, points: Sequence[tuple[int, float]]) -> str:
    steps, values = np.array(points, dtype=np.float64).T
    x = MARGIN + (CURVE_WIDTH - 2 * MARGIN) * steps / steps[-1]
    y = CURVE_HEIGHT - 20 - (CURVE_HEIGHT - 32) * values / max(values.max(), 1e-9)
    line = " ".join(f"{across:.1f},{down:.1f}" for across, down in zip(x, y, strict=True))
    floor = CURVE_HEIGHT - 20
    return (
        f'<svg viewBox="0 0 {CURVE_WIDTH} {CURVE_HEIGHT}" role="img" '
        f'aria-label="{escape(name, quote=True)} over the steps">'
        f'<line x1="{MARGIN}" y1="{floor}" x2="{CURVE_WIDTH - MARGIN}" y2="{floor}"/>'
        f'<polyline points="{line}"/><text x="{MARGIN}" y="{CURVE_HEIGHT - 5}">0</text>'
        f'<text x="{CURVE_WIDTH - MARGIN}" y="{CURVE_HEIGHT - 5}" text-anchor="end">step '
        f"{int(steps[-1]):,}</text></svg>"
    )


def words_html(film: str, words: Sequence[tuple[str, float]]) -> str:
    """Words near a film's token."""
    if not words:
        return '<p class="ilm-none">There is no token to be read.</p>'
    chips = "".join(
        f'<span class="ilm-token">{escape(word)} {cosine:.2f}</span>' for word, cosine in words
    )
    return (
        f'<p class="ilm-none">Words of the language model nearest to the token of {escape(film)}, '
        "with their cosines. The token was trained to be ranked after, not to be read.</p>"
        f'<div class="ilm-prompt">{chips}</div>'
    )


CSS = """
#ilm-main:has(#ilm-behind) { flex-wrap: wrap; }
#ilm-main:has(#ilm-behind) #ilm-history { order: 4; flex: 0 0 100% !important; }
.gradio-container:has(#ilm-behind) { max-width: 1760px !important; }
.gradio-container:has(#ilm-behind) .ilm-head .ilm-jump { display: flex; }
#ilm-behind { gap: .6rem; }
#ilm-behind :is(#ilm-viewer, #ilm-replay) button { align-self: flex-end; min-height: 44px;
  white-space: nowrap; }
#ilm-behind h3 { font-size: 1rem; margin: .2rem 0; }
#ilm-behind p { margin: .4rem 0 .6rem; line-height: 1.5; }
#ilm-behind .ilm-prompt + p { margin-top: .8rem; }
#ilm-behind .tab-container button { min-height: 44px; padding: 0 .7rem; }
#ilm-behind [role=tab][aria-selected=true] { color: var(--primary-700); }
.dark #ilm-behind [role=tab][aria-selected=true] { color: var(--primary-300); }
.ilm-none { color: var(--body-text-color-subdued); font-size: .88rem; }
.ilm-prompt { display: flex; flex-wrap: wrap; gap: .35rem; align-items: center; line-height: 1.6; }
.ilm-token { font-size: .82rem; padding: .15rem .55rem; border-radius: 7px;
  background: var(--secondary-100); color: var(--secondary-800); }
.dark .ilm-token { background: var(--secondary-900); color: var(--secondary-100); }
.ilm-scroll { max-height: 62vh; overflow: auto; contain: inline-size; }
.ilm-table { width: 100%; border-collapse: collapse; font-size: .85rem; }
.ilm-table caption { text-align: left; color: var(--body-text-color-subdued); line-height: 1.5;
  padding: .2rem 0 .5rem; }
#ilm-behind :is(.ilm-table, .ilm-table tr) { border: 0; }
#ilm-behind .ilm-table :is(th, td) { text-align: right; padding: .3rem .35rem; border: 0;
  border-bottom: 1px solid var(--border-color-primary); font-variant-numeric: tabular-nums; }
#ilm-behind .ilm-table thead th { position: sticky; top: 0; font-size: .76rem; font-weight: 600;
  background: var(--body-background-fill); color: var(--body-text-color-subdued); }
#ilm-behind .ilm-table :is(th[scope=row], thead th:nth-child(2)) { text-align: left; }
#ilm-behind .ilm-table th[scope=row] { font-weight: 500; min-width: 8.5rem; }
#ilm-behind .ilm-table .ilm-chosen :is(th, td) { font-weight: 700;
  background: var(--secondary-100); color: var(--secondary-900); }
.dark #ilm-behind .ilm-table .ilm-chosen :is(th, td) { color: #fff;
  background: var(--secondary-900); }
.ilm-times td { white-space: nowrap; }
.ilm-times td:last-child { width: 45%; }
#ilm-behind .ilm-times th[scope=row]::first-letter { text-transform: uppercase; }
.ilm-bar-of { display: block; height: .7rem; border-radius: 4px; background: var(--primary-500);
  min-width: 2px; }
.ilm-removed { display: flex; flex-wrap: wrap; gap: .35rem; margin: .2rem 0 .6rem; padding: 0;
  list-style: none; font-size: .85rem; }
.ilm-removed li { padding: .2rem .6rem; border-radius: 99px; margin: 0;
  border: 1px solid var(--border-color-primary); }
.ilm-map { width: 100%; height: auto; background: var(--background-fill-primary);
  border: 1px solid var(--border-color-primary); border-radius: 12px; }
.ilm-dots circle { fill: var(--body-text-color-subdued); opacity: .35; }
.ilm-map text { font: 600 13px system-ui, sans-serif; fill: var(--body-text-color);
  paint-order: stroke; stroke: var(--background-fill-primary); stroke-width: 3px; }
.ilm-liked circle { fill: #2f9e6e; } .ilm-shown circle { fill: #c96f14; }
.ilm-viewer { fill: var(--primary-500); stroke: #fff; stroke-width: 2; }
.ilm-way { fill: none; stroke: var(--primary-500); stroke-width: 2; stroke-dasharray: 5 4; }
.ilm-legend { display: flex; flex-wrap: wrap; gap: .3rem 1rem; font-size: .85rem; }
.ilm-legend span::before { content: ''; display: inline-block; width: 10px; height: 10px;
  border-radius: 50%; margin-right: .4rem; background: var(--primary-500); }
.ilm-legend .ilm-key-liked::before { background: #2f9e6e; }
.ilm-legend .ilm-key-shown::before { background: #c96f14; }
.ilm-curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr));
  gap: .8rem; }
.ilm-curves figure { margin: 0; } .ilm-curves figcaption { font-size: .85rem; font-weight: 600; }
.ilm-curves svg { width: 100%; height: auto; }
.ilm-curves polyline { fill: none; stroke: var(--primary-500); stroke-width: 2; }
.ilm-curves line { stroke: var(--border-color-primary); }
.ilm-curves text { font: 11px system-ui, sans-serif; fill: var(--body-text-color-subdued); }
#ilm-main:has(#ilm-behind) #ilm-side .wrap-inner {
  max-height: 11rem; overflow-y: auto; }
@media (min-width: 861px) {
  #ilm-main:has(#ilm-behind) #ilm-history > * { max-width: 520px; }
}
@media (min-width: 861px) and (max-width: 1240px) {
  #ilm-behind { order: 3; flex: 1 1 100% !important; }
}
@media (max-width: 860px) {
  #ilm-behind { order: 1; flex: 1 1 100% !important; }
  #ilm-main:has(#ilm-behind) #ilm-side { order: 2; }
}
@media (max-width: 640px) { /* the picture is half as large there, and its letters are not */
  .ilm-map text { font-size: 19px; }
  .ilm-liked text { display: none; }
  #ilm-behind .ilm-table :is(th, td) { padding: .3rem .18rem; font-size: .78rem; }
  #ilm-behind .ilm-table thead th { font-size: .64rem; }
  #ilm-behind .ilm-table th[scope=row] { min-width: 5rem; }
  .ilm-map .ilm-dots circle { r: 3px; }
  .ilm-map :is(.ilm-liked, .ilm-shown) circle { r: 8px; }
  .ilm-map .ilm-viewer { r: 12px; }
}
"""
