import pytest
import torch
from transformers import MistralConfig, MistralForCausalLM

from ilm import first_layers
from ilm.first_layers import FirstLayers
from ilm.llm import FrozenLLM
from tests.ilm.conftest import assert_same_state, byte_tokenizer, snapshot
from tests.ilm.test_decoder import MODELS, SHAPE, llama

ENDS = (6, 0, 3)


@pytest.fixture
def embeds() -> torch.Tensor:
    return torch.randn(3, 7, SHAPE["hidden_size"])


def by_the_library(model: object, embeds: torch.Tensor, layers: int) -> torch.Tensor:
    hidden = FrozenLLM(model, byte_tokenizer(), "library").hidden(embeds, None, layers)
    return hidden[range(len(ENDS)), list(ENDS)]


@torch.no_grad()
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("kind", MODELS)
def test_the_states_are_the_library_s(kind: str, layers: int, embeds: torch.Tensor) -> None:
    model = MODELS[kind]()
    before = snapshot(model)
    found = FirstLayers(model, layers)(embeds, ENDS)
    assert torch.allclose(found, by_the_library(model, embeds, layers), rtol=1e-4, atol=1e-4)
    assert_same_state(snapshot(model), before)


@torch.no_grad()
def test_half_precision_is_near(embeds: torch.Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_layers, "fast_dtype", lambda: torch.bfloat16)
    model = llama()
    found, right = FirstLayers(model, 2)(embeds, ENDS), by_the_library(model, embeds, 2)
    assert found.dtype == torch.float32
    assert 0 < float((found - right).abs().max() / right.abs().max()) < 0.03


@torch.no_grad()
def test_what_stands_behind_an_end_is_not_looked_at(embeds: torch.Tensor) -> None:
    run = FirstLayers(llama(), 2)
    before = run(embeds, ENDS)
    for row, end in enumerate(ENDS):
        embeds[row, end + 1 :] += 1
    assert torch.allclose(run(embeds, ENDS), before, atol=1e-5)
    embeds[0, 2] += 1
    assert not torch.allclose(run(embeds, ENDS)[0], before[0], atol=1e-3)


@torch.no_grad()
def test_models_of_another_kind_are_left_to_the_library(
    embeds: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ilm.llm.FirstLayers", lambda *_: pytest.fail("it is no Llama"))
    model = MistralForCausalLM(MistralConfig(**SHAPE)).eval()
    llm = FrozenLLM(model, byte_tokenizer(), "mistral")
    assert torch.allclose(llm.states_at(embeds, ENDS, 1), by_the_library(model, embeds, 1))
    adapted = FrozenLLM(llama(), byte_tokenizer(), "llama").with_lora(2)
    assert adapted.states_at(embeds, ENDS, 1).shape == (3, 64)


@torch.no_grad()
def test_it_can_be_turned_off(embeds: torch.Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    llm = FrozenLLM(llama(), byte_tokenizer(), "llama")
    llm.fast = False
    monkeypatch.setattr(FirstLayers, "__call__", lambda *_: pytest.fail("it was turned off"))
    assert torch.allclose(llm.states_at(embeds, ENDS, 1), by_the_library(llm.model, embeds, 1))
    assert llm.decoder() is None


def test_no_layers_give_the_embeddings_back(llm: FrozenLLM) -> None:
    embeds = torch.randn(2, 3, llm.width)
    assert torch.equal(llm.states_at(embeds, [2, 0], 0), embeds[[0, 1], [2, 0]])
