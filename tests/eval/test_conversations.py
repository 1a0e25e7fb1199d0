import json
from pathlib import Path

import pytest

from app.engine import Engine
from data.conversations import RecommendationTurn
from eval.conversations import METHODS, evaluate, figures, listing
from eval.errors import EvalError
from tests.app import fakes
from tests.eval.talks import FILMS, film


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(fakes.parts())


def turn(message: str, *mentioned: str) -> RecommendationTurn:
    items = tuple(film(title) for title in mentioned)
    return RecommendationTurn("1/1", ("Hello!", message), items, (0,), 1)


def test_the_engine_goes_by_what_was_mentioned_and_by_the_last_message(engine: Engine) -> None:
    listed = listing(engine, turn("Something in space but no horror, please.", "Blade Runner"))
    assert film("Blade Runner") not in listed
    assert not any("Horror" in FILMS[item].genres for item in listed)
    assert len(listed) == len(set(listed))
    other = listing(engine, turn("Something in space but no horror, please.", "Grease"))
    assert other[:5] != listed[:5]
    assert listing(engine, turn("", "Grease"))  # nothing said yet is no reason to list nothing


def test_figures_by_hand() -> None:
    records = [
        {"recommended": ["1", "2"], "mentioned": ["2"], "listing": ["1", "3"]},
        {"recommended": ["9"], "mentioned": [], "listing": [str(n) for n in range(20, 28)] + ["9"]},
    ]
    found, n = figures(records)
    means = {name: figure["mean"] for name, figure in found.items()}
    assert n == 3
    assert means == {
        "R@1": 0.3333, "R@10": 0.6667, "R@50": 0.6667,
        "R@1 new": 0.5, "R@10 new": 1.0, "R@50 new": 1.0, "new": 0.6667,
    }  # fmt: skip


def test_turns_of_a_folder_are_scored(engine: Engine, tmp_path: Path) -> None:
    line = {
        "dialog_id": 1,
        "turn_id": 1,
        "context": ["I loved Alien"],
        "entity": ["Alien (1979)"],
        "rec": ["Aliens (1986)", "Jumanji (2017)"],
    }
    (tmp_path / "id2info.json").write_text("{}")
    path = tmp_path / "valid_data_processed.jsonl"
    path.write_text(json.dumps(line) + "\n")
    rows = evaluate(tmp_path, "validation", engine, tmp_path, tmp_path / "runs", tmp_path)
    assert [row["method"] for row in rows] == list(METHODS)
    for row in rows:
        assert row["dataset"] == "redial"
        assert row["coverage"] == 0.5
        assert row["n"] == row["turns"] == 1
        assert row["metrics"]["R@50"]["mean"] == 1.0
        assert str(tmp_path) not in json.dumps(row)
        assert (tmp_path / f"dialogue/redial-validation-{row['method']}.json").is_file()
    path.write_text(json.dumps(line | {"rec": ["Jumanji (2017)"]}) + "\n")
    with pytest.raises(EvalError, match="has none of the films recommended"):
        evaluate(tmp_path, "validation", engine, tmp_path, tmp_path / "runs", tmp_path)
