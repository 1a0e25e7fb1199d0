"""What a run makes, on disk: one JSON object a line, the first one says what the run was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.errors import EvalError

Record = dict[str, Any]


@dataclass
class Transcripts:
    """A file of records with a `key` each, to which what is missing can be added.

    about: what the run is; files of other runs are not read. made: the commit and the machine that
    the records come from, which a file does not mix, but which may be others by now.
    """

    path: Path
    about: Record
    made: Record
    key: str
    records: list[Record]

    @classmethod
    def at(
        cls, path: Path, about: Record, made: Record, key: str, *, again: bool = False
    ) -> Transcripts:
        """What is on disk of a run; an unfinished last line is dropped.

        again: begin anew whatever is there.

        Raises:
            EvalError: when the file is of another run, or cannot be read.
        """
        if again or not path.is_file():
            return cls(path, about, made, key, [])
        # Not splitlines: a text may hold signs that it takes for line ends.
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
        held: list[Record] = []
        for number, line in enumerate(lines, 1):
            try:
                held.append(json.loads(line))
            except ValueError as error:
                if number < len(lines):
                    raise EvalError(
                        f"{path}, line {number} is no JSON ({error}): make it again with --again."
                    ) from error
        if not held:
            return cls(path, about, made, key, [])
        first, records = held[0], held[1:]
        different = [name for name in about if first.get(name) != about[name]]
        if different or any(key not in record for record in records):
            raise EvalError(
                f"{path} is of another run ({', '.join(different) or f'no {key}'} differ): use "
                "another folder with --runs, or make it again with --again."
            )
        return cls(path, about, {name: first.get(name) for name in made}, key, records)

    def missing(self, keys: Sequence[str]) -> list[str]:
        """Those of `keys` that have no record yet, in order."""
        there = {record[self.key] for record in self.records}
        return [key for key in keys if key not in there]

    def add(self, records: Iterator[Record], made: Record) -> None:
        """Take records as they come and write each at once.

        What is there is written anew first, which leaves out an unfinished line.

        Raises:
            EvalError: when records that are there were made by other code or on another machine.
        """
        if self.records and self.made != made:
            raise EvalError(
                f"{self.path} holds {len(self.records)} records of another commit or machine "
                "and lacks some: make it again with --again."
            )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("w", encoding="utf-8") as file:
            for record in (self.about | self.made, *self.records):
                file.write(_line(record))
            file.flush()
            for record in records:
                file.write(_line(record))
                file.flush()
                self.records.append(record)

    def chosen(self, keys: Sequence[str]) -> list[Record]:
        """The records of `keys`, in that order."""
        by_key = {record[self.key]: record for record in self.records}
        return [by_key[key] for key in keys]


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
