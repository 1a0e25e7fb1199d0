"""The loop of both stages: a run that was killed and resumed is the run that was not."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cf.factors import Factors
from data.catalogue import Catalogue
from data.errors import IlmChatError
from data.splits import LeaveOneOut
from ilm.alignment import Alignment, alignment_data
from ilm.training import Loop, _schedule, batch_generator, train
from ilm.tuning import Tuning
from tests.ilm import test_alignment, test_tasks
from tests.ilm.conftest import MakeModel, assert_same_state, snapshot

Stage = Alignment | Tuning


@pytest.fixture(params=["alignment", "tuning"])
def make_stage(
    request: pytest.FixtureRequest,
    make_model: MakeModel,
    catalogue: Catalogue,
    split: LeaveOneOut,
    factors: Factors,
) -> Callable[[], Stage]:
    """A stage of eight steps over a fresh model, as a new process would make it."""

    def make() -> Stage:
        model = make_model(dropout=0.5)
        if request.param == "tuning":
            steps = {"rank": 3, "rank-users": 2, "generate-id": 2, "describe": 1}
            config = test_tasks.tuning_config(steps)
            return Tuning(model, config, test_tasks.all_tasks(model, split, factors), seed=0)
        settings = test_alignment.config(variant="IT-UI", epochs=1, batch_size=4)
        data = alignment_data(
            settings, catalogue, split.train, factors.users, model.text_tokenizer, 0
        )
        return Alignment(model, settings, data, 0)

    return make


def run(stage: Stage, loop: Loop) -> dict[str, Tensor]:
    finished = train(stage.model, stage.groups(), stage.step, loop)
    assert finished is (loop.stop_after is None)
    return snapshot(stage.model)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "losses.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("killed_after", [4, 5])
def test_a_resumed_run_equals_an_uninterrupted_one(
    make_stage: Callable[[], Stage], tmp_path: Path, killed_after: int
) -> None:
    whole, resumed = (Loop(tmp_path / name, 8, 0, "no", 4) for name in ("whole", "resumed"))
    fresh = snapshot(make_stage().model)
    expected = run(make_stage(), whole)
    interrupted = run(make_stage(), replace(resumed, stop_after=killed_after))
    torch.manual_seed(77)  # another process has another random state
    found = run(make_stage(), resumed)
    assert_same_state(found, expected)
    for other in (fresh, interrupted):
        assert any(not torch.equal(value, expected[name]) for name, value in other.items())
    # What is logged at the end is the same as well: means over what came since the last line.
    assert [line["step"] for line in lines(whole.folder)] == [8]
    assert [line["step"] for line in lines(resumed.folder)] == [killed_after, 8]
    # A finished stage is loaded, not trained again.
    assert_same_state(run(make_stage(), whole), expected)


def test_dropout_is_on_while_training(make_model: MakeModel, factors: Factors) -> None:
    """Without it the equality above would say nothing about random states."""
    model = make_model(dropout=0.5)
    model.train()
    history, user = np.array([1, 2, 3]), factors.users[:1]
    left, right = (model.rank_features([history], "So far: ") for _ in range(2))
    assert not torch.equal(left, right)
    left, right = (model.user_features(user, "This user: ") for _ in range(2))
    assert not torch.equal(left, right)


def test_losses_are_logged_by_name(make_stage: Callable[[], Stage], tmp_path: Path) -> None:
    stage = make_stage()
    run(stage, Loop(tmp_path, 8, 0, "no", 100))
    names = (
        {"rank", "rank-new", "users", "users-new", "generate-id", "describe"}
        if isinstance(stage, Tuning)
        else {"ITC", "ITM", "ITG", "UI"}
    )
    (line,) = lines(tmp_path)
    assert line.keys() == {"step", *names}


class Line(nn.Module):
    """y = w x, to be fitted to y = 3 x."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def step(self, number: int) -> dict[str, Tensor]:
        x = torch.from_numpy(batch_generator(0, number).normal(size=8)).float()
        return {"half": ((self.weight - 3) * x).square().mean() / 2, "other": 0 * self.weight.sum()}


def fit_line(loop: Loop, **other: Any) -> Line:
    line = Line()
    train(line, [{"params": list(line.parameters()), "lr": 0.1}], line.step, loop, **other)
    return line


def test_the_loop_minimises_the_sum_of_the_losses(tmp_path: Path) -> None:
    line = fit_line(Loop(tmp_path, 150, 0, "no", 1000))
    assert float(line.weight.detach()) == pytest.approx(3, abs=0.1)


def test_each_run_of_a_process_has_its_own_precision(tmp_path: Path) -> None:
    """The second one raised "restart your runtime completely"."""
    line = nn.Linear(1, 1)
    seen = []

    def step(_: int) -> dict[str, Tensor]:
        made = line(torch.ones(1, 1))
        seen.append(made.dtype)
        return {"line": made.float().square().mean()}

    groups = [{"params": line.parameters(), "lr": 0.1}]
    for precision in ("no", "bf16", "no"):
        assert train(line, groups, step, Loop(tmp_path / str(len(seen)), 1, 0, precision, 1))
    assert seen == [torch.float32, torch.bfloat16, torch.float32]


def test_the_callback_comes_with_every_checkpoint(tmp_path: Path) -> None:
    seen: list[int] = []
    fit_line(Loop(tmp_path, 7, 0, "no", 3), every=seen.append)
    assert seen == [3, 6, 7]
    progress = json.loads((tmp_path / "checkpoint" / "progress.json").read_text())
    assert progress == {"done": 7, "steps": 7, "seed": 0}
    assert not (tmp_path / "checkpoint.part").exists()


def test_a_log_of_an_earlier_run_without_checkpoint_is_begun_anew(tmp_path: Path) -> None:
    fit_line(Loop(tmp_path, 9, 0, "no", 5, stop_after=3))
    fit_line(Loop(tmp_path, 9, 0, "no", 5))
    assert [line["step"] for line in lines(tmp_path)] == [9]


@pytest.mark.parametrize("change", [{"steps": 12}, {"seed": 1}])
def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path, change: dict[str, int]) -> None:
    loop = Loop(tmp_path, 8, 0, "no", 4)
    fit_line(replace(loop, stop_after=4))
    with pytest.raises(IlmChatError, match=r"checkpoint of 8 steps with seed 0, and this run has"):
        fit_line(replace(loop, **change))  # type: ignore[arg-type]


def test_the_learning_rate_warms_up_and_decays() -> None:
    rates = [_schedule(done, 100) for done in range(100)]
    assert rates[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert all(left >= right for left, right in pairwise(rates[4:]))
    assert rates[-1] == pytest.approx(0.02)
    assert _schedule(0, 1) == 1


def test_batches_are_random_by_seed_and_position() -> None:
    draws = {
        float(batch_generator(*position).random()) for position in ((0, 1), (0, 2), (1, 1), (1, 2))
    }
    assert len(draws) == 4
    assert batch_generator(0, 1).random() == batch_generator(0, 1).random()
