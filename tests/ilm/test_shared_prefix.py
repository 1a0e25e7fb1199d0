from threading import Thread

import pytest
import torch

from ilm.llm import FrozenLLM
from tests.ilm.conftest import byte_tokenizer, tiny_llama

# Rows of own words behind a prefix of 4: whole, padded before, padded behind.
MASKS = [[True] * 3, [False, True, True], [True, True, False]]


@pytest.fixture
def embeds() -> torch.Tensor:
    return torch.randn(3, 7, 32) / 10


@torch.no_grad()
@pytest.mark.parametrize("heads", [2, 4])
def test_rows_behind_a_prefix_read_as_if_each_held_it(heads: int, embeds: torch.Tensor) -> None:
    tokenizer = byte_tokenizer()
    llm = FrozenLLM(tiny_llama(tokenizer, heads=heads), tokenizer, "tiny")
    assert llm.shares and llm.model.config.num_key_value_heads == 2
    embeds[:, :4] = embeds[:1, :4]
    mask = torch.cat([torch.ones(3, 4, dtype=torch.bool), torch.tensor(MASKS)], 1)
    expected = llm.read(embeds, mask)[:, 4:]
    past = llm.read_once(embeds[0, :4])
    found = llm.read(embeds[:, 4:6], mask[:, :6], past)
    torch.testing.assert_close(found, expected[:, :2], rtol=1e-4, atol=1e-5)
    assert past.get_seq_length() == 6
    # ... and goes on from there, one word at a time.
    found = llm.read(embeds[:, 6:], mask, past)
    torch.testing.assert_close(found, expected[:, 2:], rtol=1e-4, atol=1e-5)


def test_gradients_are_the_same_where_weights_are_computed_anew(
    llm: FrozenLLM, embeds: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    mask = torch.cat([torch.ones(3, 4, dtype=torch.bool), torch.tensor(MASKS)], 1)
    gradients = []
    for large in (2**24, 0):
        monkeypatch.setattr("ilm.shared_prefix.LARGE", large)
        own = embeds[:, 4:].clone().requires_grad_()
        logits = llm.read(own, mask, llm.read_once(embeds[0, :4]))
        gradients.append(torch.autograd.grad(logits.square().sum(), own)[0])
    assert gradients[0].abs().sum() > 0
    torch.testing.assert_close(gradients[0], gradients[1])


@torch.no_grad()
def test_another_thread_and_a_later_text_see_no_prefix(
    llm: FrozenLLM, embeds: torch.Tensor
) -> None:
    mask = torch.ones(3, 7, dtype=torch.bool)
    expected, seen = llm.read(embeds, mask), []
    with llm.read_once(torch.randn(4, 32)).attended():
        thread = Thread(target=lambda: seen.append(torch.no_grad()(llm.read)(embeds, mask)))
        thread.start()
        thread.join()
    assert torch.equal(seen[0], expected)
    assert torch.equal(llm.read(embeds, mask), expected)


def test_a_model_of_other_attention_shares_nothing() -> None:
    tokenizer = byte_tokenizer()
    model = tiny_llama(tokenizer)
    model.set_attn_implementation("eager")
    assert not FrozenLLM(model, tokenizer, "tiny").shares
    assert model.config._attn_implementation == "eager"
