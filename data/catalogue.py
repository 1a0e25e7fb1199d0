"""The items of one data set, and the one map between their ids and their dense indices."""

import hashlib
import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Literal, assert_never, overload

from data.errors import DataError

TextSource = Literal["title", "title+genres", "story", "catalogue"]


@dataclass(frozen=True, slots=True)
class Item:
    """What is known about one item; `id` is the data set's own, everything else may be empty."""

    id: str
    title: str
    year: int | None = None
    genres: tuple[str, ...] = ()
    alternate_titles: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    synopsis: str = ""
    tags: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


class Catalogue(Sequence[Item]):
    """Items in a fixed order; the position of an item is its dense index everywhere inside.

    Raises DataError when it is empty, an id or a title is blank, an id occurs twice, or a year
    cannot be one.
    """

    def __init__(self, name: str, items: Sequence[Item]) -> None:
        if not items:
            raise DataError(f"The catalogue {name} has no items.")
        self.name = name
        self._items = tuple(items)
        self.ids = tuple(item.id for item in items)
        self._index: dict[str, int] = {}
        for index, item in enumerate(items):
            if not item.id.strip() or not item.title.strip():
                raise DataError(f"Item {index} of the catalogue {name} has no id or no title.")
            if item.id in self._index:
                raise DataError(f"The catalogue {name} lists item {item.id} twice.")
            if item.year is not None and not 1870 <= item.year <= 2100:
                raise DataError(f"Item {item.id} of the catalogue {name}: no year {item.year}.")
            self._index[item.id] = index

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, index: int | slice) -> Item | tuple[Item, ...]:
        return self._items[index]

    def __repr__(self) -> str:
        return f"Catalogue({self.name!r}, {len(self)} items)"

    def index_of(self, id: str) -> int:
        """The dense index of an id. DataError naming the id when it is unknown."""
        try:
            return self._index[id]
        except KeyError:
            raise DataError(f"Item {id} is not in the catalogue {self.name}.") from None

    @cached_property
    def genres(self) -> tuple[str, ...]:
        """All genres that occur, sorted."""
        return tuple(sorted({genre for item in self._items for genre in item.genres}))

    @cached_property
    def twins(self) -> dict[int, tuple[int, ...]]:
        """For every item that is listed more than once: the other indices of the same item.

        The same means the same title and directors; the year may differ. An item whose directors
        are unknown has no twins, because titles alone repeat.
        """
        groups: dict[tuple[str, frozenset[str]], list[int]] = defaultdict(list)
        for index, item in enumerate(self._items):
            if item.directors:
                directors = frozenset(name.casefold() for name in item.directors)
                groups[_letters(item.title), directors].append(index)
        return {
            index: tuple(other for other in group if other != index)
            for group in groups.values()
            if len(group) > 1
            for index in group
        }

    def with_twins(self, items: Iterable[int]) -> set[int]:
        """The items, and the same ones wherever they are listed again."""
        chosen = set(items)
        return chosen.union(*(self.twins.get(item, ()) for item in chosen))

    @cached_property
    def digest(self) -> str:
        """sha256 (hex) over name and items as canonical JSON: equal if and only if they are."""
        content = {"name": self.name, "items": [asdict(item) for item in self._items]}
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def text(self, index: int, source: TextSource) -> str:
        """An item in words.

        "title": `Title (year)`; "title+genres": that and its genres; "story": genres, synopsis,
        tags and moods, and so no name; "catalogue": all that is known. What is not known is left
        out.
        """
        item = self._items[index]
        title = item.title if item.year is None else f"{item.title} ({item.year})"
        genres = ", ".join(item.genres)
        if source == "title":
            return title
        if source == "title+genres":
            return f"{title}: {genres}" if genres else title
        story = [
            item.synopsis,
            f"Themes: {', '.join(item.tags)}" if item.tags else "",
            f"Mood: {', '.join(item.moods)}" if item.moods else "",
        ]
        if source == "story":
            return _sentences([genres, *story])
        if source == "catalogue":
            people = [
                f"Directed by {', '.join(item.directors)}" if item.directors else "",
                f"With {', '.join(item.cast)}" if item.cast else "",
            ]
            places = ", ".join((*item.countries, *item.languages))
            return _sentences([title, genres, *people, *story, places])
        assert_never(source)


def _sentences(parts: Iterable[str]) -> str:
    return " ".join(
        part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part
    )


def _letters(title: str) -> str:
    """A title without case, accents and signs, so that spellings of one title compare equal."""
    plain = unicodedata.normalize("NFKD", title.casefold())
    return "".join(sign for sign in plain if sign.isalnum())
