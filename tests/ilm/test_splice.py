from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from cf.factors import Factors
from data.errors import IlmChatError
from ilm.llm import FrozenLLM
from ilm.model import ItemLanguageModel
from ilm.splice import splice
from prompts.templates import Placeholder, Segment

TWO_ITEMS = Placeholder("item", (4, 11))
ONE = Placeholder("item", (3,))
PROMPTS: list[list[Segment]] = [
    [ONE, " at the start"],
    ["in ", ONE, " the middle"],
    ["at the end ", ONE],
    [ONE, TWO_ITEMS, "side by side"],
    ["no item at all"],
    [ONE],
    ["nothing ", Placeholder("history", ()), " there"],
]


def lookup(placeholder: Placeholder) -> Tensor:
    """Two tokens an item, each of which tells which item it belongs to."""
    return torch.tensor(
        [[10.0 * item + k] * 32 for item in placeholder.items for k in (0, 1)]
    ).view(-1, 32)


def slow(llm: FrozenLLM, prompt: Sequence[Segment]) -> tuple[Tensor, list[bool]]:
    """Embeddings of one prompt, and which of them are item tokens."""
    rows: list[Tensor] = []
    item: list[bool] = []
    for segment in prompt:
        if isinstance(segment, str):
            found = llm.embed(torch.tensor(llm.token_ids(segment)))
        else:
            found = lookup(segment)
        rows += list(found)
        item += [not isinstance(segment, str)] * len(found)
    return torch.stack(rows), item


@pytest.mark.parametrize("prompt", PROMPTS)
def test_one_prompt(llm: FrozenLLM, prompt: list[Segment]) -> None:
    batch = splice(llm, [prompt], lookup)
    embeds, item = slow(llm, prompt)
    assert torch.equal(batch.embeds[0], embeds)
    assert batch.item[0].tolist() == item
    assert batch.mask.all()
    assert not batch.target.any()
    assert (batch.ids[batch.item] == llm.pad_id).all()


@pytest.mark.parametrize("left", [False, True])
def test_a_batch_is_its_prompts_and_padding(llm: FrozenLLM, left: bool) -> None:
    answers = ["x" * row for row in range(len(PROMPTS))]
    batch = splice(llm, PROMPTS, lookup, answers=answers, pad_left=left)
    width = batch.mask.shape[1]
    for row, prompt in enumerate(PROMPTS):
        alone = splice(llm, [prompt], lookup, answers=[answers[row]])
        length = alone.mask.shape[1]
        where = slice(width - length, width) if left else slice(0, length)
        for name in ("embeds", "mask", "ids", "target", "item"):
            assert torch.equal(getattr(batch, name)[row, where], getattr(alone, name)[0]), name
        assert int(batch.lengths()[row]) == length
        padding = torch.ones(width, dtype=torch.bool)
        padding[where] = False
        assert (batch.embeds[row, padding] == 0).all()
        for name in ("mask", "target", "item"):
            assert not getattr(batch, name)[row, padding].any(), name


def test_an_answer_ends_with_the_end_token_which_is_to_be_learned(llm: FrozenLLM) -> None:
    assert llm.pad_id == llm.eos_id
    batch = splice(llm, [["ask ", ONE], ["ask more "]], lookup, answers=["yes", "no way"])
    for row, answer in enumerate(("yes", "no way")):
        assert batch.ids[row, batch.target[row]].tolist() == [*llm.token_ids(answer), llm.eos_id]
    assert not (batch.target & batch.item).any()


@torch.no_grad()
def test_item_history_and_user_tokens(model: ItemLanguageModel, factors: Factors) -> None:
    vectors = {5: factors.users[5], 2: factors.users[2]}
    prompt: list[Segment] = [
        Placeholder("item", (4,)),
        Placeholder("history", (7, 4, 19)),
        Placeholder("user", (5,)),
        Placeholder("user", (2,)),
        Placeholder("other", (0, 4)),
        Placeholder("history", ()),
    ]
    batch = model.splice([prompt], users=vectors)
    tokens = model.item_tokens(torch.arange(20))
    expected = torch.cat(
        [
            model.adapt(tokens[[4]])[0],
            model.writing_tokens(torch.tensor([7, 4, 19])) * model.gain,
            model.adapt(model.user_tokens(factors.users[[5]]))[0],
            model.adapt(model.user_tokens(factors.users[[2]]))[0],
            model.adapt(tokens[[0, 4]]).flatten(0, 1),
        ]
    )
    assert expected.shape == (3 + 3 + 3 + 3 + 6, model.llm.width)
    assert torch.allclose(batch.embeds[0], expected, atol=1e-5)
    assert batch.item.all()


def test_item_tokens_learn_through_a_prompt(model: ItemLanguageModel) -> None:
    model.train()
    model.splice([["so ", ONE, Placeholder("history", (1, 2))]]).embeds.square().sum().backward()
    tokens = (model.adapter.weight, model.writing_adapter.weight, model.gain)
    for parameter in tokens:
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0


def test_a_history_that_is_read_for_words_leaves_ranking_alone(model: ItemLanguageModel) -> None:
    model.train()
    model.splice([["so ", Placeholder("history", (1, 2))]]).embeds.square().sum().backward()
    rankings = (model.history_adapter.weight, model.free, *model.encoder.parameters())
    assert all(parameter.grad is None for parameter in rankings)


def test_a_user_without_a_vector_is_refused(model: ItemLanguageModel, factors: Factors) -> None:
    prompt: list[Segment] = ["for ", Placeholder("user", (3,))]
    for users in (None, {}, {1: factors.users[1]}):
        with pytest.raises(IlmChatError, match=r"\{user\} and no vector"):
            model.splice([prompt], users=users)


def test_item_tokens_start_on_the_scale_of_words(model: ItemLanguageModel) -> None:
    with torch.no_grad():
        model.gain.fill_(model.llm.embedding_rms)
        whole = model.adapt(model.catalogue_tokens())
        short = model.history_tokens(torch.arange(20)) * model.gain
        written = model.writing_tokens(torch.arange(20)) * model.gain
    for tokens in (whole, short, written):
        rms = tokens.pow(2).mean(-1).sqrt()
        assert torch.allclose(rms, torch.full_like(rms, model.llm.embedding_rms), rtol=1e-2)


@torch.no_grad()
def test_a_free_vector_moves_its_own_item_alone(model: ItemLanguageModel) -> None:
    before = model.history_tokens(torch.arange(20))
    model.free[4] += 1 + torch.arange(32.0)
    moved = (model.history_tokens(torch.arange(20)) - before).abs().amax(1) > 1e-4
    assert moved.nonzero().flatten().tolist() == [4]
