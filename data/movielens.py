"""MovieLens-100K (with our own text about its films) and MovieLens-1M."""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data import tie_order
from data.catalogue import Catalogue, Item
from data.dataset import Dataset
from data.errors import DataError
from data.interactions import Interactions
from data.openp5 import read_sequences, to_interactions
from data.reading import (
    RESOURCES,
    Record,
    read_columns,
    read_jsonl,
    read_rows,
    whole_numbers,
)
from data.titles import split_year, title_forms, unique

CATALOGUE_TEXT = RESOURCES / "ml-100k-catalogue.jsonl"
# In the order of u.item's flags.
GENRES_100K = (
    "unknown",
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
)
_RATING_FIELDS = ("user_id", "item_id", "rating", "timestamp")


@dataclass(frozen=True)
class Film:
    """What MovieLens itself says of a film; `title` as written there, without the year."""

    title: str
    year: int | None
    genres: tuple[str, ...]


@dataclass(frozen=True)
class Ratings:
    """n rows in the order of a file; int64 columns, `times` in seconds."""

    users: NDArray[np.int64]
    items: NDArray[np.int64]
    ratings: NDArray[np.int64]
    times: NDArray[np.int64]

    def interactions(self, catalogue: Catalogue) -> Interactions:
        """Users by number, each oldest first, ties by item number, whatever the rows' order."""
        order = np.lexsort((self.items, self.times, self.users))
        return Interactions.from_columns(
            [str(user) for user in self.users[order]],
            [str(item) for item in self.items[order]],
            self.times[order],
            self.ratings[order],
            catalogue,
        )


def read_ml_100k(folder: Path) -> Dataset:
    """All 1,682 films, and the 5-core (943 users, 1,349 items, 99,287 rows) in OpenP5's order.

    `folder` holds either RecBole's `ml-100k.inter` and `ml-100k.item` (as `fetch("ml-100k")` gives
    them) or GroupLens' own `u.data` and `u.item`.
    """
    catalogue = ml_100k_catalogue(read_ml_100k_films(folder))
    core = read_ml_100k_ratings(folder).interactions(catalogue).k_core(5)
    return Dataset("ml-100k", catalogue, tie_order.apply_order(core))


def rebuild_ml_100k_order(folder: Path) -> NDArray[np.intp]:
    """The tie order made anew by OpenP5's way of sorting (see `data.tie_order`)."""
    ratings = read_ml_100k_ratings(folder)
    catalogue = ml_100k_catalogue(read_ml_100k_films(folder))
    core = ratings.interactions(catalogue).k_core(5)
    in_core = np.isin(ratings.users, np.array(core.user_ids, np.int64))
    in_core &= np.isin(ratings.items, np.array(catalogue.ids, np.int64)[core.active_items()])
    return tie_order.make_order(
        ratings.users[in_core], ratings.items[in_core], ratings.times[in_core]
    )


def read_ml_100k_ratings(folder: Path) -> Ratings:
    """The rows of `ml-100k.inter` or `u.data`, in their order."""
    recbole, official = folder / "ml-100k.inter", folder / "u.data"
    if recbole.is_file():
        table = read_columns(recbole, _RATING_FIELDS)
        return Ratings(*(whole_numbers(table[name], name, recbole, 1) for name in table))
    if official.is_file():
        return _read_ratings(official, "\t")
    raise DataError(f"The folder {folder} holds neither ml-100k.inter nor u.data.")


def _read_ratings(path: Traversable, separator: str) -> Ratings:
    """A file without a header line: user, item, rating, timestamp."""
    rows = read_rows(path, _RATING_FIELDS, separator)
    columns = zip(_RATING_FIELDS, zip(*rows, strict=True), strict=True)
    return Ratings(*(whole_numbers(values, name, path) for name, values in columns))


def read_ml_100k_films(folder: Path) -> dict[str, Film]:
    """The films of `ml-100k.item` or `u.item` by id; the same whichever of the two is read."""
    recbole = folder / "ml-100k.item"
    films = {}
    if recbole.is_file():
        table = read_columns(recbole, ("item_id", "movie_title", "release_year", "class"))
        for id, title, year, genres in zip(*table.values(), strict=True):
            # RecBole cuts a title at its last pair of parentheses, which is not always the year.
            full = f"{title} ({year})" if year.isdecimal() else title
            films[id] = _film(full, genres.split(" "))
        return films
    path = folder / "u.item"
    if not path.is_file():
        raise DataError(f"The folder {folder} holds neither ml-100k.item nor u.item.")
    fields = ("movie id", "movie title", "release date", "video release date", "IMDb URL")
    for row in read_rows(path, (*fields, *GENRES_100K), "|", encoding="latin-1"):
        flags = zip(GENRES_100K, row[len(fields) :], strict=True)
        title = re.sub(r"(\(\d{4}\))\s*\(V\)$", r"\1", row[1].strip())
        films[row[0]] = _film(title, [genre for genre, flag in flags if flag == "1"])
    return films


def _film(full_title: str, genres: list[str]) -> Film:
    title, year = split_year(full_title)
    if title in ("unknown", "unkonwn"):
        title = "unknown"
    return Film(title, year, tuple(genre for genre in genres if genre != "unknown"))


def ml_100k_catalogue(films: Mapping[str, Film]) -> Catalogue:
    """Our text of every film, with year, genres and other titles from MovieLens.

    DataError when the films are not exactly the 1,682 that our text is about.
    """
    texts = {str(record.integer("id")): record for record in read_jsonl(CATALOGUE_TEXT)}
    if films.keys() != texts.keys():
        odd = sorted(films.keys() ^ texts.keys(), key=int)[0]
        raise DataError(
            f"These are not the films of MovieLens-100K: item {odd} is "
            f"{'unknown to it' if odd in films else 'missing'}."
        )
    return Catalogue("ml-100k", [_item(texts[id], films[id]) for id in sorted(texts, key=int)])


def shipped_catalogue() -> Catalogue:
    """The catalogue from our text alone: no years, genres or MovieLens titles. Needs no fetch."""
    records = read_jsonl(CATALOGUE_TEXT)
    return Catalogue("ml-100k", [_item(record, Film("", None, ())) for record in records])


def _item(text: Record, film: Film) -> Item:
    title = text.text("title")
    forms = (*title_forms(title), *title_forms(film.title))
    return Item(
        id=str(text.integer("id")),
        title=title,
        year=film.year,
        genres=film.genres,
        alternate_titles=unique(forms, without=title),
        directors=_names(text.optional_text("director")),
        cast=text.texts("cast"),
        synopsis=text.text("synopsis"),
        tags=text.texts("tags"),
        moods=text.texts("mood"),
        countries=_parts(text.optional_text("country")),
        languages=_parts(text.optional_text("language")),
    )


def _names(text: str) -> tuple[str, ...]:
    """`A, B and C` -> (A, B, C); a closing "and others" names nobody."""
    return tuple(name for name in re.split(r", | and ", text) if name and name != "others")


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("/") if part)


def read_ml_1m(folder: Path) -> Dataset:
    """The 5-core of MovieLens-1M (6,040 users, 3,416 items, 999,611 rows) and all its films.

    `folder` is the official zip, or a folder with `movies.dat` and either `ratings.dat` or
    `sequences.txt` (a line a user: its id, then item ids, oldest first; positions stand for times).
    """
    root: Traversable = folder
    if folder.suffix == ".zip":
        try:
            root = zipfile.Path(folder) / "ml-1m"
        except zipfile.BadZipFile:
            raise DataError(
                f"{folder.name} is not a complete zip file; download it again."
            ) from None
    fields = ("movie id", "title", "genres")
    rows = read_rows(root / "movies.dat", fields, "::", encoding="latin-1")
    catalogue = Catalogue("ml-1m", [_item_1m(*row[:3]) for row in rows])
    ratings, sequences = root / "ratings.dat", root / "sequences.txt"
    if ratings.is_file():
        interactions = _read_ratings(ratings, "::").interactions(catalogue)
    elif sequences.is_file():
        interactions = to_interactions(read_sequences(sequences), catalogue)
    else:
        raise DataError(f"{folder} holds neither ratings.dat nor sequences.txt.")
    return Dataset("ml-1m", catalogue, interactions.k_core(5))


def _item_1m(id: str, full_title: str, genres: str) -> Item:
    title, year = split_year(full_title)
    main, *others = title_forms(title)
    return Item(id, main, year, tuple(genres.strip().split("|")), tuple(others))
