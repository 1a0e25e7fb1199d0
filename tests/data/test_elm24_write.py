"""ELM-24's generator with a chat model that is none."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data import elm24
from data.catalogue import Catalogue, Item
from data.chat_models import Message
from data.dataset import Dataset
from data.elm24 import Task
from data.elm24_check import check
from data.elm24_write import (
    ACCEPTED,
    REPAIRS,
    Row,
    co_chosen,
    draw,
    part_of,
    plan,
    prompt,
    write,
)
from data.errors import DataError

FILES = ("tasks.json", "texts.jsonl", "split.json")


@pytest.fixture(scope="module")
def tasks() -> dict[str, Task]:
    return elm24.read_tasks(elm24.FOLDER / "tasks.json")


class FakeChat:
    """Answers by the rules that it is told; what it says depends on the chat and the seed alone.

    `spoil` may alter an answer, told the chat; `dies_at` is the call at which it is killed.
    """

    def __init__(
        self,
        spoil: Callable[[Sequence[Message], str], str] = lambda chat, text: text,
        dies_at: int | None = None,
    ) -> None:
        self.chats: list[list[Message]] = []
        self._spoil = spoil
        self._dies_at = dies_at

    def __call__(self, messages: Sequence[Message], seed: int) -> str:
        self.chats.append(list(messages))
        if len(self.chats) == self._dies_at:
            raise KeyboardInterrupt
        rules = messages[0]["content"]
        least = int(re.findall(r"(\d+) to \d+ words", rules)[0])
        digits = hashlib.sha256(json.dumps([list(messages), seed]).encode()).hexdigest()
        words = [*digits.translate(str.maketrans("0123456789", "ghijklmnop"))[:8], *["so"] * least]
        if "semicolons" in rules:
            return self._spoil(messages, "; ".join([" ".join(words[:-4]), "a", "b", "c", "d"]))
        return self._spoil(messages, " ".join(words) + ".")


def content(folder: Path) -> list[str]:
    return [(folder / name).read_text(encoding="utf-8") for name in FILES]


def test_what_is_written_can_be_read(
    tiny_dataset: Dataset, tasks: dict[str, Task], tmp_path: Path
) -> None:
    catalogue = tiny_dataset.catalogue
    rows = plan(tiny_dataset, draw(tiny_dataset, 3, 1), 1)
    chat = FakeChat()
    done: list[int] = []
    told = lambda row, texts: done.append(texts)  # noqa: E731
    assert write(catalogue, rows, tasks, chat, tmp_path, 1, "fake", told) == []
    assert done == [24, 24, 24]
    assert len(chat.chats) == 72
    texts = elm24.load(catalogue, tmp_path)
    assert texts.tasks == tasks
    assert check(texts, catalogue) == []
    assert len(texts.examples) == 72
    for example in texts.examples:
        row = next(row for row in rows if row.item == example.items["item"])
        assert example.items == row.items(tasks[example.task])
        assert example.split == part_of(catalogue, row.item, 1)
    assert '"model": "fake"' in (tmp_path / ACCEPTED).read_text()
    assert write(catalogue, rows, tasks, FakeChat(dies_at=1), tmp_path, 1) == []  # none missing


def test_a_killed_run_goes_on_and_equal_seeds_give_equal_files(
    tiny_dataset: Dataset, tasks: dict[str, Task], tmp_path: Path
) -> None:
    catalogue = tiny_dataset.catalogue
    rows = plan(tiny_dataset, [3, 11], 0)
    whole = FakeChat()
    write(catalogue, rows, tasks, whole, tmp_path / "whole")
    killed = FakeChat(dies_at=31)
    with pytest.raises(KeyboardInterrupt):
        write(catalogue, rows, tasks, killed, tmp_path / "killed")
    assert len(elm24.load(catalogue, tmp_path / "killed").examples) == 30  # ready for use
    with (tmp_path / "killed" / ACCEPTED).open("a") as file:
        file.write('{"id": 112, "texts": {"scar')  # the line that a kill cuts
    rest = FakeChat()
    write(catalogue, rows, tasks, rest, tmp_path / "killed")
    assert killed.chats[:30] + rest.chats == whole.chats
    assert content(tmp_path / "killed") == content(tmp_path / "whole")
    write(catalogue, plan(tiny_dataset, [3, 11], 1), tasks, FakeChat(), tmp_path / "other", 1)
    assert content(tmp_path / "other") != content(tmp_path / "whole")


def test_items_can_be_added_without_moving_others(
    tiny_dataset: Dataset, tasks: dict[str, Task], tmp_path: Path
) -> None:
    catalogue = tiny_dataset.catalogue
    few, more = draw(tiny_dataset, 2, 5), draw(tiny_dataset, 6, 5)
    assert more[:2] == few
    assert len(set(more)) == 6
    write(catalogue, plan(tiny_dataset, few, 5), tasks, FakeChat(), tmp_path / "a", 5)
    write(catalogue, plan(tiny_dataset, more[2:], 5), tasks, FakeChat(), tmp_path / "a", 5)
    write(catalogue, plan(tiny_dataset, more, 5), tasks, FakeChat(), tmp_path / "b", 5)
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_a_bad_answer_is_repaired(
    tiny_dataset: Dataset, tasks: dict[str, Task], tmp_path: Path
) -> None:
    def spoil(chat: Sequence[Message], text: str) -> str:
        return "The Lost Umbrella by Director A." if len(chat) == 2 else f'<think>x</think>"{text}"'

    chat = FakeChat(spoil)
    one = {"summary": tasks["summary"]}
    assert write(tiny_dataset.catalogue, [Row(0, {})], one, chat, tmp_path) == []
    assert [len(messages) for messages in chat.chats] == [2, 4]
    told = chat.chats[1][-1]["content"]
    assert "it has 6 words instead of 30 to 60" in told
    assert "it names the title 'The Lost Umbrella'" in told
    assert "'Director' is in the name of a director or an actor" in told
    (example,) = elm24.load(tiny_dataset.catalogue, tmp_path).examples
    assert example.text.startswith(tuple("abcdefghijklmnop"))  # no quotes, no thoughts


def test_giving_up_after_three_repairs(
    tiny_dataset: Dataset, tasks: dict[str, Task], tmp_path: Path
) -> None:
    def spoil(chat: Sequence[Message], text: str) -> str:
        return "Too short." if "Summarise" in chat[1]["content"] else text

    catalogue = tiny_dataset.catalogue
    rows = [Row(0, {"other": 1}), Row(4, {"other": 1})]
    chat = FakeChat(spoil)
    given_up = write(catalogue, rows, tasks, chat, tmp_path)
    assert [(g.item, g.task, g.faults[0].rule) for g in given_up] == [
        (0, "summary", "length"),
        (4, "summary", "length"),
    ]
    # Without a neighbour three tasks are not asked for at all.
    assert len(chat.chats) == 2 * (20 + 1 + REPAIRS)
    assert len(elm24.load(catalogue, tmp_path).examples) == 40
    assert write(catalogue, rows, tasks, FakeChat(), tmp_path) == []  # asks for the two again
    assert len(elm24.load(catalogue, tmp_path).examples) == 42


def test_no_text_is_accepted_twice(
    tiny_dataset: Dataset, tasks: dict[str, Task], tmp_path: Path
) -> None:
    chat = FakeChat(lambda chat, text: "same " * 39 + "end.")
    one = {"summary": tasks["summary"]}
    given_up = write(tiny_dataset.catalogue, [Row(0, {}), Row(1, {})], one, chat, tmp_path)
    assert [(g.item, [f.rule for f in g.faults]) for g in given_up] == [(1, ["twice"])]


def test_the_prompt(tiny_dataset: Dataset, tasks: dict[str, Task]) -> None:
    task = tasks["similarities"]
    system, user = prompt(tiny_dataset.catalogue, task, {"item": 0, "other": 10})
    assert "30 to 60 words" in system["content"]
    assert "the first and the second" in system["content"]
    assert 'the movies "The Lost Umbrella (1980)" and "Orbit Nine (1990)"' in user["content"]
    assert "A clumsy weatherman" in user["content"]
    assert "a knock from outside" in user["content"]
    system, _ = prompt(tiny_dataset.catalogue, tasks["five_negative_characteristics"], {"item": 0})
    assert "semicolons" in system["content"]
    assert "the first and the second" not in system["content"]


def test_neighbours_against_the_slow_way(tiny_dataset: Dataset) -> None:
    interactions = tiny_dataset.interactions
    nearest = co_chosen(interactions, tiny_dataset.catalogue)
    users = [{int(u) for u in interactions.users[interactions.items == i]} for i in range(20)]
    for item in range(20):
        cosines = [
            len(users[item] & users[j]) / np.sqrt(len(users[item]) * len(users[j]))
            if j != item
            else 0
            for j in range(20)
        ]
        found = nearest(item)
        assert found is not None and found != item
        assert cosines[found] == pytest.approx(max(cosines))


def test_second_items_are_no_twins(tiny_dataset: Dataset) -> None:
    items = [
        replace(item, title="Same", directors=("D",)) if index < 10 else item
        for index, item in enumerate(tiny_dataset.catalogue)
    ]
    dataset = replace(tiny_dataset, catalogue=Catalogue("twins", items))
    for row in plan(dataset, range(10), 0):
        assert min(row.seconds.values()) >= 10
    assert len({part_of(dataset.catalogue, item, 3) for item in range(10)}) == 1
    rows = plan(dataset, [0, 0], 0, neighbour=lambda item: 17)
    assert [row.seconds["neighbour"] for row in rows] == [17]


def test_parts_have_their_shares() -> None:
    catalogue = Catalogue("many", [Item(str(index), f"Film {index}") for index in range(3000)])
    parts = [part_of(catalogue, index, 0) for index in range(3000)]
    for part, share in zip(elm24.SPLITS, (160, 24, 40), strict=True):
        assert parts.count(part) / 3000 == pytest.approx(share / 224, abs=0.03)


def test_refusals(tiny_dataset: Dataset, tasks: dict[str, Task], tmp_path: Path) -> None:
    catalogue = tiny_dataset.catalogue
    one = {"summary": tasks["summary"]}
    write(catalogue, [Row(0, {})], one, FakeChat(), tmp_path / "done")
    for given, seed, sentence in ((one, 1, "another seed"), (tasks, 0, "another tasks")):
        with pytest.raises(DataError, match=f"written for {sentence}"):
            write(catalogue, [Row(0, {})], given, FakeChat(), tmp_path / "done", seed)
    other = Catalogue("other", list(catalogue))
    with pytest.raises(DataError, match="written for another catalogue"):
        write(other, [Row(0, {})], one, FakeChat(), tmp_path / "done")
    (tmp_path / "done" / ACCEPTED).unlink()
    with pytest.raises(DataError, match="holds texts that were not written here"):
        write(catalogue, [Row(0, {})], one, FakeChat(), tmp_path / "done")
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match="cannot be written to"):
        write(catalogue, [Row(0, {})], one, FakeChat(), tmp_path / "file")

    def second_run(messages: Sequence[Message], seed: int) -> str:
        write(catalogue, [Row(0, {})], one, FakeChat(), tmp_path / "shared")
        return ""

    with pytest.raises(DataError, match="Another run is writing"):
        write(catalogue, [Row(0, {})], one, second_run, tmp_path / "shared")
    with pytest.raises(DataError, match="21 items are wanted, but tiny has 20"):
        draw(tiny_dataset, 21, 0)
