from pathlib import Path

import pytest
import torch

from data.errors import IlmChatError
from ilm.llm import FrozenLLM, load_llm


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


def test_a_folder_without_a_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(IlmChatError, match=r"could not be loaded: give a Hugging Face id") as info:
        load_llm(str(tmp_path))
    assert "\n" not in str(info.value)
