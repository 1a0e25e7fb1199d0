"""OpenP5's processed folders: users' sequences, and the indexings that turn items into text ids."""

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path

from data.catalogue import Catalogue, Item
from data.dataset import Dataset
from data.errors import DataError
from data.interactions import Interactions
from data.reading import read_lines


def read_sequences(path: Traversable) -> dict[str, list[str]]:
    """A line a user, `user item item ...`, oldest first -> the items of each user.

    DataError for a user without items or with two lines, and for a negative number as id.
    """
    sequences: dict[str, list[str]] = {}
    for number, line in read_lines(path):
        user, *items = line.split()
        if not items:
            raise DataError(f"{path.name}, line {number}: user {user} has no items.")
        if user in sequences:
            raise DataError(f"{path.name}, line {number}: user {user} has a line already.")
        negative = next((id for id in (user, *items) if id.startswith("-")), None)
        if negative is not None:
            raise DataError(f"{path.name}, line {number}: the id {negative} is negative.")
        sequences[user] = items
    return sequences


def to_interactions(sequences: Mapping[str, list[str]], catalogue: Catalogue) -> Interactions:
    """Interactions whose times are the positions in the sequences, from 0."""
    return Interactions.from_columns(
        [user for user, items in sequences.items() for _ in items],
        [item for items in sequences.values() for item in items],
        [position for items in sequences.values() for position in range(len(items))],
        None,
        catalogue,
    )


def read_indexing(path: Traversable) -> dict[str, str]:
    """An indexing file, `item text-id` a line -> the text id of each item.

    DataError when an item or a text id occurs twice.
    """
    indexing: dict[str, str] = {}
    owners: dict[str, str] = {}
    for number, line in read_lines(path):
        fields = line.split()
        if len(fields) != 2:
            raise DataError(
                f"{path.name}, line {number}: expected an item and its text id, found {line!r}."
            )
        item, text = fields
        if item in indexing or text in owners:
            raise DataError(f"{path.name}, line {number}: {item} or {text} occurs a second time.")
        indexing[item] = text
        owners[text] = item
    return indexing


def read_openp5(folder: Path, name: str, label: str) -> Dataset:
    """`user_sequence.txt` of one of OpenP5's folders, which already is a 5-core.

    The catalogue holds the items that occur, sorted by id; their titles are `label` and the id.
    """
    sequences = read_sequences(folder / "user_sequence.txt")
    ids = {item for items in sequences.values() for item in items}
    in_order = sorted(ids, key=lambda id: (int(id) if id.isdecimal() else -1, id))
    catalogue = Catalogue(name, [Item(id, f"{label} {id}") for id in in_order])
    return Dataset(name, catalogue, to_interactions(sequences, catalogue))
