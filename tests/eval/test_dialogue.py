import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import eval.__main__ as command
from app.engine import Engine
from eval import dialogue
from eval.dialogue import METHODS, Options, converse, evaluate
from eval.dialogue_metrics import figures, over_one_shot, ranks_by_turn, table, turns_to_success
from eval.faults import Inspector
from eval.metrics import UNRANKED
from eval.partners import Reply
from eval.speaking import Said, Speaker, World
from eval.transcripts import Record
from tests.app import fakes
from tests.eval.talks import FILMS, dataset, film, reply, viewer

WORLD = World(FILMS)


class Script:
    """A partner that gives prepared answers."""

    def __init__(self, *answers: Reply) -> None:
        self.answers = list(answers)
        self.heard: list[Said] = []

    def reply(self, said: Said) -> Reply:
        self.heard.append(said)
        return self.answers.pop(0)


def held(script: Script, target: str = "Contact", turns: int = 3) -> Record:
    speaker = Speaker(viewer(target, {"Alien": 5.0, "Heat": 1.0}), WORLD, 0)
    return converse(speaker, script, WORLD, Inspector(FILMS), turns)


def test_a_conversation_ends_when_the_target_is_on_a_card() -> None:
    second = replace(reply("Fargo"), listing=(film("Fargo"), 0, film("Contact")))
    script = Script(reply("Grease"), second, reply("Psycho", "Contact"), reply("Heat"))
    record = held(script, turns=5)
    assert [turn["rank"] for turn in record["turns"]] == [None, 3, 2]
    assert [turn["found"] for turn in record["turns"]] == [False, False, True]
    assert record["targets"] == [FILMS.ids[film("Contact")]]
    assert [turn["message"] for turn in record["turns"]] == [said.text for said in script.heard]
    assert len(script.answers) == 1


def test_patience_ends_after_so_many_turns() -> None:
    assert len(held(Script(*[reply("Grease")] * 9), turns=4)["turns"]) == 4


def test_the_other_entry_of_a_film_listed_twice_is_found_too() -> None:
    amy = film("Chasing Amy")
    speaker = Speaker(replace(viewer("Fargo", {}), targets=(amy + 1, amy)), WORLD, 0)
    record = converse(speaker, Script(reply("Chasing Amy")), WORLD, Inspector(FILMS), 3)
    assert record["turns"][0]["found"]


def test_repeats_are_of_films_shown_or_named_before() -> None:
    record = held(Script(reply("Heat"), reply("Alien"), reply("Heat")))
    faults = [turn["faults"] for turn in record["turns"]]
    assert faults[0] == []  # seen, but the viewer had not said so
    assert faults[1] == [["repeat", "Alien (1979)"]]  # loved in the first message
    assert faults[2] == [["repeat", "Heat (1995)"]]  # shown in the first answer


def turn(rank: int | None, *, found: bool = False, cards: tuple[str, ...] = ()) -> Record:
    return {"rank": rank, "found": found, "cards": list(cards), "faults": []}


RECORDS: list[Record] = [
    {"turns": [turn(None, cards=("1", "2")), turn(2, found=True, cards=("3", "4"))]},
    {"turns": [turn(7, cards=("1",)), turn(None), turn(10, cards=("9",))]},
    {"turns": [turn(1, found=True, cards=("1",))]},
]


def test_ranks_and_success_by_turn() -> None:
    far = UNRANKED
    expected = np.array([[far, 2, 2], [7, far, 10], [1, 1, 1]])
    np.testing.assert_array_equal(ranks_by_turn(RECORDS, 3), expected)
    np.testing.assert_array_equal(turns_to_success(RECORDS), [2, np.inf, 1])


def test_figures_by_hand() -> None:
    RECORDS[1]["turns"][1]["faults"] = [["no film", "x"], ["violation", "y"]]
    found = figures(RECORDS, 3, 10, {"1", "2", "3"})
    means = {name: figure["mean"] for name, figure in found["metrics"].items()}
    assert [means[f"success after {t}"] for t in (1, 2, 3)] == [0.3333, 0.6667, 0.6667]
    assert [means[f"recall@1 after {t}"] for t in (1, 2, 3)] == [0.3333] * 3
    assert [means[f"recall@5 after {t}"] for t in (1, 2, 3)] == [0.3333, 0.6667, 0.6667]
    assert [means[f"recall@10 after {t}"] for t in (1, 2, 3)] == [0.6667, 0.6667, 1.0]
    assert means["turns to success"] == 1.5
    assert means["novelty"] == pytest.approx((1 / 4 + 1 / 2 + 0) / 3, abs=1e-4)
    assert found["coverage"] == 0.5
    assert found["counts"] == {
        "turns": 6, "violation": 1, "repeat": 0, "invented": 0, "empty": 0, "no film": 1,
    }  # fmt: skip
    low, high = found["metrics"]["recall@10 after 3"]["interval"]
    assert low == high == 1.0


def test_how_many_times_the_one_shot() -> None:
    one_shot: list[Record] = [{"turns": [turn(None)] * 3}, {"turns": [turn(4)] * 3}]
    found = over_one_shot(RECORDS[:2], one_shot, 3)["recall@10 after 3 / one-shot"]
    assert found["mean"] == 2.0
    assert over_one_shot(RECORDS[:2], one_shot[:1] * 2, 3) == {}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(fakes.parts())


@pytest.fixture
def options(tmp_path: Path) -> Options:
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "model.safetensors").write_bytes(b"weights")
    return Options("validation", 4, 3, 0, weights, tmp_path / "runs")


def test_conversations_are_held_once_and_figures_come_from_the_file(
    engine: Engine, options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = evaluate(dataset(), engine, options, tmp_path)
    assert [row["method"] for row in rows] == list(METHODS)
    assert all(row["n"] == 4 for row in rows)
    assert rows[0]["counts"]["invented"] == 0
    assert json.loads((tmp_path / "dialogue/fake-validation-engine.json").read_text()) == rows[0]
    assert "--part validation --viewers 4 --turns 3 --seed 0" in rows[0]["command"]
    assert all(name in table(rows) for name in (*METHODS, "recall@10 after 3", "violation"))

    talked: list[str] = []
    partner_of = dialogue.partner_of

    def watched(method: str, engine: Engine, turns: int):  # type: ignore[no-untyped-def]
        talked.append(method)
        return partner_of(method, engine, turns)

    monkeypatch.setattr(dialogue, "partner_of", watched)
    assert evaluate(dataset(), engine, options, tmp_path) == rows
    assert talked == []
    more = evaluate(dataset(), engine, replace(options, count=6), tmp_path)
    assert talked == [method for method in METHODS for _ in range(2)]
    # The same as if all had been held in one go.
    assert more == evaluate(
        dataset(), engine, replace(options, count=6, runs=tmp_path / "other"), tmp_path
    )


def test_the_command(
    engine: Engine, options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "load", lambda weights: engine)
    monkeypatch.setattr(command, "load", lambda name: dataset())
    monkeypatch.setattr(command, "RESULTS", tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    arguments = ["--part", "test", "--viewers", "3", "--weights", options.weights.as_posix()]
    result = CliRunner().invoke(command.app, ["dialogue", *arguments])
    assert result.exit_code == 0, result.output
    assert "recall@10 after 5" in result.stdout
    assert len(list(Path("results/dialogue").glob("*.json"))) == len(METHODS)
    assert len(list(Path("runs/dialogue").glob("*.jsonl"))) == len(METHODS)
