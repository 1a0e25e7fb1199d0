"""The shipped ELM-24 texts and dialogues: complete, and refused when damaged."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from data import dialogues, elm24
from data.catalogue import Catalogue
from data.errors import DataError
from data.movielens import shipped_catalogue
from data.reading import RESOURCES


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped_catalogue()


def test_elm24(catalogue: Catalogue) -> None:
    texts = elm24.load(catalogue)
    assert len(texts.tasks) == 24
    assert len(texts.examples) == 5373
    films = {s: {e.items["item"] for e in texts.of(s)} for s in elm24.SPLITS}
    assert {s: len(f) for s, f in films.items()} == {"train": 160, "validation": 24, "test": 40}
    assert not films["train"] & films["test"]
    assert not films["train"] & films["validation"]
    first = texts.examples[0]
    assert (first.task, first.items, first.split) == ("summary", {"item": 0}, "train")
    for example in texts.examples:
        second = texts.tasks[example.task].second
        assert set(example.items) == {"item", second} - {None}
    pair = next(e for e in texts.examples if e.task == "why_like_nn")
    assert pair.items == {"item": 0, "neighbour": catalogue.index_of("50")}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": 99999}, "Item 99999 is not in the catalogue"),
        ({"id": 2}, "film 2 is in no part"),
        ({"texts": {"poem": "x"}}, "there is no task 'poem'"),
        ({"texts": {"summary": " "}}, "the text of 'summary' is blank"),
        ({"texts": {"summary": 3}}, "'summary' must be text"),
    ],
)
def test_elm24_refusals(
    catalogue: Catalogue, tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    folder = tmp_path / "elm24"
    shutil.copytree(RESOURCES / "elm24", folder)
    row = json.loads((folder / "texts.jsonl").read_text(encoding="utf-8").split("\n")[0])
    (folder / "texts.jsonl").write_text(json.dumps(row | change), encoding="utf-8")
    with pytest.raises(DataError, match=sentence):
        elm24.load(catalogue, folder)


def test_elm24_task_refusals(catalogue: Catalogue, tmp_path: Path) -> None:
    folder = tmp_path / "elm24"
    shutil.copytree(RESOURCES / "elm24", folder)
    good = {"task": "a", "items": 1, "words": [1, 2], "prompt": "On {item}."}
    for change, sentence in (
        ({"prompt": "On nothing."}, "does not hold the placeholders of 1 films"),
        ({"items": 2}, "does not hold the placeholders of 2 films"),
        ({"words": [9, 1]}, r"'words' must be \[least, most\]"),
    ):
        (folder / "tasks.json").write_text(json.dumps([good | change]))
        with pytest.raises(DataError, match=sentence):
            elm24.load(catalogue, folder)


def test_dialogues(catalogue: Catalogue) -> None:
    chats = dialogues.load(catalogue)
    assert len(chats) == 324
    assert [sum(c.split == s for c in chats) for s in elm24.SPLITS] == [220, 40, 64]
    turn = chats[0].turns[0]
    assert isinstance(turn, dialogues.UserTurn)
    assert turn.intent == "recommend"
    assert [catalogue[film].title for film in turn.like] == ["Jackie Brown", "Apt Pupil"]
    answer = chats[0].turns[1]
    assert isinstance(answer, dialogues.AssistantTurn)
    assert [catalogue.ids[film] for film in answer.items] == ["56", "273"]
    unknown = [t.unknown_title for c in chats for t in c.turns if isinstance(t, dialogues.UserTurn)]
    assert sum(map(bool, unknown)) == 23


def test_mentions(catalogue: Catalogue) -> None:
    assert dialogues.mentions("See [[56]], then [[273]]!", catalogue) == [
        "See ",
        55,
        ", then ",
        272,
        "!",
    ]
    assert dialogues.mentions("[[1]]", catalogue) == [0]
    with pytest.raises(DataError, match="Item 9999"):
        dialogues.mentions("[[9999]]", catalogue)


@pytest.mark.parametrize(
    ("turn", "change", "sentence"),
    [
        (0, {"role": "assistant"}, "turn 0: turns must alternate"),
        (0, {"intent": "dance"}, "'intent' must be one of recommend, critique"),
        (0, {"genres_in": ["Opera"]}, "'Opera' in 'genres_in' is no genre"),
        (0, {"like": [0]}, "Item 0 is not in the catalogue"),
        (0, {"resolved": "[[5000]]"}, "Item 5000 is not in the catalogue"),
        (0, {"year_min": "1990"}, "'year_min' must be a whole number"),
        (1, {"items": ["56"]}, "'items' must be a list of ids"),
        (1, {"text": "[[5000]]"}, "Item 5000 is not in the catalogue"),
    ],
)
def test_dialogue_refusals(
    catalogue: Catalogue, tmp_path: Path, turn: int, change: dict[str, Any], sentence: str
) -> None:
    source = RESOURCES / "dialogues" / "chats.jsonl"
    chat = json.loads(source.read_text(encoding="utf-8").split("\n")[0])
    chat["turns"][turn] |= change
    path = tmp_path / "chats.jsonl"
    path.write_text(json.dumps(chat), encoding="utf-8")
    with pytest.raises(DataError, match=sentence):
        dialogues.load(catalogue, path)
