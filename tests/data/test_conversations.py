import json
from pathlib import Path
from typing import Any

import pytest

from data.catalogue import Catalogue, Item
from data.conversations import FilmIndex, load, name_of
from data.errors import DataError

FILMS = Catalogue(
    "films",
    [
        Item("1", "The Birds", 1963, directors=("Alfred Hitchcock",)),
        Item("2", "Nikita (La Femme Nikita)", 1990, alternate_titles=("La Femme Nikita",)),
        Item("3", "Hamlet", 1948),
        Item("4", "Hamlet", 1996),
        Item("5", "Chasing Amy", 1997, directors=("Kevin Smith",)),
        Item("6", "Chasing Amy", 1997, directors=("Kevin Smith",)),
        Item("7", "Undated"),
    ],
)
TURN = {
    "dialog_id": "9",
    "turn_id": 2,
    "context": ["", "What do you like?", "I liked The Birds (1963)"],
    "entity": ["horror", "The Birds (1963)", "The Birds (1963)"],
    "rec": ["Hamlet (1996)", "Jumanji (2017)"],
    "resp": "Then Hamlet (1996).",
}


def folder(path: Path, *turns: dict[str, Any], info: object = None) -> Path:
    lines = "".join(json.dumps(turn) + "\n" for turn in turns)
    (path / "valid_data_processed.jsonl").write_text(lines)
    (path / "id2info.json").write_text(json.dumps(info or {"1": {"name": "Jumanji (2017)"}}))
    return path


@pytest.mark.parametrize(
    ("name", "year", "found"),
    [
        ("The Birds (1963)", None, 0),
        ("the birds", 1964, 0),
        ("The Birds (1965)", None, None),
        ("Nikita", 1990, 1),
        ("La Femme Nikita (1990)", None, 1),
        ("Hamlet (1996)", None, 3),
        ("Hamlet", 1947, 2),
        ("Hamlet", None, None),  # two films, and no telling which
        ("Chasing Amy", None, 4),
        ("Undated", None, 6),
        ("Undated", 1990, None),
        ("Jumanji (2017)", None, None),
    ],
)
def test_films_are_found_by_title_and_year(name: str, year: int | None, found: int | None) -> None:
    assert FilmIndex(FILMS).find(name, year) == found


def test_a_turn_of_redial(tmp_path: Path) -> None:
    (turn,) = load(folder(tmp_path, TURN, TURN | {"turn_id": 4, "rec": []}), "validation", FILMS)
    assert turn.id == "9/2"
    assert turn.mentioned == (0,)
    assert turn.recommended == (3,)
    assert turn.all_recommended == 2
    assert turn.seeker == ["I liked The Birds (1963)"]
    assert name_of(tmp_path) == "redial"


def test_opendialkg_has_its_years_apart(tmp_path: Path) -> None:
    (tmp_path / "entity2id.json").write_text("{}")
    info = {"1": {"name": "Hamlet", "year": "1948"}, "2": {"name": "Somebody"}}
    path = folder(tmp_path, TURN | {"rec": ["Hamlet"], "dialog_id": 9}, info=info)
    assert load(path, "validation", FILMS)[0].recommended == (2,)
    assert name_of(tmp_path) == "opendialkg"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rec": "Hamlet"}, "line 1: 'rec' must be a list of texts"),
        ({"turn_id": "two"}, "line 1: 'turn_id' must be a whole number"),
    ],
)
def test_a_line_that_is_no_turn(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(folder(tmp_path, TURN | change), "validation", FILMS)


def test_missing_files_and_turns_that_occur_twice(tmp_path: Path) -> None:
    folder(tmp_path, TURN, TURN)
    with pytest.raises(DataError, match=r"line 2: turn 9/2 occurs twice"):
        load(tmp_path, "validation", FILMS)
    with pytest.raises(DataError, match=r"has no test_data_processed\.jsonl"):
        load(tmp_path, "test", FILMS)
    folder(tmp_path, TURN, info=["no object"])
    with pytest.raises(DataError, match="must be a JSON object"):
        load(tmp_path, "validation", FILMS)
