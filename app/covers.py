"""A picture for every film: its poster where there is one, or else a drawn cover, SVG made from
its id, genres and title, the same every time."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from html import escape
from pathlib import Path
from random import Random
from urllib.parse import quote

from data.catalogue import Item
from data.errors import IlmChatError

WIDTH, HEIGHT = 200, 300

# Sky, ground and figure of each genre, the most telling genre first; a film of several takes the
# sky of its first and the rest of its second.
_PALETTES = {
    "Horror": ("#1b0f14", "#4a0f1c", "#e5484d"),
    "Sci-Fi": ("#0b1437", "#27408b", "#7fd6ff"),
    "Western": ("#f0a04b", "#a4421f", "#3b1a0e"),
    "Film-Noir": ("#16181d", "#3a3f4a", "#e8e6df"),
    "War": ("#5a5f3c", "#2f3322", "#d9b26a"),
    "Musical": ("#6d1b7b", "#c2347e", "#ffd166"),
    "Animation": ("#2aa7a0", "#f5c84c", "#ef6f6c"),
    "Children's": ("#58b368", "#f3d34a", "#e4572e"),
    "Fantasy": ("#3c2a73", "#7a4fb5", "#f4d58d"),
    "Mystery": ("#12343b", "#2d545e", "#e1b382"),
    "Documentary": ("#37474f", "#607d8b", "#f1f3f4"),
    "Crime": ("#20232a", "#7a2e2e", "#f2b632"),
    "Thriller": ("#101820", "#2b4a5e", "#f25f3a"),
    "Romance": ("#8e2a4f", "#e2738c", "#ffe3d8"),
    "Adventure": ("#0f5c63", "#e09f3e", "#fff3b0"),
    "Action": ("#232323", "#c8511b", "#ffd23f"),
    "Comedy": ("#f2a541", "#f3705a", "#fff4d6"),
    "Drama": ("#274060", "#5b7ea4", "#f2e3bc"),
}
_PLAIN = ("#3b3f4c", "#6b7186", "#eceff4")


class Pictures:
    """Pictures of films: ID.jpg of a folder that is served under ADDRESS, drawn covers without.

    Raises:
        IlmChatError: when the folder is none, or holds no such file.
    """

    ADDRESS = "posters"

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._there: frozenset[str] = frozenset()
        if folder is None:
            return
        if folder.is_dir():
            self._there = frozenset(path.stem for path in folder.glob("*.jpg"))
        if not self._there:
            raise IlmChatError(
                f"{folder} holds no posters: --posters needs a folder of files named after the "
                "catalogue's ids, such as 50.jpg."
            )

    def of(self, item: Item) -> str:
        """An img or svg element of the class ilm-cover; every text in it is escaped."""
        if item.id not in self._there:
            return cover(item)
        return (
            f'<img class="ilm-cover" src="{self.ADDRESS}/{quote(item.id, safe="")}.jpg" '
            f'alt="Poster of {escape(item.title, quote=True)}" loading="lazy">'
        )


def cover(item: Item) -> str:
    """An SVG element; every text in it is escaped."""
    telling = [genre for genre in _PALETTES if genre in item.genres][:2]
    sky, ground, figure = _PALETTES[telling[0]] if telling else _PLAIN
    if len(telling) > 1:
        _, ground, figure = _PALETTES[telling[1]]
    random = Random(zlib.crc32(f"{item.id}{item.title}".encode()))
    name = f"c{zlib.crc32(item.id.encode()):x}"
    draw = (
        _MOTIFS.get(random.choice((telling[0], telling[0], telling[-1])), _hills)
        if telling
        else _hills
    )
    motif = draw(random, figure)
    return (
        f'<svg class="ilm-cover" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Drawn cover of {escape(item.title, quote=True)}" '
        'xmlns="http://www.w3.org/2000/svg">'
        f'<defs><linearGradient id="{name}" x1="0" y1="0" x2="{random.uniform(0, 0.6):.2f}" y2="1">'
        f'<stop offset="0" stop-color="{sky}"/><stop offset="1" stop-color="{ground}"/>'
        f'</linearGradient><linearGradient id="{name}s" x1="0" y1="0" x2="0" y2="1">'
        '<stop offset="0" stop-color="#000" stop-opacity="0"/>'
        '<stop offset="1" stop-color="#000" stop-opacity=".72"/></linearGradient></defs>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#{name})"/>{motif}'
        f'<rect y="130" width="{WIDTH}" height="170" fill="url(#{name}s)"/>{_lettering(item)}</svg>'
    )


def _lettering(item: Item) -> str:
    lines, size = _wrapped(item.title)
    first = HEIGHT - 34 - (len(lines) - 1) * size * 1.12
    rows = "".join(
        f'<text x="16" y="{first + place * size * 1.12:.0f}" font-size="{size}" fill="#fff" '
        'font-family="Georgia, \'Times New Roman\', serif" font-weight="700">'
        f"{escape(line)}</text>"
        for place, line in enumerate(lines)
    )
    year = "" if item.year is None else str(item.year)
    return rows + (
        f'<text x="16" y="{HEIGHT - 14}" font-size="12" fill="#fff" fill-opacity=".82" '
        f'font-family="system-ui, sans-serif" letter-spacing="2">{year}</text>'
    )


def _wrapped(title: str) -> tuple[list[str], int]:
    """Lines of at most the width of the cover, and the size of letter at which they fit."""
    for size in (30, 26, 22, 18, 15):
        room = int((WIDTH - 30) / (size * 0.55))
        lines: list[str] = []
        for word in title.split():
            if lines and len(lines[-1]) + 1 + len(word) <= room:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        if len(lines) <= 4 and all(len(line) <= room for line in lines):
            return lines, size
    return [line[:room] for line in lines[:5]], size


def _stars(random: Random, figure: str) -> str:
    dots = "".join(
        f'<circle cx="{random.uniform(0, WIDTH):.0f}" cy="{random.uniform(0, 200):.0f}" '
        f'r="{random.uniform(0.6, 1.8):.1f}" fill="#fff" '
        f'fill-opacity="{random.uniform(0.4, 1):.2f}"/>'
        for _ in range(40)
    )
    x, y, r = random.uniform(60, 150), random.uniform(70, 120), random.uniform(30, 55)
    tilt = random.uniform(-25, 25)
    return (
        f'{dots}<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.0f}" fill="{figure}" fill-opacity=".9"/>'
        f'<circle cx="{x + r * 0.3:.0f}" cy="{y - r * 0.2:.0f}" r="{r:.0f}" fill="#000" '
        'fill-opacity=".28"/>'
        f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{r * 1.7:.0f}" ry="{r * 0.35:.0f}" fill="none" '
        f'stroke="{figure}" stroke-width="3" transform="rotate({tilt:.0f} {x:.0f} {y:.0f})"/>'
    )


def _fangs(random: Random, figure: str) -> str:
    points = "".join(
        f"{x},{random.uniform(60, 150):.0f} {x + 10},{random.uniform(0, 30):.0f} "
        for x in range(0, WIDTH + 1, 20)
    )
    x, y = random.uniform(60, 140), random.uniform(110, 160)
    return (
        f'<polygon points="0,0 {points}{WIDTH},0" fill="#000" fill-opacity=".55"/>'
        f'<circle cx="{x - 18:.0f}" cy="{y:.0f}" r="6" fill="{figure}"/>'
        f'<circle cx="{x + 18:.0f}" cy="{y:.0f}" r="6" fill="{figure}"/>'
    )


def _sun(random: Random, figure: str) -> str:
    x, y, r = random.uniform(50, 150), random.uniform(80, 130), random.uniform(28, 48)
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.0f}" fill="#fff4d6" fill-opacity=".9"/>' + (
        _hills(random, figure)
    )


def _hills(random: Random, figure: str) -> str:
    layers = []
    for depth in range(3):
        base = 150 + 32 * depth
        a, b, c = (base + random.uniform(-34, 34) for _ in range(3))
        layers.append(
            f'<path d="M0 {a:.0f} C 60 {b:.0f} 130 {c:.0f} {WIDTH} {a - 10:.0f} V {HEIGHT} H 0 Z" '
            f'fill="{figure}" fill-opacity="{0.25 + 0.2 * depth:.2f}"/>'
        )
    return "".join(layers)


def _rings(random: Random, figure: str) -> str:
    x, y = random.uniform(70, 130), random.uniform(80, 120)
    gap = random.uniform(28, 44)
    return "".join(
        f'<circle cx="{x + side * gap / 2:.0f}" cy="{y:.0f}" r="46" fill="{figure}" '
        'fill-opacity=".45"/>'
        for side in (-1, 1)
    )


def _blinds(random: Random, figure: str) -> str:
    tilt = random.uniform(-14, 14)
    bars = "".join(
        f'<rect x="-60" y="{y}" width="330" height="9" fill="{figure}" fill-opacity=".32"/>'
        for y in range(-20, 230, 20)
    )
    return f'<g transform="rotate({tilt:.0f} 100 120)">{bars}</g>'


def _burst(random: Random, figure: str) -> str:
    x, y = random.uniform(60, 140), random.uniform(80, 140)
    rays = "".join(
        f'<polygon points="{x:.0f},{y:.0f} {x - 9:.0f},-140 {x + 9:.0f},-140" fill="{figure}" '
        f'fill-opacity=".5" transform="rotate({angle} {x:.0f} {y:.0f})"/>'
        for angle in range(random.randrange(20), 360, 30)
    )
    return f'{rays}<circle cx="{x:.0f}" cy="{y:.0f}" r="22" fill="{figure}"/>'


def _bubbles(random: Random, figure: str) -> str:
    return "".join(
        f'<circle cx="{random.uniform(0, WIDTH):.0f}" cy="{random.uniform(10, 190):.0f}" '
        f'r="{random.uniform(8, 38):.0f}" fill="{random.choice((figure, "#fff"))}" '
        f'fill-opacity="{random.uniform(0.25, 0.7):.2f}"/>'
        for _ in range(11)
    )


def _bars(random: Random, figure: str) -> str:
    return "".join(
        f'<rect x="{x}" y="{(top := random.uniform(30, 150)):.0f}" width="13" '
        f'height="{210 - top:.0f}" rx="6" fill="{figure}" fill-opacity=".6"/>'
        for x in range(10, WIDTH - 10, 20)
    )


def _city(random: Random, figure: str) -> str:
    blocks = "".join(
        f'<rect x="{x}" y="{(top := random.uniform(60, 150)):.0f}" width="24" '
        f'height="{HEIGHT - top:.0f}" fill="#000" fill-opacity=".45"/>'
        + "".join(
            f'<rect x="{x + 5 + 9 * (k % 2)}" y="{top + 10 + 16 * (k // 2):.0f}" '
            f'width="4" height="6" '
            f'fill="{figure}" fill-opacity="{random.choice((0.15, 0.9))}"/>'
            for k in range(8)
        )
        for x in range(0, WIDTH, 25)
    )
    x, y = random.uniform(40, 160), random.uniform(36, 60)
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="20" fill="{figure}" fill-opacity=".75"/>{blocks}'


_MOTIFS: dict[str, Callable[[Random, str], str]] = {
    "Horror": _fangs, "Sci-Fi": _stars, "Western": _sun, "Film-Noir": _blinds, "War": _burst,
    "Musical": _bars, "Animation": _bubbles, "Children's": _bubbles, "Fantasy": _stars,
    "Mystery": _blinds, "Documentary": _bars, "Crime": _city, "Thriller": _city,
    "Romance": _rings, "Adventure": _sun, "Action": _burst, "Comedy": _bubbles,
}  # fmt: skip
