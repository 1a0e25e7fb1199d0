"""Reading text files and tables; every defect becomes one sentence with its file and line."""

import json
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import DataError

RESOURCES = Path(__file__).parent / "resources"


def read_text(path: Traversable, encoding: str = "utf-8") -> str:
    """The whole of a text file. DataError when it is absent, empty or in another encoding."""
    if not path.is_file():
        raise DataError(f"The file {path} does not exist.")
    try:
        text = path.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} is not {encoding.upper()} text (byte {error.start}); "
            f"save it as {encoding.upper()} and try again."
        ) from error
    if not text.strip():
        raise DataError(f"{path.name} is empty.")
    return text


def read_lines(path: Traversable, encoding: str = "utf-8") -> list[tuple[int, str]]:
    """The lines that are not blank, each with its number (from 1)."""
    # str.splitlines would also break at signs that stand inside titles, such as U+0085.
    lines = read_text(path, encoding).replace("\r\n", "\n").split("\n")
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def read_rows(
    path: Traversable, columns: Sequence[str], separator: str, encoding: str = "utf-8"
) -> list[list[str]]:
    """Rows of a table without a header line; `columns` names its first fields, others stay."""
    rows = []
    for number, line in read_lines(path, encoding):
        row = line.split(separator)
        if len(row) < len(columns):
            raise DataError(
                f"{path.name}, line {number}: column '{columns[len(row)]}' is missing "
                f"({len(row)} fields instead of {len(columns)})."
            )
        rows.append(row)
    return rows


def read_columns(
    path: Traversable, columns: Sequence[str], separator: str = "\t"
) -> dict[str, list[str]]:
    """Named columns of a table with a header line of `name` or `name:type` (RecBole's files)."""
    lines = read_lines(path)
    header = [name.split(":")[0] for name in lines[0][1].split(separator)]
    for column in columns:
        if column not in header:
            raise DataError(
                f"{path.name} has no column '{column}'; its columns are {', '.join(header)}."
            )
    if len(lines) == 1:
        raise DataError(f"{path.name} has a header line but no rows.")
    places = [header.index(column) for column in columns]
    table: dict[str, list[str]] = {column: [] for column in columns}
    for number, line in lines[1:]:
        row = line.split(separator)
        if len(row) != len(header):
            raise DataError(
                f"{path.name}, line {number}: {len(row)} fields instead of {len(header)}."
            )
        for column, place in zip(columns, places, strict=True):
            table[column].append(row[place])
    return table


def whole_numbers(
    values: Sequence[str], column: str, path: Traversable, header_lines: int = 0
) -> NDArray[np.int64]:
    """(n,) int64 of a column. DataError for anything that is not a whole number from 0 up."""
    numbers = np.empty(len(values), dtype=np.int64)
    for row, value in enumerate(values):
        try:
            number = int(value)
        except ValueError:
            raise DataError(
                f"{path.name}, row {row + 1 + header_lines}: {column} '{value}' "
                "is not a whole number."
            ) from None
        if number < 0:
            raise DataError(
                f"{path.name}, row {row + 1 + header_lines}: {column} {number} is negative."
            )
        numbers[row] = number
    return numbers


def read_json(path: Traversable) -> Any:
    """The content of a JSON file."""
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise DataError(
            f"{path.name}, line {error.lineno}: not valid JSON ({error.msg})."
        ) from error


def read_jsonl(path: Traversable) -> list["Record"]:
    """One `Record` a line."""
    records = []
    for number, line in read_lines(path):
        try:
            values = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"{path.name}, line {number}: not valid JSON ({error.msg}).") from error
        records.append(Record(values, f"{path.name}, line {number}"))
    return records


class Record:
    """A JSON object whose fields are checked as they are taken out.

    `where` says in words where it stands; every DataError begins with it.
    """

    def __init__(self, values: Any, where: str) -> None:
        if not isinstance(values, dict):
            raise DataError(f"{where}: expected a JSON object, found {type(values).__name__}.")
        self.values: dict[str, Any] = values
        self.where = where

    def _get(self, key: str, kind: type, what: str) -> Any:
        if key not in self.values:
            raise DataError(f"{self.where}: '{key}' is missing.")
        value = self.values[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise DataError(f"{self.where}: '{key}' must be {what}, not {value!r}.")
        return value

    def text(self, key: str) -> str:
        value: str = self._get(key, str, "text")
        return value

    def integer(self, key: str) -> int:
        value: int = self._get(key, int, "a whole number")
        return value

    def optional_text(self, key: str) -> str:
        """The text, or "" when the field is null or absent."""
        return "" if self.values.get(key) is None else self.text(key)

    def optional_integer(self, key: str) -> int | None:
        """The number, or None when the field is null or absent."""
        return None if self.values.get(key) is None else self.integer(key)

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._get(key, list, "a list of texts")
        if not all(isinstance(value, str) for value in values):
            raise DataError(f"{self.where}: '{key}' must be a list of texts.")
        return tuple(values)

    def ids(self, key: str) -> tuple[str, ...]:
        """A list of whole numbers, as the external ids they are."""
        values = self._get(key, list, "a list of ids")
        if not all(isinstance(value, int) and value >= 0 for value in values):
            raise DataError(f"{self.where}: '{key}' must be a list of ids (whole numbers).")
        return tuple(str(value) for value in values)
