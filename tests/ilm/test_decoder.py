from itertools import islice
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    LogitsProcessorList,
    Qwen2Config,
    Qwen2ForCausalLM,
    RepetitionPenaltyLogitsProcessor,
)

from ilm.decoder import Decoder, Run, why_not
from ilm.llm import FrozenLLM
from tests.ilm.conftest import assert_same_state, byte_tokenizer, snapshot

SHAPE: dict[str, Any] = {
    "vocab_size": 300,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "initializer_range": 0.25,
}


def llama(**changes: Any) -> LlamaForCausalLM:
    return LlamaForCausalLM(LlamaConfig(**SHAPE | changes)).eval()


def qwen() -> Qwen2ForCausalLM:
    model = Qwen2ForCausalLM(Qwen2Config(**SHAPE)).eval()
    with torch.no_grad():
        for layer in model.model.layers:
            for part in (layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj):
                part.bias.normal_()
    return model


LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 4.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}
MODELS = {
    "grouped": llama,
    "tied": lambda: llama(tie_word_embeddings=True),
    "one key head": lambda: llama(num_key_value_heads=1),
    "biases": lambda: llama(attention_bias=True, mlp_bias=True),
    "wide heads": lambda: llama(head_dim=32),
    "llama3": lambda: llama(rope_parameters=LLAMA3),
    "qwen": qwen,
}


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> Any:
    model = MODELS[request.param]()
    with torch.no_grad():  # norms of 1 would hide one that is left out
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.uniform_(0.5, 1.5)
    return model


def embeds(model: Any, length: int) -> Tensor:
    ids = torch.randint(0, model.config.vocab_size, (length,))
    return model.get_input_embeddings()(ids).detach()


@torch.no_grad()
def library(model: Any, prompt: Tensor) -> Tensor:
    """Logits at every position, (T, vocabulary)."""
    return model(inputs_embeds=prompt[None]).logits[0]


@torch.no_grad()
def full(model: Any, states: Tensor) -> Tensor:
    return model.lm_head(states)


@torch.no_grad()
def step_by_step(decoder: Decoder, prompt: Tensor, first: int) -> Tensor:
    """States of a prompt whose positions after the first ones are read one by one."""
    run = Run(decoder)
    parts = [decoder.states(run, prompt[:first])]
    parts += [decoder.states(run, row[None]) for row in prompt[first:]]
    return torch.cat(parts)


def test_logits_are_the_library_s(model: Any) -> None:
    prompt = embeds(model, 40)
    expected = library(model, prompt)
    states = step_by_step(Decoder(model, packed=False), prompt, 30)
    assert torch.allclose(full(model, states), expected, atol=1e-4)


def test_a_text_longer_than_the_first_room_for_it(model: Any) -> None:
    prompt = embeds(model, 400)
    states = step_by_step(Decoder(model, packed=False), prompt, 2)
    assert torch.allclose(full(model, states), library(model, prompt), atol=1e-3)


def test_a_packed_model_is_near(model: Any) -> None:
    prompt = embeds(model, 40)
    expected = library(model, prompt)
    found = full(model, step_by_step(Decoder(model, packed=True), prompt, 30))
    # Weights this large make every rounding visible: 8 bits and bfloat16 leave a few hundredths.
    assert float((found - expected).norm() / expected.norm()) < 0.1


def test_a_width_that_cannot_be_packed_is_left_as_it_is() -> None:
    model = llama(hidden_size=48, num_attention_heads=2, num_key_value_heads=2)
    prompt = embeds(model, 20)
    found = full(model, step_by_step(Decoder(model, packed=True), prompt, 10))
    expected = library(model, prompt)
    assert float((found - expected).norm() / expected.norm()) < 0.1  # its 96 can


@pytest.mark.parametrize("penalty", [1.0, 1.3])
def test_greedy_text_is_the_library_s(model: Any, penalty: float) -> None:
    prompt = embeds(model, 12)
    expected = model.generate(
        inputs_embeds=prompt[None],
        attention_mask=torch.ones(1, 12, dtype=torch.long),
        max_new_tokens=40,
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
        logits_processor=LogitsProcessorList([RepetitionPenaltyLogitsProcessor(penalty)]),
    )[0].tolist()
    found = Decoder(model, packed=False).greedy(prompt, penalty=penalty)
    assert list(islice(found, 40)) == expected


@pytest.mark.parametrize("penalty", [1.0, 1.3])
def test_the_rough_head_finds_the_word_of_the_full_one(penalty: float) -> None:
    # Its own rounding must not show: the candidates' logits are computed in full.
    model = llama()
    decoder = Decoder(model, packed=True)
    written = list(range(0, 300, 7))
    for state in torch.randn(50, 64) * 3:
        logits = model.lm_head(state)[None].detach()
        processor = RepetitionPenaltyLogitsProcessor(penalty)
        expected = int(processor(torch.tensor([written]), logits).argmax())
        assert decoder.next_word(state, written, penalty) == expected


def test_the_model_is_left_untouched(model: Any) -> None:
    before = snapshot(model)
    list(islice(Decoder(model, packed=True).greedy(embeds(model, 5), penalty=1.1), 5))
    assert_same_state(before, snapshot(model))


def test_two_texts_at_a_time_do_not_mix(model: Any) -> None:
    decoder = Decoder(model, packed=True)
    prompts = [embeds(model, 9), embeds(model, 14)]
    alone = [list(islice(decoder.greedy(prompt, penalty=1.1), 10)) for prompt in prompts]
    texts = zip(*(decoder.greedy(prompt, penalty=1.1) for prompt in prompts), strict=True)
    together = list(zip(*islice(texts, 10), strict=True))
    assert [list(text) for text in together] == alone


# -- what it runs -------------------------------------------------------------------------------


def test_what_it_knows(model: Any) -> None:
    assert why_not(model) is None


def test_what_it_does_not_know_is_said(wide_llm: FrozenLLM) -> None:
    gpt = GPT2LMHeadModel(GPT2Config(vocab_size=300, n_embd=32, n_layer=1, n_head=2))
    assert "GPT2LMHeadModel" in str(why_not(gpt))
    assert "activation" in str(why_not(llama(hidden_act="gelu")))
    dynamic = {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 2.0}
    assert "positions" in str(why_not(llama(rope_parameters=dynamic)))
    assert "layers hold" in str(why_not(wide_llm.with_lora(2).model))
    sliding = Qwen2Config(**SHAPE, use_sliding_window=True, sliding_window=8, max_window_layers=1)
    assert "whole text" in str(why_not(Qwen2ForCausalLM(sliding)))


def test_another_model_is_left_to_the_library_and_that_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tokenizer = byte_tokenizer()
    config = GPT2Config(vocab_size=len(tokenizer), n_embd=32, n_layer=1, n_head=2)
    llm = FrozenLLM(GPT2LMHeadModel(config), tokenizer, "some GPT")
    assert llm.decoder() is None
    assert llm.decoder() is None
    (record,) = (record for record in caplog.records if record.name == "ilm.llm")
    assert record.getMessage().startswith("some GPT writes slowly")


def test_a_model_that_moves_gets_another_decoder(wide_llm: FrozenLLM) -> None:
    first = wide_llm.decoder()
    assert wide_llm.decoder() is first is not None
    assert wide_llm.to("cpu").decoder() is not first
