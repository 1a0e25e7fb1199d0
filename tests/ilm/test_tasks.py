"""Stage 2: what a task may show the model, what it asks for, and what a step may change."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from cf.factors import Factors
from data.elm24 import Elm24, Example, Task
from data.errors import IlmChatError
from data.splits import LeaveOneOut
from ilm.config import TuningConfig, method_config
from ilm.llm import FrozenLLM
from ilm.model import ItemLanguageModel
from ilm.qformer import QFormer
from ilm.splice import Spliced
from ilm.tasks import (
    DescribeTask,
    GenerateIdTask,
    RankTask,
    RankUsersTask,
    StepTask,
)
from ilm.training import Loop, train
from ilm.tuning import Tuning
from ilm.writing import answer_loss, best, chat_segments, elm_prompt
from prompts.openp5 import load_templates
from prompts.templates import Placeholder, Segment
from tests.ilm.conftest import MakeModel, assert_same_state, snapshot


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


Shown = tuple[list[int], list[int], int, str]
"""History, listed candidates, target, and the words of the prompt."""


def shown(spy: Spy, model: ItemLanguageModel) -> list[Shown]:
    """What each prompt of `generate-id` held."""
    texts = {text: item for item, text in model.ids.texts.items()}
    found = []
    for prompt, answer in zip(spy.prompts, spy.answers, strict=True):
        history, *listed = [part.items for part in prompt if isinstance(part, Placeholder)]
        target = texts[answer.removeprefix("tiny ")]
        words = "".join(part for part in prompt if isinstance(part, str))
        found.append((list(history), [item for items in listed for item in items], target, words))
    return found


@pytest.mark.parametrize("candidates", [0, 5])
def test_generate_id_asks_for_the_next_training_item_and_does_not_show_it(
    make_model: MakeModel, split: LeaveOneOut, monkeypatch: pytest.MonkeyPatch, candidates: int
) -> None:
    model = make_model()
    task = GenerateIdTask(
        model, split.train, 4, seed=0, candidates=candidates, prompts=load_templates()
    )
    spy = Spy(model, monkeypatch)
    for number in range(10):
        assert torch.isfinite(task.losses(number)["generate-id"])
    sequences = [sequence.tolist() for sequence in split.train.sequences()]
    assert len(spy.prompts) == 40
    assert len({words for *_, words in shown(spy, model)}) > 10
    for history, listed, target, words in shown(spy, model):
        assert len(listed) == len(set(listed)) == candidates
        assert (model.ids.texts[target] in words) is (target in listed)
        assert (" Likely:" in words) is bool(candidates)
        assert target not in history
        users = [row for row, s in enumerate(sequences) if s[: len(history)] == history]
        assert any(sequences[user][len(history)] == target for user in users)
        assert any(f"user_{split.train.user_ids[user]}" in words for user in users)
        assert words.startswith("<|im_start|>user\n")
        assert words.endswith("<|im_end|>\n<|im_start|>assistant\n")


def test_candidates_are_the_model_s_best_and_the_target(
    make_model: MakeModel, split: LeaveOneOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model().train()
    task = GenerateIdTask(model, split.train, 4, seed=0, candidates=5, prompts=load_templates())
    spy = Spy(model, monkeypatch)
    for number in range(10):
        task.losses(number)
        assert model.training
    put_in = []
    for history, listed, target, words in shown(spy, model):
        ranked = best(model.rank([history]), 5)[0].tolist()
        assert target in listed
        others = [item for item in listed if item != target]
        if target in ranked:
            assert listed == ranked
        else:
            put_in.append(listed.index(target))
            del ranked[listed.index(target)]
            assert others == ranked
        named = words.partition(" Likely:")[2].partition("<|im_end|>")[0]
        assert named == "".join(f" {model.ids.texts[item]}," for item in listed)
    # It is put anywhere, so that its place gives nothing away.
    assert len(set(put_in)) > 2
    assert len(put_in) < 40


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
        for number in range(task.batches_per_epoch):
            task.losses(task.batches_per_epoch * epoch + number)
        assert sorted(spy.answers) == sorted(["compare 1 2", *(f"pitch {n}" for n in range(5))])
        orders.append(tuple(spy.answers))
    assert orders[0] != orders[1]
    place = spy.answers.index("compare 1 2")
    assert [p for p in spy.prompts[-6:][place] if isinstance(p, Placeholder)] == [
        Placeholder("item", (1,)),
        Placeholder("other", (2,)),
    ]


def test_a_batch_is_of_one_task_and_an_epoch_has_every_text(model: ItemLanguageModel) -> None:
    elm = tiny_elm()
    examples = [Example("pitch", {"item": n % 5}, f"pitch {n}", "train") for n in range(11)]
    examples += [
        Example("compare", {"item": 1, "other": 2}, f"either {n}", "train") for n in range(3)
    ]
    task = DescribeTask(model, Elm24(elm.tasks, tuple(examples)), 4, seed=0)
    assert task.batches_per_epoch == 4
    first, second = task.batches(0), task.batches(1)
    assert sorted(len(batch) for batch in first) == [3, 3, 4, 4]
    for batches in (first, second):
        for batch in batches:
            assert len({task.examples[row].task for row in batch}) == 1
        assert sorted(row for batch in batches for row in batch) == list(range(14))
    assert [batch.tolist() for batch in first] != [batch.tolist() for batch in second]


def test_nothing_is_learned_from_demonstrations(model: ItemLanguageModel) -> None:
    elm = tiny_elm()
    model.demonstrations = {"pitch": [("Sell it.", "pitch 3")], "compare": []}
    task = DescribeTask(model, elm, 2, seed=0)
    learned = [example.text for example in task.examples]
    assert learned == ["pitch 0", "pitch 1", "pitch 2", "pitch 4", "compare 1 2"]


def test_the_validation_loss_is_of_validation_films_by_token(
    model: ItemLanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ilm.tasks.VALIDATE", 1)
    one = tiny_elm().tasks["pitch"]
    texts = ["short", "a much longer text", "middling text"]
    held = [Example("pitch", {"item": n}, text, "validation") for n, text in enumerate(texts)]
    learned = [Example("pitch", {"item": 4}, "learned", "train")]
    elm = Elm24({"pitch": one}, (*held, *learned))
    task = DescribeTask(model, elm, 2, seed=0)
    model.eval()
    with torch.no_grad():
        prompts = [elm_prompt(model, elm, example) for example in held]
        losses = [
            (float(answer_loss(model.llm, batch)), int(batch.target.sum()))
            for prompt, text in zip(prompts, texts, strict=True)
            for batch in [model.splice([prompt], answers=[text])]
        ]
    slow = sum(loss * count for loss, count in losses) / sum(count for _, count in losses)
    assert task.validation_loss(model) == pytest.approx(slow, abs=1e-4)


@torch.no_grad()
def test_the_loss_falls_on_answer_tokens_and_the_end_alone(model: ItemLanguageModel) -> None:
    prompts = [
        chat_segments(model.llm, ["Sell ", Placeholder("item", (2,)), "."]),
        chat_segments(
            model.llm, ["And now for something longer: ", Placeholder("item", (3, 4)), "?"]
        ),
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
        assert float(answer_loss(model.llm, alone)) == pytest.approx(np.mean(losses), abs=1e-4)
    batch = model.splice(prompts, answers=answers)
    assert not batch.mask.all()
    assert float(answer_loss(model.llm, batch)) == pytest.approx(
        np.mean([*slow[0], *slow[1]]), abs=1e-4
    )


def all_tasks(
    model: ItemLanguageModel, split: LeaveOneOut, factors: Factors
) -> dict[str, StepTask]:
    return {
        "rank": RankTask(model, split.train, 3, seed=0),
        "rank-users": RankUsersTask(model, split.train, factors, 3, seed=0),
        "generate-id": GenerateIdTask(
            model, split.train, 2, seed=0, candidates=3, prompts=load_templates()
        ),
        "describe": DescribeTask(model, tiny_elm(), 2, seed=0),
    }


def tuning_config(steps: Mapping[str, int]) -> TuningConfig:
    return TuningConfig.model_validate(
        {
            "steps": steps,
            "batch_size": dict.fromkeys(steps, 2),
            "learning_rate": 1e-2,
            "encoder_learning_rate": 1e-3,
            "free_learning_rate": 2e-3,
        }
    )


def storages(tensors: Sequence[Tensor]) -> set[int]:
    return {tensor.untyped_storage().data_ptr() for tensor in tensors}


USED: dict[str, set[str]] = {
    "rank": {"history_adapter.weight", "free", "ranking.free", "ranking.bias"},
    "rank-users": {"adapter.weight", "ranking.free", "ranking.bias"},
    "generate-id": {"writing_adapter.weight"},
    "describe": {"adapter.weight"},
}
"""Of the parts outside the encoder, those that a task trains."""
QUERIES = {"rank": {"next", "new"}, "rank-users": {"user-next", "user-new"}}


@pytest.mark.parametrize("lora_rank", [0, 2])
@pytest.mark.parametrize("name", USED)
def test_a_step_changes_what_is_trained_and_never_the_llm(
    make_model: MakeModel,
    llm: FrozenLLM,
    split: LeaveOneOut,
    factors: Factors,
    tmp_path: Path,
    name: str,
    lora_rank: int,
) -> None:
    model = make_model(lora_rank=lora_rank)
    tuning = Tuning(model, tuning_config({name: 1}), all_tasks(model, split, factors), seed=0)
    groups = tuning.groups()
    theirs = storages(list(llm.model.state_dict().values()))
    trained: list[Tensor] = [p for group in groups for p in group["params"]]  # type: ignore[attr-defined]
    assert not theirs & storages(trained)
    assert not theirs & storages(list(model.state_dict().values()))
    assert not theirs & storages(list(model.parameters()))
    before, adapted, own = snapshot(llm.model), snapshot(model.llm.model), snapshot(model)
    assert train(model, groups, tuning.step, Loop(tmp_path, 1, 0, "no", 10))
    assert_same_state(snapshot(llm.model), before)
    assert not llm.model.training
    assert all(parameter.grad is None for parameter in llm.model.parameters())
    for key, value in snapshot(model.llm.model).items():
        assert torch.equal(value, adapted[key]) or "lora_" in key, key
    changed = {n for n, value in snapshot(model).items() if not torch.equal(value, own[n])}
    # The id task reads what the encoder says and does not change it.
    assert any(n.startswith("encoder.network.") for n in changed) is (name != "generate-id")
    assert not any(n.startswith("encoder.words.") for n in changed)
    assert any(n.startswith("lora.") for n in changed) is bool(lora_rank)
    parts = set().union(*USED.values())
    assert changed & parts == USED[name]
    asked = {n.split(".")[2] for n in changed if n.startswith("ranking.queries.")}
    assert asked == QUERIES.get(name, set())


def test_without_free_vectors_they_stay_zero(
    make_model: MakeModel, split: LeaveOneOut, factors: Factors, tmp_path: Path
) -> None:
    model = make_model(free_vectors=False, trail=False)
    steps = {"rank": 2, "rank-users": 2, "generate-id": 1}
    tuning = Tuning(model, tuning_config(steps), all_tasks(model, split, factors), seed=0)
    assert train(model, tuning.groups(), tuning.step, Loop(tmp_path, 5, 0, "no", 10))
    assert not model.free.any() and not model.ranking.free.any()


@pytest.mark.parametrize("aligned", [None, {}, {"encoder": 2e-5, "adapter": 3e-5}], ids=str)
@pytest.mark.parametrize("of_copied", [None, 1e-4])
@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"encoder": "mlp"},
        {"free_vectors": False},
        {"lora_rank": 2},
        {"encoder": "none", "lora_rank": 2},
    ],
    ids=str,
)
def test_every_trained_parameter_is_in_one_group(
    make_model: MakeModel,
    split: LeaveOneOut,
    factors: Factors,
    shape: dict[str, Any],
    of_copied: float | None,
    aligned: dict[str, float] | None,
) -> None:
    model = make_model(**shape)
    config = tuning_config({"rank": 1}).model_copy(update={"copied_learning_rate": of_copied})
    copied: set[int] = set()
    if isinstance(model.encoder, QFormer):
        copied = {id(parameter) for parameter in model.encoder.copied_and_fresh_parameters()[0]}
        assert copied
    shipped = method_config("elm24", "ilm-it-ui", "cpu", 0).alignment
    assert shipped is not None
    names = ("encoder", "adapter")
    changed = {f"{name}_learning_rate": (aligned or {}).get(name) for name in names}
    stage_1 = None if aligned is None else shipped.model_copy(update=changed)
    tasks = all_tasks(model, split, factors)
    tuning = Tuning(model, config, tasks, seed=0, aligned=stage_1)
    of_encoder = (aligned or {}).get("encoder", config.encoder_learning_rate)
    rates: dict[int, float] = {}
    for group in tuning.groups():
        for parameter in group["params"]:  # type: ignore[attr-defined]
            assert id(parameter) not in rates
            rates[id(parameter)] = group["lr"]  # type: ignore[assignment]
    assert rates.keys() == {id(p) for p in model.parameters() if p.requires_grad}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            expected = config.learning_rate
            if name.startswith("encoder."):
                slow = id(parameter) in copied and of_copied is not None
                expected = of_copied if slow else of_encoder
            elif name in ("free", "ranking.free"):
                expected = config.free_learning_rate
            elif name.startswith("adapter."):
                expected = (aligned or {}).get("adapter", config.learning_rate)
            assert rates[id(parameter)] == expected, name


def test_the_schedule_holds_every_step_once(
    model: ItemLanguageModel, split: LeaveOneOut, factors: Factors
) -> None:
    steps = {"rank": 5, "rank-users": 4, "generate-id": 3, "describe": 2}
    tuning = Tuning(model, tuning_config(steps), all_tasks(model, split, factors), seed=0)
    assert tuning.steps == 14
    for name, count in steps.items():
        numbers = [n for n, at in zip(tuning.number, tuning.schedule, strict=True) if at == name]
        assert numbers == list(range(count))
    assert tuning.schedule != sorted(tuning.schedule)


def test_a_task_without_data_is_refused(model: ItemLanguageModel) -> None:
    with pytest.raises(IlmChatError, match=r"'describe'.*set their steps to 0"):
        Tuning(model, tuning_config({"describe": 2}), {}, seed=0)
    assert Tuning(model, tuning_config({"describe": 0}), {}, seed=0).steps == 0


def test_style_vectors_stand_before_every_prompt_and_are_learned(make_model: MakeModel) -> None:
    model = make_model(style_vectors=3)
    elm = tiny_elm()
    example = elm.of("train")[-1]
    words = chat_segments(model.llm, elm_prompt(make_model(), elm, example)[1:-1])
    plain = model.splice([words])
    styled = model.splice([elm_prompt(model, elm, example)])
    start = len(model.llm.token_ids(model.llm.chat_frame()[0]))
    found = styled.embeds[0, start : start + 3]
    assert torch.equal(found, model.style_tokens())
    assert styled.item[0, start : start + 3].all()
    rest = torch.cat([styled.embeds[0, :start], styled.embeds[0, start + 3 :]])
    assert torch.equal(rest, plain.embeds[0])
    DescribeTask(model, elm, 2, seed=0).losses(0)["describe"].backward()
    assert all(vector.grad is not None and vector.grad.any() for vector in model.style)
