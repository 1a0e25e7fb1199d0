"""The ELM-24 texts over ML-100K, our own: 24 kinds of text about a film or a pair of films.

The kinds follow the tasks of ELM (arXiv 2310.04475, table of tasks); the texts do not. A folder in
the same form comes from `data.elm24_write`, a table of somebody else's texts from `load_table`.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from data.catalogue import Catalogue
from data.errors import DataError
from data.reading import RESOURCES, Record, read_json, read_jsonl, read_text

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
SecondFilm = Literal["other", "neighbour"]
_SECOND_FILMS: tuple[SecondFilm, ...] = ("other", "neighbour")
FOLDER = RESOURCES / "elm24"
_COLUMNS = ("item", "task", "text")


@dataclass(frozen=True)
class Task:
    """A kind of text: `prompt` holds `{item}` and perhaps `{other}` or `{neighbour}`; `words` is
    the range asked of the writer."""

    name: str
    prompt: str
    words: tuple[int, int]
    second: SecondFilm | None


@dataclass(frozen=True)
class Example:
    """One text. `items` maps the prompt's placeholders to dense indices of the catalogue."""

    task: str
    items: Mapping[str, int]
    text: str
    split: Split


@dataclass(frozen=True)
class Elm24:
    """Tasks by name, in their order, and examples by film, then task."""

    tasks: dict[str, Task]
    examples: tuple[Example, ...]

    def of(self, split: Split) -> tuple[Example, ...]:
        """The examples of one part; a film is in one part only."""
        return tuple(example for example in self.examples if example.split == split)

    def learned(self) -> tuple[Example, ...]:
        """The training examples in which no film of another part stands, not as the second
        either: what a model may learn from."""
        held = {example.items["item"] for example in self.examples if example.split != "train"}
        return tuple(e for e in self.of("train") if held.isdisjoint(e.items.values()))


def load(catalogue: Catalogue, folder: Path = FOLDER) -> Elm24:
    """Read `tasks.json`, `texts.jsonl` and `split.json`.

    DataError for a film outside the catalogue, in no split or in two, an unknown task, a blank
    text, a text about two films without the second, or a prompt whose placeholders do not fit. Ids
    are whole numbers or texts.
    """
    tasks = read_tasks(folder / "tasks.json")
    splits = read_splits(folder / "split.json", catalogue)
    examples = []
    films: set[int] = set()
    for record in read_jsonl(folder / "texts.jsonl"):
        film = catalogue.index_of(_id(record, "id"))
        if film not in splits or film in films:
            raise DataError(
                f"{record.where}: film {catalogue.ids[film]} is in no part of split.json or has a "
                "line already."
            )
        films.add(film)
        texts = Record(record.values.get("texts"), f"{record.where}, texts")
        for name in texts.values:
            if name not in tasks:
                raise DataError(f"{record.where}: there is no task '{name}'.")
            text = texts.text(name)
            if not text.strip():
                raise DataError(f"{record.where}: the text of '{name}' is blank.")
            items = {"item": film}
            if second := tasks[name].second:
                items[second] = catalogue.index_of(_id(record, second))
            examples.append(Example(name, items, text, splits[film]))
    return Elm24(tasks, tuple(examples))


def load_table(
    path: Path,
    catalogue: Catalogue,
    split: Split | Path = "test",
    tasks: Mapping[str, Task] | None = None,
) -> Elm24:
    """Read texts from a table, such as the authors' own should somebody have them.

    `path` is a CSV file with a header line or a JSONL file. Columns: `item` (an id of the
    catalogue), `task`, `text`, and `second` (the other or the neighbouring item) for the tasks that
    need one; further columns are ignored.

    Args:
        split: the part of all of them, or a `split.json` that lists every item in one part.
        tasks: by name; the shipped 24 if not given.

    Raises:
        DataError: for a missing column or value, an unknown item or task, an item in no part, and
            a task that occurs twice for the same items.
    """
    known = read_tasks(FOLDER / "tasks.json") if tasks is None else dict(tasks)
    splits = read_splits(split, catalogue) if isinstance(split, Path) else None
    examples: dict[tuple[int, ...], Example] = {}
    order = list(known)
    for record in _rows(path):
        name, text = record.text("task"), record.text("text")
        if name not in known:
            raise DataError(
                f"{record.where}: there is no task '{name}'; known are {', '.join(order)}."
            )
        if not text.strip():
            raise DataError(f"{record.where}: the text is blank.")
        item = catalogue.index_of(_id(record, "item"))
        items = {"item": item}
        if second := known[name].second:
            items[second] = catalogue.index_of(_id(record, "second"))
        key = (item, order.index(name), *items.values())
        if key in examples:
            raise DataError(f"{record.where}: '{name}' of item {catalogue.ids[item]} occurs twice.")
        if splits is None:
            assert not isinstance(split, Path)
            part = split
        elif item in splits:
            part = splits[item]
        else:
            raise DataError(f"{record.where}: item {catalogue.ids[item]} is in no part.")
        examples[key] = Example(name, items, text, part)
    return Elm24(known, tuple(examples[key] for key in sorted(examples)))


def _rows(path: Path) -> list[Record]:
    """The rows of a CSV or JSONL file."""
    if path.suffix == ".jsonl":
        return read_jsonl(path)
    if path.suffix != ".csv":
        raise DataError(f"{path.name} is neither a .csv nor a .jsonl file.")
    lines = read_text(path, "utf-8-sig").splitlines(keepends=True)
    reader = csv.DictReader(lines, strict=True)
    try:
        header = reader.fieldnames or ()
        if missing := [name for name in _COLUMNS if name not in header]:
            raise DataError(
                f"{path.name} has no column '{missing[0]}'; its columns are {', '.join(header)}."
            )
        return [Record(row, f"{path.name}, line {reader.line_num}") for row in reader]
    except csv.Error as error:
        raise DataError(f"{path.name}, line {reader.line_num}: no valid CSV ({error}).") from error


def _id(record: Record, key: str) -> str:
    """An id of the catalogue, which may be written as a number or as text."""
    value = record.values.get(key)
    if isinstance(value, str) and value.strip():
        return value.strip()
    if value == "" or (value is None and key in record.values):
        raise DataError(f"{record.where}: '{key}' is empty.")
    return str(record.integer(key))


def read_tasks(path: Path) -> dict[str, Task]:
    """Tasks by name. DataError for a prompt whose placeholders do not fit and a name used twice."""
    content = read_json(path)
    if not isinstance(content, list) or not content:
        raise DataError(f"{path.name} must be a list of tasks.")
    tasks: dict[str, Task] = {}
    for number, values in enumerate(content, 1):
        record = Record(values, f"{path.name}, task {number}")
        name, prompt = record.text("task"), record.text("prompt")
        seconds = [other for other in _SECOND_FILMS if f"{{{other}}}" in prompt]
        if "{item}" not in prompt or 1 + len(seconds) != record.integer("items"):
            raise DataError(
                f"{record.where}: the prompt of '{name}' does not hold the placeholders of "
                f"{record.integer('items')} films."
            )
        words = record.values.get("words")
        match words:
            case [int(least), int(most)] if least <= most:
                pass
            case _:
                raise DataError(f"{record.where}: 'words' must be [least, most], not {words!r}.")
        if name in tasks:
            raise DataError(f"{record.where}: the task '{name}' is listed twice.")
        second = seconds[0] if seconds else None
        tasks[name] = Task(name, prompt, (least, most), second)
    return tasks


def read_splits(path: Path, catalogue: Catalogue) -> dict[int, Split]:
    """Dense film index -> its part. DataError for an unknown film and one in two parts."""
    record = Record(read_json(path), path.name)
    splits: dict[int, Split] = {}
    for split in SPLITS:
        ids = record.values.get(split)
        if not isinstance(ids, list):
            raise DataError(f"{record.where}: '{split}' must be a list of ids.")
        for value in ids:
            id = _id(Record({"id": value}, f"{record.where}, {split}"), "id")
            film = catalogue.index_of(id)
            if film in splits:
                raise DataError(f"{path.name}: film {id} is in two parts.")
            splits[film] = split
    return splits
