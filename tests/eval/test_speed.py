import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

import eval.__main__ as command
from data.dataset import Dataset
from data.splits import LeaveOneOut
from eval import costs, speed_ranking, speed_writing
from eval.errors import EvalError
from eval.speed import Figure, Goal, Setting, alternate, row, save, table
from eval.speed_catalogue import growth, nearest
from eval.speed_ranking import aligning, counted, many_users, one_user
from eval.speed_writing import compared, quality, writing
from ilm.config import AlignmentConfig
from ilm.decoder import Decoder
from ilm.llm import FrozenLLM
from ilm.tasks import RankTask
from tests.ilm.conftest import (
    MakeModel,
    catalogue,
    encoder_folder,
    factors,
    ids,
    llm,
    llm_folder,
    make_model,
    signals,
    split,
)

__all__ = [
    "catalogue",
    "encoder_folder",
    "factors",
    "ids",
    "llm",
    "llm_folder",
    "make_model",
    "signals",
    "split",
]


@pytest.fixture
def setting(make_model: MakeModel, tiny_dataset: Dataset) -> Setting:
    """Of a tiny model, nothing of it loaded from anywhere."""
    made = Setting(Path("nowhere"), repeats=2)
    made.__dict__.update(model=make_model(), dataset=tiny_dataset)
    return made


@pytest.fixture
def figure() -> Figure:
    rounds = {"ours": [1.0, 2.0, 3.0], "slow": [4.0, 20.0, 9.0], "quick": [0.5, 1.0, 1.5]}
    goals = (Goal("slow", least=4), Goal("quick", least=0.8), Goal("absent", least=9), Goal(most=2))
    return Figure("thing", "a thing", "s", rounds, goals, {"n": 1})


# -- figures ------------------------------------------------------------------------------------


def test_sides_take_turns_in_both_orders_after_a_round_that_does_not_count() -> None:
    ran: list[str] = []

    def side(name: str) -> Any:
        def run() -> int:
            ran.append(name)
            return len(ran)

        return run

    found = alternate({"a": side("a"), "b": side("b")}, 3)
    assert "".join(ran) == "ab" + "ab" + "ba" + "ab"
    assert found == {"a": [3, 6, 7], "b": [4, 5, 8]}


def test_a_ratio_is_taken_round_by_round(figure: Figure) -> None:
    # Medians of each would give 9 / 2: a round in which the machine was busy says nothing.
    assert figure.ratio("slow") == 4.0
    assert figure.ours == 2.0


def test_goals_are_judged_where_their_peer_was_there(figure: Figure) -> None:
    judged = [(str(goal), met) for goal, met in figure.judged()]
    assert judged == [
        ("at least 4 x slow", True),
        ("at least 0.8 x quick", False),
        ("at most 2", True),
    ]


def test_a_row_holds_what_was_measured_and_where(figure: Figure, tmp_path: Path) -> None:
    path = save(figure, "python -m eval speed", tmp_path)
    assert path == tmp_path / "speed" / "thing.json"
    found = json.loads(path.read_text())
    assert found == json.loads(json.dumps(row(figure, "python -m eval speed")))
    assert found["ours"] == {"median": 2.0, "low": 1.5, "high": 2.5}
    assert found["peers"]["slow"]["ratio"] == 4.0
    assert found["goals"][1] == {"goal": "at least 0.8 x quick", "reached": False}
    assert found["n"] == 3
    assert {"commit", "machine", "threads", "details", "unit"} <= found.keys()


def test_the_table_has_a_line_for_each_peer(figure: Figure) -> None:
    alone = Figure("other", "another", "MB", {"ours": [7.0]}, (Goal(most=5),))
    lines = table([figure, alone]).splitlines()[2:]
    assert lines == [
        "| a thing | 2 s (1.5 to 2.5) | slow 9 s (6.5 to 14.5) | 4 | "
        "at least 4 x slow: yes; at most 2: yes |",
        "|  |  | quick 1 s (0.75 to 1.25) | 0.5 | at least 0.8 x quick: NO |",
        "| another | 7 MB |  |  | at most 5: NO |",
    ]


def test_histories_are_the_newest_items_of_those_who_have_so_many(setting: Setting) -> None:
    sequences = setting.dataset.interactions.sequences()
    found = setting.histories(4)
    assert found == [items.tolist()[-4:] for items in sequences if len(items) >= 4]
    with pytest.raises(EvalError, match="Nobody in tiny has 9999 items"):
        setting.histories(9999)


# -- what is measured ---------------------------------------------------------------------------


def test_writing_is_timed_on_both_sides(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed_writing, "HISTORY", 3)
    monkeypatch.setattr(speed_writing, "WORDS", 5)
    decoding, first = writing(setting)
    assert (decoding.name, first.name) == ("decoding", "first-token")
    for found in (decoding, first):
        assert {"ours", "transformers"} <= found.rounds.keys()
        assert all(len(r) == 2 and min(r) > 0 for r in found.rounds.values())
    assert first.details["prompt_tokens"] > 100  # bytes of a question


def test_the_fast_decoder_is_compared_token_by_token(
    llm: FrozenLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["a text", "and another, longer one"]
    plain = Decoder(llm.model, packed=False)
    monkeypatch.setattr(llm, "decoder", lambda: plain)
    exact, ours, same, count = compared(llm, texts)
    assert count == same == sum(len(text) - 1 for text in texts)
    assert ours == pytest.approx(exact, rel=1e-5)
    by_hand = 0.0
    for text in texts:
        tokens = torch.tensor([llm.token_ids(text)])
        with torch.no_grad():
            loss = llm.model(input_ids=tokens, labels=tokens).loss
        by_hand += float(loss) * (len(text) - 1)
    assert exact == pytest.approx(by_hand, rel=1e-5)
    worse = Decoder(llm.model, packed=False)
    worse.norm = worse.norm * 0.1
    monkeypatch.setattr(llm, "decoder", lambda: worse)
    assert abs(compared(llm, texts)[1] - exact) > 0.1 * exact


def test_what_is_lost_is_stated(setting: Setting) -> None:
    (found,) = quality(setting)
    assert found.goals == (Goal(most=1.0),)
    assert found.details["tokens"] > 100


def test_ranking_is_timed_on_both_sides(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed_ranking, "HISTORY", 3)
    monkeypatch.setattr(speed_ranking, "USERS", 40)
    for (found,) in (one_user(setting), many_users(setting)):
        assert len(found.rounds) == 2
        assert all(len(r) == 2 and min(r) > 0 for r in found.rounds.values())


def test_tokens_of_an_epoch_are_those_that_the_llm_reads(
    make_model: MakeModel, split: LeaveOneOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model()
    task = RankTask(model, split.train, 4, seed=0)
    read, asked = 0, 0

    def hidden(embeds: torch.Tensor, mask: Any, layers: int) -> torch.Tensor:
        nonlocal read
        read += embeds.shape[0] * embeds.shape[1]
        return torch.zeros_like(embeds)

    def logits(features: torch.Tensor, question: str) -> torch.Tensor:
        nonlocal asked
        asked += len(features) if question == "next" else 0
        return torch.zeros(len(features), model.n_items)

    monkeypatch.setattr(model.llm, "hidden", hidden)
    monkeypatch.setattr(model, "rank_logits", logits)
    monkeypatch.setattr(task, "openings", task.openings[:1])
    for number in range(len(task.batches(0))):
        task.losses(number)
    opening = len(model.llm.token_ids(task.openings[0]))
    together, alone, targets = counted(task, opening, model.config.history)
    assert (together, targets) == (read, asked)
    # Each target after the opening alone at least, and after no more than a whole history.
    assert opening * targets < alone <= (opening + model.config.history) * targets


def test_growth_compares_the_ends(setting: Setting) -> None:
    (found,) = growth(setting, sizes=(20, 40, 50))
    assert "top 10 of 50 items, times that of 20" in found.cost
    assert list(found.details["seconds"]) == ["20", "40", "50"]
    assert [len(r) for r in found.rounds.values()] == [2, 2]


def test_the_best_are_found_beside_the_product(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cf.nearest.LARGE", 500)
    small, large, loading = nearest(setting, sizes=(200, 2000))
    assert small.details["recall"] == 1.0
    assert 0.95 <= large.details["recall"] <= 1.0
    assert f"{100 * large.details['recall']:.1f} % of them found" in large.cost
    assert [goal.peer for goal in large.goals] == ["exact product"]
    assert [len(rounds) for rounds in large.rounds.values()] == [2, 2]
    assert loading.judged() == [(Goal(most=5.0), True)]


# -- the command --------------------------------------------------------------------------------


def test_the_command_measures_what_is_asked_for_and_keeps_it(
    figure: Figure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "RESULTS", tmp_path)
    asked: list[Setting] = []

    def measure(setting: Setting) -> list[Figure]:
        asked.append(setting)
        return [figure]

    monkeypatch.setattr(speed_writing, "quality", measure)
    arguments = ["speed", "--only", "quality", "--repeats", "4"]
    result = CliRunner().invoke(command.app, [*arguments, "--no-save"])
    assert result.exit_code == 0, result.output
    assert table([figure]) in result.stdout
    assert asked[0].repeats == 4
    assert not list(tmp_path.iterdir())
    assert CliRunner().invoke(command.app, arguments).exit_code == 0
    kept = json.loads((tmp_path / "speed" / "thing.json").read_text())
    assert kept["command"] == "python -m eval speed --only quality --repeats 4"


def test_an_unknown_measure_is_a_sentence() -> None:
    result = CliRunner().invoke(command.app, ["speed", "--only", "light"])
    assert isinstance(result.exception, EvalError)
    assert "nothing to measure called 'light': writing, quality" in str(result.exception)


def test_a_step_of_stage_1_is_taken_apart(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    alignment = AlignmentConfig(
        variant="IT-UI",
        epochs=1,
        batch_size=4,
        pair_batch_size=8,
        learning_rate=1e-3,
        fresh_learning_rate=1e-3,
        max_tokens=8,
        held_out=0.0,
    )
    monkeypatch.setattr(
        speed_ranking, "method_config", lambda *_: SimpleNamespace(alignment=alignment)
    )
    before = {name: value.clone() for name, value in setting.model.state_dict().items()}
    (figure,) = aligning(setting)
    assert figure.details["turns"] == ["IT", "UI"]
    assert all(0 < share < 100 for share in figure.rounds["ours"])
    assert len(figure.rounds["ours"]) == len(figure.details["seconds"]) == 2
    # It learns nothing and leaves the model at rest.
    assert not setting.model.training
    assert all(p.grad is None for p in setting.model.parameters())
    for name, value in setting.model.state_dict().items():
        assert torch.equal(value, before[name])
