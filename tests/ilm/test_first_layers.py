from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from transformers import MistralConfig, MistralForCausalLM

from ilm import first_layers
from ilm.first_layers import FirstLayers
from ilm.llm import FrozenLLM
from tests.ilm.conftest import assert_same_state, byte_tokenizer, snapshot
from tests.ilm.test_decoder import MODELS, SHAPE, llama

LENGTHS = (5, 0, 3)


@dataclass(frozen=True)
class Rows:
    """Two words and the tokens behind them, one token several times."""

    words: torch.Tensor
    tokens: torch.Tensor
    places: torch.Tensor
    lengths: tuple[int, ...] = LENGTHS

    def __iter__(self) -> Iterator[Any]:
        return iter((self.words, self.tokens, self.places, self.lengths))


@pytest.fixture
def rows() -> Rows:
    width = SHAPE["hidden_size"]
    places = torch.tensor([[2, 0, 1, 2, 3], [0, 0, 0, 0, 0], [3, 3, 1, 0, 0]])
    return Rows(torch.randn(2, width), torch.randn(4, width), places)


def by_the_library(model: object, rows: Rows, layers: int) -> torch.Tensor:
    """Row by row, each as long as it is."""
    llm, found = FrozenLLM(model, byte_tokenizer(), "library"), []
    for places, length in zip(rows.places, rows.lengths, strict=True):
        row = torch.cat([rows.words, rows.tokens[places[:length]]])
        found.append(llm.hidden(row[None], None, layers)[0, -1])
    return torch.stack(found)


def assert_near(found: torch.Tensor, right: torch.Tensor) -> None:
    assert torch.allclose(found, right, rtol=1e-4, atol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("kind", MODELS)
def test_the_states_are_the_library_s(kind: str, layers: int, rows: Rows) -> None:
    model = MODELS[kind]()
    before = snapshot(model)
    found = FirstLayers(model, layers)(*rows)
    assert_near(found, by_the_library(model, rows, layers))
    assert_same_state(snapshot(model), before)


@torch.no_grad()
def test_half_precision_is_near(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_layers, "fast_dtype", lambda: torch.bfloat16)
    model = llama()
    found, right = FirstLayers(model, 2)(*rows), by_the_library(model, rows, 2)
    assert found.dtype == torch.float32
    assert 0 < float((found - right).abs().max() / right.abs().max()) < 0.03


@torch.no_grad()
def test_what_stands_behind_an_end_is_not_looked_at(rows: Rows) -> None:
    run = FirstLayers(llama(), 2)
    before = run(*rows)
    behind = torch.tensor([[2, 0, 1, 2, 3], [1, 2, 3, 2, 1], [3, 3, 1, 2, 1]])
    assert torch.allclose(run(*replace(rows, places=behind)), before, atol=1e-5)
    rows.places[0, 2] = 3
    assert not torch.allclose(run(*rows)[0], before[0], atol=1e-3)


@torch.no_grad()
def test_rows_may_hold_words_alone(rows: Rows) -> None:
    empty = replace(rows, places=rows.places[:, :0], lengths=(0, 0, 0))
    model = llama()
    found = FirstLayers(model, 2)(*empty)
    assert_near(found, by_the_library(model, empty, 2))


@torch.no_grad()
def test_models_of_another_kind_are_left_to_the_library(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ilm.llm.FirstLayers", lambda *_: pytest.fail("it is no Llama"))
    model = MistralForCausalLM(MistralConfig(**SHAPE)).eval()
    llm = FrozenLLM(model, byte_tokenizer(), "mistral")
    assert_near(llm.states_at(*rows, 1), by_the_library(model, rows, 1))
    adapted = FrozenLLM(llama(), byte_tokenizer(), "llama").with_lora(2)
    assert adapted.states_at(*rows, 1).shape == (3, 64)


@torch.no_grad()
def test_it_can_be_turned_off(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    llm = FrozenLLM(llama(), byte_tokenizer(), "llama")
    llm.fast = False
    monkeypatch.setattr(FirstLayers, "__call__", lambda *_: pytest.fail("it was turned off"))
    assert_near(llm.states_at(*rows, 1), by_the_library(llm.model, rows, 1))
    assert llm.decoder() is None


def test_no_layers_give_the_embeddings_back(llm: FrozenLLM) -> None:
    words, tokens = torch.randn(2, llm.width), torch.randn(3, llm.width)
    found = llm.states_at(words, tokens, torch.tensor([[2, 1], [0, 0]]), [2, 0], 0)
    assert torch.equal(found, torch.stack([tokens[1], words[1]]))
