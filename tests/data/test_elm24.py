"""ELM-24 from a table, and with ids that are no numbers."""

import json
import shutil
from pathlib import Path

import pytest

from data import elm24
from data.catalogue import Catalogue, Item
from data.errors import DataError
from data.movielens import shipped_catalogue


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue("c", [Item("7", "Seven"), Item("B00X", "Soap"), Item("9", "Nine")])


def table(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


CSV = """text,item,second,task,stars
"Loud, and ""long""
in two lines.",B00X,,summary,5
Both are soft.,7,B00X,similarities,
Short.,7,,summary,1
"""


def test_csv(catalogue: Catalogue, tmp_path: Path) -> None:
    texts = elm24.load_table(table(tmp_path, "t.csv", CSV), catalogue, "train")
    assert [(e.task, dict(e.items), e.text, e.split) for e in texts.examples] == [
        ("summary", {"item": 0}, "Short.", "train"),
        ("similarities", {"item": 0, "other": 1}, "Both are soft.", "train"),
        ("summary", {"item": 1}, 'Loud, and "long"\nin two lines.', "train"),
    ]
    assert len(texts.tasks) == 24
    with_mark = table(tmp_path, "bom.csv", "\ufeff" + CSV)  # as spreadsheets save it
    assert elm24.load_table(with_mark, catalogue, "train") == texts


def test_jsonl_and_a_split_of_its_own(catalogue: Catalogue, tmp_path: Path) -> None:
    rows = [
        {"item": 7, "task": "summary", "text": "One."},
        {"item": "B00X", "second": 7, "task": "diff_than_nn", "text": "Two."},
    ]
    path = table(tmp_path, "t.jsonl", "\n".join(map(json.dumps, rows)))
    split = table(tmp_path, "split.json", '{"train": [7], "validation": [], "test": ["B00X"]}')
    texts = elm24.load_table(path, catalogue, split)
    assert [e.split for e in texts.examples] == ["train", "test"]
    assert texts.examples[1].items == {"item": 1, "neighbour": 0}
    split.write_text('{"train": [7], "validation": [], "test": []}')
    with pytest.raises(DataError, match="line 2: item B00X is in no part"):
        elm24.load_table(path, catalogue, split)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("item,text\n7,x\n", "has no column 'task'; its columns are item, text"),
        ("item,task,text\n8,summary,x\n", "Item 8 is not in the catalogue c"),
        ("item,task,text\n,summary,x\n", "line 2: 'item' is empty"),
        ("item,task,text\n7,poem,x\n", "line 2: there is no task 'poem'; known are summary, "),
        ("item,task,text\n7,summary, \n", "line 2: the text is blank"),
        ("item,task,text\n7,summary\n", "line 2: 'text' must be text, not None"),
        ("item,task,text\n7,similarities,x\n", "line 2: 'second' is missing"),
        ("item,task,text,second\n7,similarities,x,\n", "line 2: 'second' is empty"),
        ("item,task,text\n7,summary,x\n7,summary,y\n", "'summary' of item 7 occurs twice"),
        ('item,task,text\n7,summary,"x\n', "no valid CSV"),
    ],
)
def test_table_refusals(catalogue: Catalogue, tmp_path: Path, content: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        elm24.load_table(table(tmp_path, "t.csv", content), catalogue)


def test_other_files_are_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is neither a"):
        elm24.load_table(table(tmp_path, "t.xlsx", "x"), catalogue)
    path = tmp_path / "latin.csv"
    path.write_bytes("item,task,text\n7,summary,caf\xe9\n".encode("latin-1"))
    with pytest.raises(DataError, match="is not UTF-8"):
        elm24.load_table(path, catalogue)


def test_a_folder_with_ids_of_letters(catalogue: Catalogue, tmp_path: Path) -> None:
    shutil.copy(elm24.FOLDER / "tasks.json", tmp_path)
    split = table(tmp_path, "split.json", '{"train": ["B00X", 9], "validation": [], "test": []}')
    texts = table(tmp_path, "texts.jsonl", '{"id": "B00X", "texts": {"summary": "Soft."}}')
    assert elm24.load(catalogue, tmp_path).examples[0].items == {"item": 1}
    texts.write_text('{"id": "B00X", "texts": {"similarities": "Both."}}')
    with pytest.raises(DataError, match="'other' is missing"):
        elm24.load(catalogue, tmp_path)
    split.write_text('{"train": ["B00X"], "validation": ["B00X"], "test": []}')
    with pytest.raises(DataError, match="film B00X is in two parts"):
        elm24.load(catalogue, tmp_path)
    split.write_text('{"train": [[1]], "validation": [], "test": []}')
    with pytest.raises(DataError, match="must be a whole number"):
        elm24.load(catalogue, tmp_path)


def test_what_is_learned_holds_no_film_of_another_part() -> None:
    """Regression: 135 training texts had a validation or test film as their second."""
    texts = elm24.load(shipped_catalogue())
    held = {e.items["item"] for e in texts.examples if e.split != "train"}
    train, learned = texts.of("train"), texts.learned()
    assert len(train) - len(learned) == 135
    assert not any(held & set(example.items.values()) for example in learned)
    assert {e.items["item"] for e in learned} == {e.items["item"] for e in train}
