"""OpenP5's own way: items are their ids in text, and the LLM learns them by LoRA."""

from pathlib import Path

import numpy as np
import pytest
import torch

from cf.factors import Factors
from data.errors import IlmChatError
from data.splits import LeaveOneOut
from ilm.id_words import IdWords
from ilm.llm import FrozenLLM
from ilm.model import ItemLanguageModel
from ilm.storage import ItemIds
from ilm.tasks import GenerateIdTask, RankTask, StepTask
from ilm.training import Loop, train
from ilm.tuning import Tuning
from prompts.openp5 import load_templates
from prompts.templates import Placeholder, Segment
from tests.ilm import test_tasks
from tests.ilm.conftest import MakeModel, assert_same_state, perturb, snapshot

IDS = ItemIds("tiny", {item: f"item_{7**item % 100_003}" for item in range(19)})
"""Of one to five digits; the last item has none."""


@pytest.fixture
def model(make_model: MakeModel) -> ItemLanguageModel:
    return perturb(make_model(texts=IDS, encoder="none", lora_rank=2, trail=False))


def words(model: ItemLanguageModel, item: int) -> list[int]:
    return model.llm.token_ids(f" {IDS.texts.get(item, 'unknown')},")


def test_ids_are_padded_on_the_left(model: ItemLanguageModel) -> None:
    encoder = model.encoder
    assert isinstance(encoder, IdWords)
    lengths = {len(words(model, item)) for item in range(20)}
    assert len(lengths) > 3
    assert encoder.words.shape == encoder.mask.shape == (20, max(lengths))
    for item in range(20):
        assert encoder.words[item, encoder.mask[item]].tolist() == words(model, item)
        assert encoder.mask[item, -len(words(model, item)) :].all()
    assert not list(encoder.parameters())
    assert not encoder.state_dict()


@torch.no_grad()
def test_a_history_is_its_ids_in_text(model: ItemLanguageModel) -> None:
    history: list[Segment] = ["After", Placeholder("history", (3, 11, 0, 3)), " comes"]
    written = "After" + "".join(f" {IDS.texts[item]}," for item in (3, 11, 0, 3)) + " comes"
    batch = model.splice([history])
    expected = model.llm.embed(torch.tensor(model.llm.token_ids(written)))
    assert torch.equal(batch.embeds[0], expected)
    empty: list[Segment] = ["Nothing", Placeholder("history", ()), " yet"]
    assert int(model.splice([empty]).lengths()) == len(model.llm.token_ids("Nothing yet"))


@torch.no_grad()
def test_ids_of_unequal_length_rank_alone_as_in_a_batch(model: ItemLanguageModel) -> None:
    histories = [np.array(items) for items in ([0, 18, 5], [17], [6, 1], [19, 2, 0, 9, 4])]
    together = model.rank_features(histories, "So far:")
    for row, history in enumerate(histories):
        alone = model.rank_features([history], "So far:")
        assert alone.shape == (1, len(history) + 1, model.llm.width)
        assert torch.allclose(together[row, : len(history) + 1], alone[0], atol=1e-5)


@torch.no_grad()
def test_padding_is_not_read(model: ItemLanguageModel) -> None:
    encoder, histories = model.encoder, [np.array([0, 18, 1]), np.array([5])]
    assert isinstance(encoder, IdWords)
    before = model.rank_features(histories, "So far:")
    encoder.words[~encoder.mask] = 7
    after = model.rank_features(histories, "So far:")
    for row, length in enumerate((4, 2)):  # what stands behind a history means nothing
        assert torch.allclose(after[row, :length], before[row, :length], atol=1e-5)


@torch.no_grad()
def test_a_state_is_read_after_the_last_word_of_each_id(model: ItemLanguageModel) -> None:
    """By hand, where all ids are of one length and nothing is padded."""
    same = [item for item in range(19) if len(words(model, item)) == len(words(model, 18))][:3]
    encoder = model.encoder
    assert isinstance(encoder, IdWords)
    found = model.rank_features([np.array(same)], "So far:")[0]
    before = model.llm.token_ids("So far:")
    padding = encoder.words.shape[1] - len(words(model, 18))
    assert padding == 0 and len(same) == 3
    line = [*before, *(word for item in same for word in words(model, item))]
    states = model.llm.hidden(model.llm.embed(torch.tensor([line])), None, 2)[0]
    ends = [len(before) - 1 + seen * len(words(model, 18)) for seen in range(4)]
    assert torch.allclose(found, model.ranking.norm(states[ends]), atol=1e-5)


def test_there_are_no_tokens_of_an_item_or_a_user(
    model: ItemLanguageModel, factors: Factors
) -> None:
    said = "A text-only model knows items by their ids in text"
    with pytest.raises(IlmChatError, match=said):
        model.splice([["about ", Placeholder("item", (3,))]])
    with pytest.raises(IlmChatError, match=said):
        model.splice([["for ", Placeholder("user", (3,))]], users={3: factors.users[3]})


def test_lora_is_what_is_trained_and_saved(
    make_model: MakeModel, llm: FrozenLLM, split: LeaveOneOut, ids: ItemIds, tmp_path: Path
) -> None:
    model = make_model(encoder="none", lora_rank=2, trail=False)
    tasks: dict[str, StepTask] = {
        "rank": RankTask(model, split.train, 3, seed=0),
        "generate-id": GenerateIdTask(
            model, split.train, 2, seed=0, candidates=0, prompts=load_templates()
        ),
    }
    config = test_tasks.tuning_config({"rank": 3, "generate-id": 3})
    tuning = Tuning(model, config, tasks, seed=0)
    shared, own, before = snapshot(llm.model), snapshot(model.llm.model), snapshot(model)
    assert train(model, tuning.groups(), tuning.step, Loop(tmp_path / "run", 6, 0, "no", 10))
    # The LLM of everybody else is untouched, and of this one the matrices alone have moved.
    assert_same_state(snapshot(llm.model), shared)
    moved = {n for n, v in snapshot(model.llm.model).items() if not torch.equal(v, own[n])}
    assert moved == {name for name in own if "lora_" in name}
    changed = {n for n, v in snapshot(model).items() if not torch.equal(v, before[n])}
    assert {n for n in changed if n.startswith("lora.")} == {
        n for n in before if n.startswith("lora.")
    }
    assert {"ranking.bias", "ranking.queries.next.weight", "ranking.queries.new.weight"} < changed

    model.eval()
    model.save_pretrained(tmp_path / "model", {})
    loaded = ItemLanguageModel.from_pretrained(tmp_path / "model", llm=llm)
    histories = [[], [3], [14, 2, 9]]
    np.testing.assert_array_equal(loaded.rank(histories), model.rank(histories))
    assert_same_state(snapshot(loaded.llm.model), snapshot(model.llm.model))
    said = [
        list(each.generate(["After", Placeholder("history", (3, 4)), " "], max_new_tokens=8))
        for each in (loaded, model)
    ]
    assert said[0] == said[1]
