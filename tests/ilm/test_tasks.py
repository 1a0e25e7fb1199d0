"""Stage 2: what a task may show the model, what it asks for, and what a step may change."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from data.elm24 import Elm24, Example, Task
from data.errors import IlmChatError
from data.interactions import Interactions
from data.splits import LeaveOneOut, leave_one_out
from ilm.config import TuningConfig
from ilm.llm import FrozenLLM
from ilm.model import ItemLanguageModel
from ilm.splice import Spliced
from ilm.tasks import (
    DescribeTask,
    GenerateIdTask,
    RankTask,
    StepTask,
    answer_loss,
    chat_segments,
    random_indexing,
)
from ilm.training import Loop, train
from ilm.tuning import Tuning
from prompts.templates import Placeholder, Segment
from tests.ilm.conftest import MakeModel, assert_same_state, snapshot

LENGTHS = (4, 5, 9, 14, 24)
"""Of five users, none of whom shares an item with another: what is held out of a user's training
items is in nobody's."""


@pytest.fixture
def apart() -> LeaveOneOut:
    n = sum(LENGTHS)
    return leave_one_out(
        Interactions(
            np.repeat(np.arange(5), LENGTHS).astype(np.int32),
            np.arange(n, dtype=np.int32),
            np.arange(n, dtype=np.int64),
            None,
            tuple("abcde"),
            n,
        )
    )


class Oracle:
    """In place of a model: is sure of the item that follows in the data above, and keeps what it
    was shown."""

    def __init__(self, n_items: int, history: int) -> None:
        self.config = SimpleNamespace(history=history)
        self.rankable = torch.ones(n_items, dtype=torch.bool)
        self.shown: list[list[int]] = []

    def rank_logits(self, histories: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        self.shown += [list(history) for history in histories]
        longest = max(len(history) for history in histories)
        logits = torch.zeros(len(histories), longest + 1, len(self.rankable))
        mask = torch.zeros(len(histories), longest + 1, dtype=torch.bool)
        for row, history in enumerate(histories):
            mask[row, : len(history) + 1] = True
            for seen in range(len(history) + 1):
                following = history[seen - 1] + 1 if seen else history[0]
                logits[row, seen, following] = 50.0
        return logits, mask


def rank_task(split: LeaveOneOut, history: int = 6) -> tuple[RankTask, Oracle]:
    oracle = Oracle(split.train.n_items, history)
    model: Any = oracle
    return RankTask(model, split.train, 2, seed=0), oracle


def test_rank_asks_for_the_next_item_at_every_position(apart: LeaveOneOut) -> None:
    task, _ = rank_task(apart)
    for number in range(4 * task.batches_per_epoch):
        assert float(task.losses(number)["rank"]) < 1e-3


def test_rank_windows_hold_training_items_alone_and_are_histories(apart: LeaveOneOut) -> None:
    task, oracle = rank_task(apart)
    for number in range(6 * task.batches_per_epoch):
        task.losses(number)
    held_out = {*apart.validation.tolist(), *apart.test.tolist()}
    sequences = [sequence.tolist() for sequence in apart.train.sequences()]
    for history in oracle.shown:
        # The item asked for last follows the history, so it must be a training item as well.
        window = [*history, history[-1] + 1]
        assert not held_out & set(window)
        assert any(set(window) <= set(sequence) for sequence in sequences)
        assert window == sorted(window)
        assert len(history) <= 6


def test_rank_windows_of_an_epoch_do_not_overlap_and_move(apart: LeaveOneOut) -> None:
    task, _ = rank_task(apart)
    cuts = set()
    for epoch in range(5):
        windows = [window for batch in task.batches(epoch) for window in batch]
        asked = [(row, at) for row, start, end in windows for at in range(start, end)]
        assert len(asked) == len(set(asked))
        for row, sequence in enumerate(task.sequences):
            # At most half a window is left out at the newest end, and one item at the oldest.
            assert sum(at[0] == row for at in asked) >= min(len(sequence), len(sequence) - 3)
        cuts.add(tuple(sorted(windows)))
    assert len(cuts) > 1


def test_an_item_that_cannot_be_ranked_costs_nothing(apart: LeaveOneOut) -> None:
    task, oracle = rank_task(apart)
    oracle.rank_logits = lambda histories: (  # type: ignore[method-assign]
        torch.zeros(len(histories), max(map(len, histories)) + 1, 56),
        torch.ones(len(histories), max(map(len, histories)) + 1, dtype=torch.bool),
    )
    assert float(task.losses(0)["rank"]) == pytest.approx(math.log(56), abs=1e-4)
    oracle.rankable[list(apart.test)] = False
    assert float(task.losses(0)["rank"]) == pytest.approx(math.log(51), abs=1e-4)


class Spy:
    """Keeps the prompts and answers that a model is given, and does as before."""

    def __init__(self, model: ItemLanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
        self.prompts: list[list[Segment]] = []
        self.answers: list[str] = []
        self._splice = model.splice
        monkeypatch.setattr(model, "splice", self)

    def __call__(self, prompts: Any, answers: Sequence[str], **other: Any) -> Spliced:
        self.prompts += [list(prompt) for prompt in prompts]
        self.answers += answers
        return self._splice(prompts, answers=answers, **other)


def test_generate_id_asks_for_the_next_training_item_and_does_not_show_it(
    make_model: MakeModel, split: LeaveOneOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model()
    ids = random_indexing(20, seed=0)
    task = GenerateIdTask(model, split.train, "tiny", ids, 4, seed=0)
    spy = Spy(model, monkeypatch)
    for number in range(10):
        assert torch.isfinite(task.losses(number)["generate-id"])
    sequences = [sequence.tolist() for sequence in split.train.sequences()]
    assert len(spy.prompts) == 40
    for prompt, answer in zip(spy.prompts, spy.answers, strict=True):
        words = "".join(part for part in prompt if isinstance(part, str))
        (history,) = [part.items for part in prompt if isinstance(part, Placeholder)]
        target = ids.index(answer.removeprefix("tiny "))
        assert ids[target] not in words
        assert target not in history
        users = [row for row, s in enumerate(sequences) if s[: len(history)] == list(history)]
        assert any(sequences[user][len(history)] == target for user in users)
        assert any(f"user_{split.train.user_ids[user]}" in words for user in users)
        assert words.startswith("<|im_start|>user\n")
        assert words.endswith("<|im_end|>\n<|im_start|>assistant\n")


def tiny_elm() -> Elm24:
    one = Task("pitch", "Sell {item} in a sentence.", (3, 9), None)
    two = Task("compare", "{item} or {other}?", (3, 9), "other")
    examples = [Example("pitch", {"item": n}, f"pitch {n}", "train") for n in range(5)]
    examples += [Example("compare", {"item": 1, "other": 2}, "compare 1 2", "train")]
    examples += [Example("pitch", {"item": 9}, "validation text", "validation")]
    examples += [Example("pitch", {"item": 8}, "test text", "test")]
    return Elm24({"pitch": one, "compare": two}, tuple(examples))


def test_describe_shows_every_training_text_once_an_epoch_and_no_other(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model()
    task = DescribeTask(model, tiny_elm(), 2, seed=0)
    spy = Spy(model, monkeypatch)
    orders = []
    for epoch in range(2):
        spy.answers.clear()
        for number in range(3):
            task.losses(3 * epoch + number)
        assert sorted(spy.answers) == sorted(["compare 1 2", *(f"pitch {n}" for n in range(5))])
        orders.append(tuple(spy.answers))
    assert orders[0] != orders[1]
    place = spy.answers.index("compare 1 2")
    assert [p for p in spy.prompts[-6:][place] if isinstance(p, Placeholder)] == [
        Placeholder("item", (1,)),
        Placeholder("other", (2,)),
    ]


@torch.no_grad()
def test_the_loss_falls_on_answer_tokens_and_the_end_alone(model: ItemLanguageModel) -> None:
    prompts = [
        chat_segments(model, ["Sell ", Placeholder("item", (2,)), "."]),
        chat_segments(model, ["And now for something longer: ", Placeholder("item", (3, 4)), "?"]),
    ]
    answers = ["a rather long answer", "no"]
    slow = []
    for prompt, answer in zip(prompts, answers, strict=True):
        alone = model.splice([prompt], answers=[answer])
        log_p = model.llm.logits(alone.embeds, alone.mask)[0].log_softmax(-1)
        written = [*model.llm.token_ids(answer), model.llm.eos_id]
        start = alone.mask.shape[1] - len(written)
        losses = [-float(log_p[start + at - 1, token]) for at, token in enumerate(written)]
        slow.append(losses)
        assert float(answer_loss(model, alone)) == pytest.approx(np.mean(losses), abs=1e-4)
    batch = model.splice(prompts, answers=answers)
    assert not batch.mask.all()
    assert float(answer_loss(model, batch)) == pytest.approx(
        np.mean([*slow[0], *slow[1]]), abs=1e-4
    )


def test_random_indexing_gives_every_item_an_id_of_its_own() -> None:
    ids = random_indexing(30, seed=1)
    assert sorted(ids) == [f"item_{1001 + n}" for n in range(30)]
    assert ids != sorted(ids)
    assert ids == random_indexing(30, seed=1) != random_indexing(30, seed=2)
    with pytest.raises(IlmChatError, match="empty catalogue"):
        random_indexing(0, seed=0)


def all_tasks(model: ItemLanguageModel, split: LeaveOneOut) -> dict[str, StepTask]:
    ids = random_indexing(20, seed=0)
    return {
        "rank": RankTask(model, split.train, 3, seed=0),
        "generate-id": GenerateIdTask(model, split.train, "tiny", ids, 2, seed=0),
        "describe": DescribeTask(model, tiny_elm(), 2, seed=0),
    }


def tuning_config(steps: Mapping[str, int]) -> TuningConfig:
    return TuningConfig.model_validate(
        {
            "steps": steps,
            "batch_size": dict.fromkeys(steps, 2),
            "learning_rate": 1e-2,
            "encoder_learning_rate": 1e-3,
        }
    )


def storages(tensors: Sequence[Tensor]) -> set[int]:
    return {tensor.untyped_storage().data_ptr() for tensor in tensors}


@pytest.mark.parametrize("name", ["rank", "generate-id", "describe"])
def test_a_step_changes_what_is_trained_and_never_the_llm(
    make_model: MakeModel, llm: FrozenLLM, split: LeaveOneOut, tmp_path: Path, name: str
) -> None:
    model = make_model()
    tuning = Tuning(model, tuning_config({name: 1}), all_tasks(model, split), seed=0)
    groups = tuning.groups()
    theirs = storages(list(llm.model.state_dict().values()))
    trained: list[Tensor] = [p for group in groups for p in group["params"]]  # type: ignore[attr-defined]
    assert not theirs & storages(trained)
    assert not theirs & storages(list(model.state_dict().values()))
    assert not theirs & storages(list(model.parameters()))
    before, own = snapshot(llm.model), snapshot(model)
    assert train(model, groups, tuning.step, Loop(tmp_path, 1, 0, "no", 10))
    assert_same_state(snapshot(llm.model), before)
    assert not llm.model.training
    assert all(parameter.grad is None for parameter in llm.model.parameters())
    changed = {n for n, value in snapshot(model).items() if not torch.equal(value, own[n])}
    assert any(n.startswith("encoder.network.") for n in changed)
    assert ("ranking.bias" in changed) is (name == "rank")
    used = {"rank": "history_adapter", "generate-id": "history_adapter", "describe": "adapter"}
    assert f"{used[name]}.weight" in changed
    assert not any(n.startswith("encoder.words.") for n in changed)


def test_every_trained_parameter_is_in_one_group(make_model: MakeModel, split: LeaveOneOut) -> None:
    model = make_model()
    tuning = Tuning(model, tuning_config({"rank": 1}), all_tasks(model, split), seed=0)
    listed = [id(p) for group in tuning.groups() for p in group["params"]]  # type: ignore[attr-defined]
    assert len(listed) == len(set(listed))
    assert set(listed) == {id(p) for p in model.parameters() if p.requires_grad}


def test_the_schedule_holds_every_step_once(model: ItemLanguageModel, split: LeaveOneOut) -> None:
    steps = {"rank": 5, "generate-id": 3, "describe": 2}
    tuning = Tuning(model, tuning_config(steps), all_tasks(model, split), seed=0)
    assert tuning.steps == 10
    for name, count in steps.items():
        numbers = [n for n, at in zip(tuning.number, tuning.schedule, strict=True) if at == name]
        assert numbers == list(range(count))
    assert tuning.schedule != sorted(tuning.schedule)


def test_a_task_without_data_is_refused(model: ItemLanguageModel) -> None:
    with pytest.raises(IlmChatError, match=r"'describe'.*set their steps to 0"):
        Tuning(model, tuning_config({"describe": 2}), {}, seed=0)
    assert Tuning(model, tuning_config({"describe": 0}), {}, seed=0).steps == 0
