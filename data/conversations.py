"""Recommendation dialogues between people, with the films that were recommended in each turn.

Reads the files that conversational recommenders share of ReDial (Li et al. 2018, CC BY 4.0) and
OpenDialKG (Moon et al. 2019, CC BY-NC 4.0): `PART_data_processed.jsonl`, a turn a line, and
`id2info.json`, what is known of the films. Neither is shipped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from data.catalogue import Catalogue
from data.errors import DataError
from data.reading import Record, read_json, read_jsonl
from data.titles import split_year, title_forms

FILES = {"train": "train", "validation": "valid", "test": "test"}
_NEAR = 1  # years that two sources may differ about one film


@dataclass(frozen=True)
class RecommendationTurn:
    """One answer in which somebody recommended films.

    id: dialogue and turn. messages: what was said before, oldest first, the seeker's last. Films
    are dense indices, each once: mentioned (before), recommended. all_recommended: how many films
    were, those that the catalogue lacks among them.
    """

    id: str
    messages: tuple[str, ...]
    mentioned: tuple[int, ...]
    recommended: tuple[int, ...]
    all_recommended: int

    @property
    def seeker(self) -> list[str]:
        """What the one who is answered said, oldest first: every second message from the last."""
        return [message for message in self.messages[::-2][::-1] if message.strip()]


def name_of(folder: Path) -> str:
    """ "opendialkg" for a folder with its knowledge graph, else "redial"."""
    return "opendialkg" if (folder / "entity2id.json").is_file() else "redial"


def load(folder: Path, part: str, catalogue: Catalogue) -> list[RecommendationTurn]:
    """All turns of a part ("train", "validation", "test") in which a film was recommended.

    Raises:
        DataError: for a missing file, a line that is no such turn, and a turn that occurs twice.
    """
    path = folder / f"{FILES[part]}_data_processed.jsonl"
    if not path.is_file():
        raise DataError(
            f"{folder} has no {path.name}: name a folder of ReDial or OpenDialKG that has the "
            f"{part} part, or another --part."
        )
    films = FilmIndex(catalogue)
    years = _years(folder / "id2info.json")

    def found(names: Iterable[str]) -> tuple[int, ...]:
        items = (films.find(name, years.get(name)) for name in names)
        return tuple(dict.fromkeys(item for item in items if item is not None))

    turns: dict[str, RecommendationTurn] = {}
    for record in read_jsonl(path):
        names = dict.fromkeys(record.texts("rec"))
        id = f"{record.values.get('dialog_id')}/{record.integer('turn_id')}"
        if id in turns:
            raise DataError(f"{record.where}: turn {id} occurs twice.")
        turns[id] = RecommendationTurn(
            id, record.texts("context"), found(record.texts("entity")), found(names), len(names)
        )
    return [turn for turn in turns.values() if turn.all_recommended]


class FilmIndex:
    """Films of a catalogue by title and year."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._by_title: dict[str, list[int]] = defaultdict(list)
        for index, item in enumerate(catalogue):
            forms = {*title_forms(item.title), item.title, *item.alternate_titles}
            for form in {_letters(form) for form in forms}:
                self._by_title[form].append(index)

    def find(self, name: str, year: int | None = None) -> int | None:
        """The film of that title and of a year at most one apart, the nearest; None if there is
        none. The year may stand in the name: `Fargo (1996)`. Without any, the title has to be one
        film's alone.
        """
        title, stated = split_year(name)
        year = stated if stated is not None else year
        held = self._by_title.get(_letters(title), [])
        if year is None:
            films = {min(self._catalogue.with_twins([item])) for item in held}
            return films.pop() if len(films) == 1 else None
        apart = {
            item: abs(known - year)
            for item in held
            if (known := self._catalogue[item].year) is not None and abs(known - year) <= _NEAR
        }
        return min(apart, key=lambda item: (apart[item], item), default=None)


def _years(path: Path) -> dict[str, int]:
    """Name of a film -> its year, where the file says one."""
    info = read_json(path)
    if not isinstance(info, dict):
        raise DataError(f"{path.name} must be a JSON object of films by id.")
    records = [Record(film, f"{path.name}, film {id}") for id, film in info.items()]
    years = {record.text("name"): record.optional_text("year") for record in records}
    return {name: int(year) for name, year in years.items() if year.isdecimal()}


def _letters(title: str) -> str:
    return "".join(sign for sign in title.casefold() if sign.isalnum())
