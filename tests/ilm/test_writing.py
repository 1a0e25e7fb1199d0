"""OpenP5's text task from prompt to item."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from ilm import writing
from ilm.decoding import Trie, write_ids
from ilm.model import ItemLanguageModel
from ilm.writing import best, generate_ids, id_prompt, id_text
from prompts.openp5 import Kind, OpenP5Prompt, load_templates
from prompts.templates import Placeholder, Segment
from tests.ilm.conftest import MakeModel, perturb

HISTORIES = [[3, 17, 8], [1], [], list(range(18)), [9, 4]] * 2
"""Ten: more than one batch."""
USERS = [f"u{row}" for row in range(10)]


def prompt_of(task: str, seen: bool = True) -> OpenP5Prompt:
    return next(p for p in load_templates() if p.task == task and p.seen is seen)


def words(segments: Sequence[Segment]) -> str:
    return "".join(part for part in segments if isinstance(part, str))


def test_a_prompt_names_the_user_and_shows_the_newest_items(model: ItemLanguageModel) -> None:
    history = [*range(19), *range(11)]
    segments = id_prompt(model, prompt_of("sequential"), "196", history, ())
    (shown,) = [part for part in segments if isinstance(part, Placeholder)]
    assert shown == Placeholder("history", tuple(history[-20:]))
    assert "user_196" in words(segments) and "tiny" in words(segments)
    assert "Likely" not in words(segments)
    assert words(segments).startswith("<|im_start|>user\n")
    assert words(segments).endswith("<|im_end|>\n<|im_start|>assistant\n")


@pytest.mark.parametrize("task", ["sequential", "straightforward"])
def test_candidates_are_listed_best_first_with_their_ids(
    model: ItemLanguageModel, task: str
) -> None:
    listed = np.array([12, 3, 7])
    segments = id_prompt(model, prompt_of(task), "196", [1, 2], listed.tolist())
    shown = [part for part in segments if isinstance(part, Placeholder)]
    if task == "sequential":
        assert shown.pop(0) == Placeholder("history", (1, 2))
    assert shown == [Placeholder("history", (item,)) for item in (12, 3, 7)]
    texts = model.ids.texts
    said = f" Likely: {texts[12]}, {texts[3]}, {texts[7]},"
    assert words(segments).removesuffix("<|im_end|>\n<|im_start|>assistant\n").endswith(said)
    # Each token stands before its id.
    at = segments.index(shown[0])
    assert segments[at - 1 : at + 2] == [" Likely:", shown[0], f" {texts[12]},"]


def test_what_is_written_is_openp5_s_target(model: ItemLanguageModel) -> None:
    assert id_text(model, prompt_of("sequential"), 4) == f"tiny {model.ids.texts[4]}"


def test_best_are_the_highest_in_order() -> None:
    scores = np.array([[0.0, 3.0, -np.inf, 3.0, 1.0], [5.0, 4.0, 3.0, 2.0, -np.inf]])
    assert best(scores, 3).tolist() == [[1, 3, 4], [0, 1, 2]]
    assert best(scores, 0).shape == (2, 0)
    # Fewer rankable items than asked for: those without an id were named as well (KeyError).
    assert best(scores, 9).tolist() == [[1, 3, 4, 0], [0, 1, 2, 3]]


@pytest.fixture(params=["frozen", "text-only"])
def writer(request: pytest.FixtureRequest, make_model: MakeModel) -> ItemLanguageModel:
    if request.param == "frozen":
        return perturb(make_model())
    return perturb(make_model(encoder="none", lora_rank=2, trail=False))


@pytest.mark.parametrize("task", ["sequential", "straightforward"])
@pytest.mark.parametrize("listed", [0, 3])
def test_distinct_items_of_the_catalogue_are_written(
    writer: ItemLanguageModel, task: str, listed: int
) -> None:
    writer.train()
    candidates = best(writer.rank(HISTORIES), listed) if listed else None
    found = list(generate_ids(writer, HISTORIES, USERS, task=task, candidates=candidates, beams=6))
    assert not writer.training
    assert len(found) == 10
    for written in found:
        assert len(written.items) == len(set(written.items)) == 6
        assert set(written.items) <= writer.ids.texts.keys()
        assert written.invalid == written.repeated == 0
    if task == "sequential":
        assert len({written.items for written in found}) > 3


def test_a_batch_writes_what_its_users_alone_would(writer: ItemLanguageModel) -> None:
    candidates = best(writer.rank(HISTORIES), 3)
    together = list(generate_ids(writer, HISTORIES, USERS, candidates=candidates, beams=4))
    for row in (0, 3, 9):
        (alone,) = generate_ids(
            writer,
            [HISTORIES[row]],
            [USERS[row]],
            candidates=candidates[row : row + 1],
            beams=4,
        )
        assert alone.items == together[row].items
        assert alone.scores == pytest.approx(together[row].scores, abs=1e-3)


def test_the_prompt_is_the_first_of_its_kind(
    model: ItemLanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[OpenP5Prompt] = []

    def spy(model: ItemLanguageModel, prompt: OpenP5Prompt, *other: Any) -> list[Segment]:
        asked.append(prompt)
        return id_prompt(model, prompt, *other)

    monkeypatch.setattr(writing, "id_prompt", spy)
    kinds: tuple[Kind, ...] = ("seen", "unseen")
    for kind in kinds:
        for task in ("sequential", "straightforward"):
            asked.clear()
            list(generate_ids(model, [[1]], ["u"], task=task, kind=kind, beams=2))
            assert asked == [prompt_of(task, kind == "seen")]


def test_whoever_reads_may_be_training(model: ItemLanguageModel) -> None:
    """Found once: gradients were off between one item and the next."""
    written = generate_ids(model, HISTORIES, USERS, beams=2)
    next(written)
    assert torch.is_grad_enabled()


@torch.no_grad()
def test_what_is_learned_is_what_is_written(make_model: MakeModel) -> None:
    """The search scores an id by the very tokens that training takes its loss on."""
    model = perturb(make_model())
    prompt = prompt_of("sequential")
    segments = id_prompt(model, prompt, "u1", [3, 4], [7, 8])
    trie = Trie(model.llm, {id_text(model, prompt, item): item for item in model.ids.texts})
    (found,) = write_ids(model.llm, model.splice([segments], pad_left=True), trie, beams=20)
    for item, score in zip(found.items, found.scores, strict=True):
        batch = model.splice([segments], answers=[id_text(model, prompt, item)])
        log_p = model.llm.logits(batch.embeds, batch.mask)[0, :-1].log_softmax(-1)
        each = log_p.gather(1, batch.ids[0, 1:, None])[:, 0][batch.target[0, 1:]]
        assert score == pytest.approx(float(each.mean()), abs=1e-3)
