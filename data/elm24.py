"""The ELM-24 texts over ML-100K, our own: 24 kinds of text about a film or a pair of films.

The kinds follow the tasks of ELM (arXiv 2310.04475, table of tasks); the texts do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from data.catalogue import Catalogue
from data.errors import DataError
from data.reading import RESOURCES, Record, read_json, read_jsonl

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
SecondFilm = Literal["other", "neighbour"]
_SECOND_FILMS: tuple[SecondFilm, ...] = ("other", "neighbour")


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


def load(catalogue: Catalogue, folder: Path = RESOURCES / "elm24") -> Elm24:
    """Read `tasks.json`, `texts.jsonl` and `split.json`.

    DataError for a film outside the catalogue, in no split or in two, an unknown task, a blank
    text, or a prompt whose placeholders do not fit.
    """
    tasks = _read_tasks(folder / "tasks.json")
    splits = _read_splits(folder / "split.json", catalogue)
    examples = []
    films: set[int] = set()
    for record in read_jsonl(folder / "texts.jsonl"):
        film = catalogue.index_of(str(record.integer("id")))
        if film not in splits or film in films:
            raise DataError(
                f"{record.where}: film {record.integer('id')} is in no part of split.json or has a "
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
                items[second] = catalogue.index_of(str(record.integer(second)))
            examples.append(Example(name, items, text, splits[film]))
    return Elm24(tasks, tuple(examples))


def _read_tasks(path: Path) -> dict[str, Task]:
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


def _read_splits(path: Path, catalogue: Catalogue) -> dict[int, Split]:
    """Dense film index -> its part."""
    record = Record(read_json(path), path.name)
    splits: dict[int, Split] = {}
    for split in SPLITS:
        for id in record.ids(split):
            film = catalogue.index_of(id)
            if film in splits:
                raise DataError(f"{path.name}: film {id} is in two parts.")
            splits[film] = split
    return splits
