"""OpenP5's text task from prompt to item."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from data.catalogue import Catalogue
from data.elm24 import Elm24, Example, Task
from ilm import writing
from ilm.decoding import Trie, write_ids
from ilm.demonstrations import demonstrations, in_words
from ilm.llm import FrozenLLM
from ilm.model import ItemLanguageModel
from ilm.writing import (
    answer_loss,
    answer_losses,
    answer_sums,
    best,
    chat_segments,
    generate_ids,
    id_prompt,
    id_text,
    text_prompt,
    write_texts,
)
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


def test_texts_in_a_batch_are_those_that_each_prompt_gets_alone(model: ItemLanguageModel) -> None:
    perturb(model)
    prompts = [
        chat_segments(model.llm, ["Sell ", Placeholder("item", (2,)), "."]),
        chat_segments(model.llm, ["And now, at some length: ", Placeholder("item", (3, 4)), "?"]),
    ]
    with torch.no_grad():
        batch = model.splice(prompts)
    texts, ended = write_texts(model.llm, batch, max_new_tokens=12)
    streamed = ["".join(model.generate(prompt, max_new_tokens=12)).strip() for prompt in prompts]
    assert texts == streamed
    assert len(ended) == 2 and texts[0] != texts[1]


def test_a_text_that_is_cut_off_did_not_end(
    model: ItemLanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with torch.no_grad():
        batch = model.splice([["Say"]])
    whole = model.llm.model.generate(
        inputs_embeds=batch.embeds, attention_mask=batch.mask.long(), max_new_tokens=1
    )
    # What it says first is now its end.
    monkeypatch.setattr(model.llm, "eos_id", int(whole[0, 0]))
    assert write_texts(model.llm, batch, max_new_tokens=3)[1] == [True]
    monkeypatch.setattr(model.llm, "eos_id", (int(whole[0, 0]) + 1) % 256)
    assert write_texts(model.llm, batch, max_new_tokens=1)[1] == [False]


def test_sums_of_losses_are_those_of_each_answer_alone(model: ItemLanguageModel) -> None:
    prompts: list[list[Segment]] = [["One ", Placeholder("item", (2,))], ["And another one"]]
    answers = ["an answer", "a rather longer answer"]
    with torch.no_grad():
        sums, counts = answer_sums(model.llm, model.splice(prompts, answers=answers))
        for row, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
            alone = model.splice([prompt], answers=[answer])
            mean = answer_loss(model.llm, alone)
            assert counts[row] == alone.target.sum()
            assert float(sums[row]) == pytest.approx(float(mean * counts[row]), rel=1e-4)


START = "<|im_start|>user\nTell me: "
ALIKE: list[list[Segment]] = [[START, Placeholder("item", (2,))], [START, "a story"]]


@pytest.mark.parametrize(
    ("prompts", "answers"),
    [
        (ALIKE, ["a word", "and a few more"]),
        (ALIKE[1:] * 2, ["the same prompt", "the same prompt, and on"]),
        (ALIKE[1:] * 2, ["one text", "one text"]),
        (ALIKE[:1], ["alone"]),
        ([["Yes"], ["No"]], ["nothing shared", "here"]),
    ],
)
@pytest.mark.parametrize("lora_rank", [0, 2])
def test_reading_a_common_beginning_once_changes_no_loss_and_no_gradient(
    make_model: MakeModel,
    prompts: list[list[Segment]],
    answers: list[str],
    lora_rank: int,
) -> None:
    model = perturb(make_model(lora_rank=lora_rank)).eval()

    def losses_and_gradients(fast: bool) -> tuple[torch.Tensor, list[torch.Tensor | None]]:
        batch = model.splice(prompts, answers=answers)
        if fast:
            losses = answer_losses(model.llm, batch)
        else:
            log_p = model.llm.logits(batch.embeds, batch.mask).log_softmax(-1)[:, :-1]
            each = -log_p.gather(-1, batch.ids[:, 1:, None])[..., 0]
            losses = each[batch.target[:, 1:]]
        trained = [p for p in model.parameters() if p.requires_grad]
        if not losses.requires_grad:  # words alone, and nothing that learns
            return losses, []
        return losses.detach(), list(torch.autograd.grad(losses.sum(), trained, allow_unused=True))

    found, expected = losses_and_gradients(True), losses_and_gradients(False)
    assert len(found[0]) == sum(len(model.llm.token_ids(answer)) + 1 for answer in answers)
    torch.testing.assert_close(found[0], expected[0], rtol=1e-4, atol=1e-4)
    for one, other in zip(found[1], expected[1], strict=True):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_a_model_that_sees_no_tokens_is_told_names() -> None:
    task = Task("compare", "{item} or {other}?", (1, 9), "other")
    elm = Elm24({"compare": task}, ())
    example = Example("compare", {"item": 3, "other": 1}, "Both.", "test")
    told = in_words(elm, example, {1: "Jaws (1975)", 3: "Heat (1995)"})
    assert told == "Heat (1995) or Jaws (1975)?"


def test_demonstrations_stand_before_the_question_as_earlier_turns(
    model: ItemLanguageModel,
) -> None:
    task = Task("pitch", "Sell {item}.", (1, 9), None)
    bare = text_prompt(model, task, {"item": 3})
    model.demonstrations = {"pitch": [("Sell Heat (1995).", "Cops and robbers.")]}
    shown = text_prompt(model, task, {"item": 3})
    assert shown[1:] == bare[1:]
    assert words(shown[:1]) == (
        "<|im_start|>user\nSell Heat (1995).<|im_end|>\n"
        "<|im_start|>assistant\nCops and robbers.<|im_end|>\n<|im_start|>user\n"
    )
    other = Task("plot", "Tell {item}.", (1, 9), None)
    assert text_prompt(model, other, {"item": 3})[0] == bare[0]


def test_demonstrations_are_the_most_typical_texts_to_be_learned(catalogue: Catalogue) -> None:
    task = Task("pitch", "Sell {item}.", (1, 9), None)
    texts = ["red", "red red blue", "red red red blue", "green", "red blue"]
    examples = [Example("pitch", {"item": n}, text, "train") for n, text in enumerate(texts)]
    examples += [Example("pitch", {"item": 5}, "red red blue", "test")]

    def encode(texts: Sequence[str]) -> np.ndarray:
        counts = np.array([[t.count(w) for w in ("red", "blue", "green")] for t in texts], float)
        return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)

    found = demonstrations(Elm24({"pitch": task}, tuple(examples)), catalogue, 2, encode)
    likeness = [float((encode([text]) @ encode(texts).T).sum()) for text in texts]
    first, second = np.argsort(likeness)[::-1][:2].tolist()
    title = f"{catalogue[first].title} ({catalogue[first].year})"
    assert found["pitch"][0] == (f"Sell {title}.", texts[first])
    assert found["pitch"][1][1] == texts[second]
    assert "green" not in (texts[first], texts[second])


def test_what_prompts_have_in_common_is_read_once_and_changes_no_word(
    model: ItemLanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    perturb(model)
    model.demonstrations = {"pitch": [("Sell a rather long title.", "Words, words and words.")]}
    task = Task("pitch", "Sell {item} and no more of it.", (1, 9), None)
    longer = Task("pitch", "Sell {item} and {item}, at some length.", (1, 9), None)
    prompts = [text_prompt(model, task, {"item": 3}), text_prompt(model, longer, {"item": 5})]
    alone = [write_texts(model.llm, model.splice([p]), max_new_tokens=12) for p in prompts]
    read, whole = [], FrozenLLM.read_once

    def spied(llm: FrozenLLM, embeds: torch.Tensor) -> Any:
        read.append(len(embeds))
        return whole(llm, embeds)

    monkeypatch.setattr(FrozenLLM, "read_once", spied)
    together = write_texts(model.llm, model.splice(prompts), max_new_tokens=12)
    assert together[0] == [text for (text,), _ in alone]
    assert together[0][0] != together[0][1]
    (shared,) = read
    before = len(model.llm.token_ids(words(prompts[0][:1])))
    assert shared >= before - 1


def test_no_run_of_four_tokens_is_written_twice(
    model: ItemLanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quarter of ELM-24's texts went in circles."""
    # A model to which all words are alike writes the first one for ever.
    head = model.llm.model.get_output_embeddings()
    alike = torch.zeros(head.weight.shape[0])
    monkeypatch.setattr(head, "forward", lambda states: alike.expand(*states.shape[:-1], -1))
    kept, whole = [], model.llm.model.generate

    def generate(**given: Any) -> Any:
        kept.append(whole(**given))
        return kept[-1]

    monkeypatch.setattr(model.llm.model, "generate", generate)
    prompts: list[list[Segment]] = [["Around "], ["again and again "]]
    write_texts(model.llm, model.splice(prompts), max_new_tokens=60)
    for row in kept[0].tolist():
        ids = row[: row.index(model.llm.eos_id)] if model.llm.eos_id in row else row
        runs = [tuple(ids[at : at + 4]) for at in range(len(ids) - 3)]
        assert runs and len(set(runs)) == len(runs)


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
