"""Texts of ELM-24's kinds for other items, written by a chat model.

Every text that keeps the rules (`data.elm24_check`) is stored at once in `accepted.jsonl`; from it
come the three files that `data.elm24.load` reads. A run that was killed goes on after its last
text. All that is drawn for an item depends on the seed and the item alone, so that items can be
added later: none changes its part or its second items.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from data.catalogue import Catalogue
from data.chat_models import Chat, Message
from data.dataset import Dataset
from data.elm24 import SPLITS, SecondFilm, Split, Task
from data.elm24_check import LISTS, Fault, Rules
from data.errors import DataError
from data.interactions import Interactions
from data.reading import Record, read_jsonl
from data.splits import leave_one_out

ACCEPTED = "accepted.jsonl"
REPAIRS = 3
"""How often a model is told what is wrong with its text and asked again."""
SHARES = (160 / 224, 24 / 224, 40 / 224)
"""Train, validation, test: as in the shipped data."""

Neighbour = Callable[[int], int | None]
"""The dense index of an item -> that of the item nearest to it, None if there is none."""

_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)
_PROSE = "Write {least} to {most} words of prose in one paragraph that ends with a full stop."
_LIST = (
    "Write five short phrases, {least} to {most} words in all, on one line, with semicolons "
    "between them and no full stop at the end."
)
_SYSTEM = """You write short texts about the items of a catalogue, for a data set. {form}
Never write a title, nor the name of a director, an actor or a character: say who they are instead \
(the detective, her older brother). {pair}No heading, no numbers, no markup, no preamble: answer \
with the text alone."""
_PAIR = "Call the two items the first and the second. "


@dataclass(frozen=True)
class Row:
    """An item to write about, and its second items as far as it has them; dense indices."""

    item: int
    seconds: Mapping[SecondFilm, int]

    def items(self, task: Task) -> dict[str, int] | None:
        """The items of a task, as in `Example`; None when the second is missing."""
        if task.second is None:
            return {"item": self.item}
        if task.second not in self.seconds:
            return None
        return {"item": self.item, task.second: self.seconds[task.second]}


@dataclass(frozen=True)
class GivenUp:
    """A text that still broke the rules when it had been asked for often enough."""

    item: int
    task: str
    faults: tuple[Fault, ...]


# -- what is drawn -------------------------------------------------------------------------------


def draw(dataset: Dataset, count: int, seed: int, without: Collection[str] = ()) -> list[int]:
    """`count` items that occur, drawn by seed; more of them begin with the same.

    `without` are ids not to draw. DataError when there are not so many.
    """
    left = [
        i for i in dataset.interactions.active_items() if dataset.catalogue.ids[i] not in without
    ]
    if count > len(left):
        raise DataError(
            f"{count} items are wanted, but {dataset.name} has {len(left)} to draw from."
        )
    return [
        int(left[place]) for place in np.random.default_rng(seed).permutation(len(left))[:count]
    ]


def plan(
    dataset: Dataset, items: Sequence[int], seed: int, neighbour: Neighbour | None = None
) -> list[Row]:
    """The second items: `other` drawn by seed among the items that occur, `neighbour` by the
    function given, else by who chose what in the training interactions (`co_chosen`). Neither is
    the item itself or another entry of it.
    """
    catalogue = dataset.catalogue
    nearest = neighbour or co_chosen(leave_one_out(dataset.interactions).train, catalogue)
    active = dataset.interactions.active_items()
    rows = []
    for item in dict.fromkeys(items):
        choices = active[~np.isin(active, [*catalogue.with_twins([item])])]
        seconds: dict[SecondFilm, int] = {}
        if len(choices):
            seconds["other"] = int(_rng(seed, "other", catalogue.ids[item]).choice(choices))
        if (found := nearest(item)) is not None:
            seconds["neighbour"] = found
        rows.append(Row(item, seconds))
    return rows


def co_chosen(interactions: Interactions, catalogue: Catalogue) -> Neighbour:
    """The item with the greatest cosine between the two columns of who chose what; of equals the
    first. None for an item that was never chosen together with another."""
    matrix = interactions.matrix().tocsc()
    norms = np.sqrt(np.maximum(np.bincount(interactions.items, minlength=len(catalogue)), 1))

    def nearest(item: int) -> int | None:
        cosines = (matrix.T @ matrix[:, [item]]).toarray().ravel() / norms
        cosines[[*catalogue.with_twins([item])]] = 0
        best = int(cosines.argmax())
        return best if cosines[best] > 0 else None

    return nearest


def part_of(catalogue: Catalogue, item: int, seed: int) -> Split:
    """The part of an item, by seed and id; the same for all entries of one item."""
    first = catalogue.ids[min(catalogue.with_twins([item]))]
    point = _rng(seed, "part", first).random()
    return SPLITS[int(np.searchsorted(np.cumsum(SHARES[:-1]), point, side="right"))]


def _rng(seed: int, *words: str) -> np.random.Generator:
    return np.random.default_rng([seed, *"\0".join(words).encode()])


# -- writing -------------------------------------------------------------------------------------


def write(
    catalogue: Catalogue,
    rows: Sequence[Row],
    tasks: Mapping[str, Task],
    chat: Chat,
    out: Path,
    seed: int = 0,
    model: str = "",
    told: Callable[[Row, int], None] = lambda row, texts: None,
) -> list[GivenUp]:
    """Ask for every text that is missing in the folder `out`, and write its files anew.

    Args:
        model: stored beside each text that is accepted now.
        told: told of every row that is done, with the number of texts it has.

    Returns:
        What was given up, in the order of the rows; a later run asks for it again.

    Raises:
        DataError: when the folder belongs to another catalogue, seed or set of tasks, holds texts
            that did not come from here, or another run is writing into it.
    """
    rules = Rules(catalogue, tasks)
    given_up = []
    with _Store.open(out, catalogue, tasks, seed) as store:
        try:
            for row in rows:
                for name, task in tasks.items():
                    items = row.items(task)
                    if items is None or store.has(row, name):
                        continue
                    text, faults = _text(catalogue, task, items, chat, rules, seed, store.known)
                    if faults:
                        given_up.append(GivenUp(row.item, name, faults))
                    else:
                        store.add(row, name, text, model)
                told(row, sum(store.has(row, name) for name in tasks))
        finally:  # also what a run has that is stopped should be ready for use
            store.publish()
    return given_up


def _text(
    catalogue: Catalogue,
    task: Task,
    items: Mapping[str, int],
    chat: Chat,
    rules: Rules,
    seed: int,
    known: Collection[str],
) -> tuple[str, tuple[Fault, ...]]:
    """A text and what is still wrong with it after the last repair."""
    messages = prompt(catalogue, task, items)
    drawn = _rng(seed, task.name, *(catalogue.ids[item] for item in items.values()))
    faults: tuple[Fault, ...] = ()
    text = ""
    for _ in range(1 + REPAIRS):
        text = _plain(chat(messages, int(drawn.integers(2**31))))
        faults = tuple(rules.faults(task.name, items, text))
        if text in known:
            faults += (Fault("twice", "another text is the same"),)
        if not faults:
            break
        wrong = "; ".join(fault.sentence for fault in faults)
        messages += [
            Message(role="assistant", content=text),
            Message(role="user", content=f"This breaks the rules: {wrong}. Write it again."),
        ]
    return text, faults


def prompt(catalogue: Catalogue, task: Task, items: Mapping[str, int]) -> list[Message]:
    """What a model is asked at first: the rules, what the catalogue says, the task."""
    least, most = task.words
    form = (_LIST if task.name in LISTS else _PROSE).format(least=least, most=most)
    asked = task.prompt
    for place, item in items.items():
        asked = asked.replace(f"{{{place}}}", f'"{catalogue.text(item, "title")}"')
    facts = [f"- {catalogue.text(item, 'catalogue')}" for item in items.values()]
    return [
        Message(
            role="system",
            content=_SYSTEM.format(form=form, pair=_PAIR if len(items) > 1 else ""),
        ),
        Message(role="user", content="\n".join(["The catalogue says:", *facts, "", asked])),
    ]


def _plain(answer: str) -> str:
    """An answer without its thoughts, line breaks and the quotes around it."""
    text = " ".join(_THOUGHT.sub("", answer).split())
    for left, right in ('""', "“”"):
        inner = text[1:-1]
        if text.startswith(left) and text.endswith(right) and left not in inner:
            text = inner.strip()
    return text


# -- files ---------------------------------------------------------------------------------------


class _Store:
    """The texts accepted so far. `known` are the texts themselves."""

    def __init__(self, folder: Path, catalogue: Catalogue, tasks: Mapping[str, Task], seed: int):
        self._folder = folder
        self._catalogue = catalogue
        self._tasks = tasks
        self._seed = seed
        self._about = {
            "catalogue": catalogue.digest,
            "tasks": hashlib.sha256(json.dumps(_listed(tasks)).encode()).hexdigest(),
            "seed": seed,
        }
        self._texts: dict[tuple[int, str, int | None], str] = {}
        self._rows: dict[int, Row] = {}
        self.known: set[str] = set()

    @classmethod
    @contextmanager
    def open(
        cls, folder: Path, catalogue: Catalogue, tasks: Mapping[str, Task], seed: int
    ) -> Iterator["_Store"]:
        """Read what a folder has, and keep others from writing into it meanwhile."""
        lock = FileLock(folder / ".lock", timeout=0)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise DataError(f"Another run is writing into {folder}; wait for it.") from None
        except OSError as error:
            raise DataError(f"{folder} cannot be written to ({error.strerror}).") from None
        try:
            store = cls(folder, catalogue, tasks, seed)
            store._read()
            yield store
        finally:
            lock.release()

    def has(self, row: Row, task: str) -> bool:
        return self._key(row, task) in self._texts

    def add(self, row: Row, task: str, text: str, model: str) -> None:
        """Keep a text, on disk before this returns."""
        line = {**self._ids(row), "texts": {task: text}, "model": model}
        with (self._folder / ACCEPTED).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._keep(row, task, text)

    def publish(self) -> None:
        """Write `tasks.json`, `texts.jsonl` and `split.json`; none without a text."""
        lines: list[str] = []
        parts: dict[Split, list[int | str]] = {split: [] for split in SPLITS}
        for item in sorted(self._rows):
            row = self._rows[item]
            texts = {n: self._texts[self._key(row, n)] for n in self._tasks if self.has(row, n)}
            ids = self._ids(row)
            lines.append(json.dumps({**ids, "texts": texts}, ensure_ascii=False) + "\n")
            parts[part_of(self._catalogue, item, self._seed)].append(ids["id"])
        if lines:
            self._replace("tasks.json", json.dumps(_listed(self._tasks), indent=1) + "\n")
            self._replace("split.json", json.dumps(parts) + "\n")
            self._replace("texts.jsonl", "".join(lines))

    def _read(self) -> None:
        path = self._folder / ACCEPTED
        if not path.is_file():
            if (self._folder / "texts.jsonl").exists():
                raise DataError(
                    f"{self._folder} holds texts that were not written here; name another."
                )
            self._replace(ACCEPTED, json.dumps(self._about) + "\n")
            return
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:  # the last line was being written when a run was killed
            self._replace(ACCEPTED, whole.decode())
        about, *records = read_jsonl(path)
        if differs := [key for key, value in self._about.items() if about.values.get(key) != value]:
            raise DataError(
                f"The texts in {self._folder} were written for another {differs[0]}; name another "
                "folder."
            )
        for record in records:
            seconds: dict[SecondFilm, int] = {}
            for second in ("other", "neighbour"):
                if second in record.values:
                    seconds[second] = self._catalogue.index_of(str(record.values[second]))
            row = Row(self._catalogue.index_of(str(record.values.get("id"))), seconds)
            texts = Record(record.values.get("texts"), f"{record.where}, texts")
            for task in texts.values.keys() & self._tasks.keys():
                self._keep(row, task, texts.text(task))

    def _keep(self, row: Row, task: str, text: str) -> None:
        self._texts[self._key(row, task)] = text
        self._rows[row.item] = row
        self.known.add(text)

    def _key(self, row: Row, task: str) -> tuple[int, str, int | None]:
        second = self._tasks[task].second
        return row.item, task, None if second is None else row.seconds.get(second)

    def _ids(self, row: Row) -> dict[str, int | str]:
        ids = {"id": _as_written(self._catalogue.ids[row.item])}
        return ids | {
            name: _as_written(self._catalogue.ids[item]) for name, item in row.seconds.items()
        }

    def _replace(self, name: str, content: str) -> None:
        scratch = self._folder / f"{name}.part"
        scratch.write_text(content, encoding="utf-8")
        scratch.replace(self._folder / name)


def _as_written(id: str) -> int | str:
    """A number where the id is the usual form of one: `007` and `B00X` stay text."""
    return int(id) if id.isdecimal() and id == str(int(id)) else id


def _listed(tasks: Mapping[str, Task]) -> list[dict[str, Any]]:
    """Tasks in the form of `tasks.json`."""
    return [
        {
            "task": name,
            "items": 1 if task.second is None else 2,
            "words": list(task.words),
            "prompt": task.prompt,
        }
        for name, task in tasks.items()
    ]
