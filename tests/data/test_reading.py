"""Reading: one sentence, with file and line, for every defect."""

from pathlib import Path

import pytest

from data.errors import DataError
from data.reading import (
    Record,
    read_columns,
    read_json,
    read_jsonl,
    read_lines,
    read_rows,
    read_text,
    whole_numbers,
)


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "file.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_text(tmp_path: Path) -> None:
    assert read_text(write(tmp_path, "é")) == "é"
    assert read_text(write(tmp_path, b"\xe9"), "latin-1") == "é"
    with pytest.raises(DataError, match="absent does not exist"):
        read_text(tmp_path / "absent")
    with pytest.raises(DataError, match=r"file\.txt is empty"):
        read_text(write(tmp_path, " \n"))
    with pytest.raises(DataError, match=r"file\.txt is not UTF-8 text \(byte 2\)"):
        read_text(write(tmp_path, b"ab\xe9"))


def test_lines_keep_numbers_and_odd_signs(tmp_path: Path) -> None:
    path = write(tmp_path, "a\r\n\n b\u0085c\n")
    assert read_lines(path) == [(1, "a"), (3, " b\u0085c")]


def test_rows(tmp_path: Path) -> None:
    path = write(tmp_path, "1::x::more\n2::y\n")
    assert read_rows(path, ("id", "title"), "::") == [["1", "x", "more"], ["2", "y"]]
    with pytest.raises(DataError, match="line 2: column 'genres' is missing"):
        read_rows(path, ("id", "title", "genres"), "::")


def test_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "user_id:token\titem_id:token\tx\n1\t2\t3\n4\t5\t6\n")
    assert read_columns(path, ("item_id", "user_id")) == {
        "item_id": ["2", "5"],
        "user_id": ["1", "4"],
    }
    with pytest.raises(DataError, match="no column 'rating'; its columns are user_id, item_id, x"):
        read_columns(path, ("user_id", "rating"))
    with pytest.raises(DataError, match="line 2: 1 fields instead of 2"):
        read_columns(write(tmp_path, "a\tb\n1\n"), ("a",))
    with pytest.raises(DataError, match="no rows"):
        read_columns(write(tmp_path, "a\tb\n"), ("a",))


def test_whole_numbers(tmp_path: Path) -> None:
    assert whole_numbers(["3", "0"], "user_id", tmp_path).tolist() == [3, 0]
    with pytest.raises(DataError, match="row 3: user_id -1 is negative"):
        whole_numbers(["2", "-1"], "user_id", tmp_path, header_lines=1)
    with pytest.raises(DataError, match="row 1: user_id 'x' is not a whole number"):
        whole_numbers(["x"], "user_id", tmp_path)


def test_json(tmp_path: Path) -> None:
    assert read_json(write(tmp_path, "[1]")) == [1]
    with pytest.raises(DataError, match="line 2: not valid JSON"):
        read_json(write(tmp_path, "[1,\n"))
    assert [r.values for r in read_jsonl(write(tmp_path, '{"a": 1}\n\n{}\n'))] == [{"a": 1}, {}]
    with pytest.raises(DataError, match="line 3: not valid JSON"):
        read_jsonl(write(tmp_path, "{}\n\n{,}\n"))
    with pytest.raises(DataError, match="line 1: expected a JSON object, found list"):
        read_jsonl(write(tmp_path, "[]\n"))


def test_record() -> None:
    record = Record({"n": 1, "t": "x", "ids": [1, 2], "yes": True, "null": None}, "here")
    assert (record.integer("n"), record.text("t"), record.ids("ids")) == (1, "x", ("1", "2"))
    assert (record.optional_text("null"), record.optional_integer("absent")) == ("", None)
    for take, sentence in (
        (lambda: record.text("absent"), "here: 'absent' is missing"),
        (lambda: record.text("n"), "here: 'n' must be text, not 1"),
        (lambda: record.integer("yes"), "here: 'yes' must be a whole number, not True"),
        (lambda: record.texts("ids"), "here: 'ids' must be a list of texts"),
        (lambda: record.ids("t"), "here: 't' must be a list of ids"),
    ):
        with pytest.raises(DataError, match=sentence):
            take()
