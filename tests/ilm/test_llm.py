from pathlib import Path

import pytest
import torch

from data.errors import IlmChatError
from ilm.llm import FrozenLLM, load_llm
from tests.ilm.conftest import assert_same_state, snapshot


@pytest.fixture
def embeds(llm: FrozenLLM) -> torch.Tensor:
    return llm.embed(torch.tensor([llm.token_ids("a short text"), llm.token_ids("another text")]))


def test_all_is_read_from_the_model(llm: FrozenLLM) -> None:
    assert (llm.width, llm.layers) == (32, 3)
    assert llm.pad_id == llm.eos_id == llm.tokenizer.eos_token_id
    assert not any(parameter.requires_grad for parameter in llm.model.parameters())
    assert not llm.model.training
    weight = llm.model.get_input_embeddings().weight
    assert llm.embedding_rms == pytest.approx(float(weight.square().mean() ** 0.5))


@torch.no_grad()
@pytest.mark.parametrize("layers", [1, 2])
def test_hidden_states_are_those_after_that_layer(
    llm: FrozenLLM, embeds: torch.Tensor, layers: int
) -> None:
    mask = torch.ones(embeds.shape[:2], dtype=torch.bool)
    everything = llm.model(
        inputs_embeds=embeds, attention_mask=mask.long(), output_hidden_states=True
    )
    found = llm.hidden(embeds, mask, layers)
    assert torch.allclose(found, everything.hidden_states[layers], atol=1e-5)
    # The model is whole again afterwards.
    assert torch.equal(llm.logits(embeds, mask), everything.logits)


def test_no_layers_give_the_embeddings_back(llm: FrozenLLM, embeds: torch.Tensor) -> None:
    assert torch.equal(llm.hidden(embeds, None, 0), embeds)


@torch.no_grad()
def test_what_stands_behind_is_not_looked_at(llm: FrozenLLM, embeds: torch.Tensor) -> None:
    longer = torch.cat([embeds, torch.randn(2, 3, 32)], 1)
    found = llm.hidden(longer, None, 2)[:, :-3]
    assert torch.allclose(found, llm.hidden(embeds, None, 2), atol=1e-5)


@torch.no_grad()
def test_lora_changes_nothing_before_it_is_trained(llm: FrozenLLM, embeds: torch.Tensor) -> None:
    mask = torch.ones(embeds.shape[:2], dtype=torch.bool)
    before, hidden = snapshot(llm.model), llm.hidden(embeds, mask, 2)
    adapted = llm.with_lora(2)
    assert torch.equal(adapted.logits(embeds, mask), llm.logits(embeds, mask))
    assert torch.equal(adapted.hidden(embeds, mask, 2), hidden)
    # Two matrices on two projections of three layers, and they alone can be trained.
    assert len(adapted.lora) == 12
    assert {id(p) for p in adapted.lora.values()} == {
        id(p) for p in adapted.model.parameters() if p.requires_grad
    }
    for parameter in adapted.lora.values():
        parameter.add_(1.0)
    assert not torch.allclose(adapted.logits(embeds, mask), llm.logits(embeds, mask), atol=1e-2)
    assert not torch.allclose(adapted.hidden(embeds, mask, 1), llm.hidden(embeds, mask, 1))
    # The model that was copied is as it was.
    assert_same_state(snapshot(llm.model), before)
    assert not llm.lora
    assert torch.equal(llm.hidden(embeds, mask, 2), hidden)


def test_lora_stays_in_full_precision(llm: FrozenLLM) -> None:
    adapted = llm.with_lora(2).to("cpu", torch.bfloat16)
    assert adapted.dtype == torch.bfloat16
    assert {parameter.dtype for parameter in adapted.lora.values()} == {torch.float32}
    embeds = adapted.embed(torch.tensor([adapted.token_ids("a short text")]))
    hidden = adapted.hidden(embeds.float(), None, 2)
    assert hidden.dtype == torch.bfloat16
    hidden.float().sum().backward()
    reached = [name for name, p in adapted.lora.items() if p.grad is not None]
    assert len(reached) == 8  # of the first two layers


def test_a_failing_pass_leaves_the_model_whole(llm: FrozenLLM, embeds: torch.Tensor) -> None:
    mask = torch.ones(embeds.shape[:2], dtype=torch.bool)
    with pytest.raises(RuntimeError):
        llm.hidden(embeds[..., :-1], mask, 1)
    assert len(llm.model.model.layers) == 3
    assert type(llm.model.model.norm).__name__ == "LlamaRMSNorm"


def test_no_special_token_is_added(llm: FrozenLLM) -> None:
    assert llm.token_ids("") == []
    assert llm.tokenizer.decode(llm.token_ids("Héllo {x}")) == "Héllo {x}"


def test_the_models_own_chat_template_is_the_frame(llm: FrozenLLM, wide_llm: FrozenLLM) -> None:
    assert llm.chat_frame() == ("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n")
    wide_llm.tokenizer.chat_template = None
    assert wide_llm.chat_frame() == ("", "\n")


def test_what_was_said_before_stands_before_the_turn(llm: FrozenLLM, wide_llm: FrozenLLM) -> None:
    turns = [("Hi {x}", "Hello"), ("And?", "Well")]
    before, after = llm.chat_frame(turns)
    said = [f"<|im_start|>user\n{a}<|im_end|>\n<|im_start|>assistant\n{b}" for a, b in turns]
    assert before == "".join(f"{turn}<|im_end|>\n" for turn in said) + "<|im_start|>user\n"
    assert after == llm.chat_frame()[1]
    wide_llm.tokenizer.chat_template = None
    assert wide_llm.chat_frame(turns) == ("Hi {x}\nHello\nAnd?\nWell\n", "\n")


def test_a_folder_without_a_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(IlmChatError, match=r"could not be loaded: give a Hugging Face id") as info:
        load_llm(str(tmp_path))
    assert "\n" not in str(info.value)
