"""A decoder of our own for models of the Llama kind: one prompt, one processor, as fast as it goes.

The library's forward takes thousands of small steps of Python and torch a token, beside which the
products themselves are short. Here a token takes about twenty calls a layer, over matrices that
lie side by side, in 4 or 8 bits where the processor has a kernel for them. The model's own
parameters are read and never changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import LlamaForCausalLM, Qwen2ForCausalLM

from ilm.packing import GROUP, Packed, Packer, Plain, kernel_is_fast

_PARTS = {"Linear", "LlamaRMSNorm", "Qwen2RMSNorm", "SiLUActivation"}
_ROPES = {"default", "linear", "llama3"}  # the others depend on the length of the text
_GROWTH = 256
"""Positions by which a cache grows."""
_CANDIDATES = 64
"""Words whose logits are computed in full, where the head is in 4 bits."""


def why_not(model: Any) -> str | None:
    """What keeps this decoder from running `model`; None when nothing does."""
    if type(model) not in (LlamaForCausalLM, Qwen2ForCausalLM):
        return f"{type(model).__name__} is of no kind that it knows"
    config = model.config
    if config.hidden_act != "silu" or config.rope_parameters["rope_type"] not in _ROPES:
        return "its activation or its positions are of no kind that it knows"
    if set(getattr(config, "layer_types", None) or ()) - {"full_attention"}:
        return "it attends to less than the whole text"
    leaves = [part for part in model.model.layers.modules() if not list(part.children())]
    strange = {type(part).__name__ for part in leaves} - _PARTS
    if strange:
        return f"its layers hold {', '.join(sorted(strange))}"
    return None


class _Matrices:
    """Makes the matrices of a model, packed or as they are."""

    def __init__(self, model: Any, *, packed: bool) -> None:
        self._packer = Packer(model) if packed else None

    def __call__(
        self, name: str, *layers: nn.Linear, order: Tensor | None = None
    ) -> Packed | Plain:
        """One matrix of these layers, whose outputs come in this order."""
        if self._packer is None or layers[0].in_features % GROUP:
            return Plain(layers, order)
        rows = slice(None) if order is None else order
        bias = None
        if any(layer.bias is not None for layer in layers):
            nothing = layers[0].weight.new_zeros
            biases: list[Tensor] = [
                nothing(x.out_features) if x.bias is None else x.bias for x in layers
            ]
            bias = torch.cat(biases)[rows].bfloat16()
        shape = (sum(layer.out_features for layer in layers), layers[0].in_features)

        def weight() -> Tensor:
            return torch.cat([layer.weight.data for layer in layers])[rows]

        return self._packer.packed(name, weight, shape, bias)

    def rough(self, name: str, layer: nn.Linear) -> Packed | None:
        """The layer in 4 bits, exact or not; None where nothing is packed."""
        if self._packer is None or layer.in_features % GROUP or layer.bias is not None:
            return None
        shape = (layer.out_features, layer.in_features)
        return self._packer.packed(name, lambda: layer.weight, shape, bits=4)

    def done(self) -> None:
        if self._packer is not None:
            self._packer.save()


class _Layer:
    """The weights of one layer."""

    def __init__(self, matrix: _Matrices, name: str, layer: Any, order: Tensor) -> None:
        attention, mlp = layer.self_attn, layer.mlp
        together = (attention.q_proj, attention.k_proj, attention.v_proj)
        self.qkv = matrix(f"{name}.qkv", *together, order=order)
        self.out = matrix(f"{name}.out", attention.o_proj)
        self.gate_up = matrix(f"{name}.gate_up", mlp.gate_proj, mlp.up_proj)
        self.down = matrix(f"{name}.down", mlp.down_proj)
        self.attention_norm = _stretched(layer.input_layernorm)
        self.mlp_norm = _stretched(layer.post_attention_layernorm)


def _stretched(norm: Any) -> Tensor:
    """The norm's weight for vectors of length 1, whose root mean square is not."""
    return norm.weight.float() * len(norm.weight) ** 0.5


class Run:
    """What is kept of one text while it is being written.

    Attributes:
        length: positions that are filled.
        held: (layers, capacity, 2 * key heads, head width / 2) complex: keys, then values.
        turns: (capacity, heads, head width / 2) complex: the rotation of each position; 1 for
            values.
    """

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self.length = 0
        kept, half = 2 * decoder.key_heads, decoder.head // 2
        self.held = torch.empty(len(decoder.layers), 0, kept, half, dtype=torch.complex64)
        self.turns = torch.empty(0, decoder.heads, half, dtype=torch.complex64)

    def room(self, more: int) -> None:
        """Make room for so many positions."""
        missing = self.length + more - self.held.shape[1]
        if missing > 0:
            missing += _GROWTH
            self.held = F.pad(self.held, (0, 0, 0, 0, 0, missing))
            self.turns = self._decoder.turns(self.held.shape[1])


class Decoder:
    """Runs a model that `why_not` has nothing against.

    Args:
        model: the Hugging Face model; its embeddings (and, where they are not packed, its
            matrices) are used as they are.
        packed: whether to pack matrices, None: where the kernel is fast. Without it the results
            are the library's, but for rounding.
    """

    def __init__(self, model: Any, *, packed: bool | None = None) -> None:
        config = model.config
        attention = model.model.layers[0].self_attn
        self.head = int(attention.head_dim)
        self.query_heads = int(config.num_attention_heads)
        self.key_heads = int(config.num_key_value_heads)
        self.heads = self.query_heads + 2 * self.key_heads
        self._eps = torch.tensor(config.rms_norm_eps * config.hidden_size)
        self._rotary = model.model.rotary_emb
        self._embed = model.get_input_embeddings()
        self._words = model.lm_head
        matrix = _Matrices(model, packed=kernel_is_fast() if packed is None else packed)
        with torch.no_grad():
            order = self._pairs_together()
            self.layers = [
                _Layer(matrix, f"{number}", layer, order)
                for number, layer in enumerate(model.model.layers)
            ]
            self.norm = _stretched(model.model.norm)
            # In 4 bits whatever they lose: it only says which words are worth a full product.
            self._rough_words = matrix.rough("words", model.lm_head)
        matrix.done()

    def _pairs_together(self) -> Tensor:
        """Outputs of q, k, v with the two numbers that are rotated into each other side by side.

        The library rotates number i with i + half; beside each other they are a complex number,
        and a rotation is one product. Queries and keys are reordered alike, so that their products
        stay; values are left as they are.
        """
        rows = torch.arange(self.heads * self.head).view(self.heads, self.head)
        pairs = rows.unflatten(1, (2, -1)).transpose(1, 2).flatten(1)
        turned = self.query_heads + self.key_heads
        return torch.cat((pairs[:turned], rows[turned:])).flatten()

    def turns(self, positions: int) -> Tensor:
        """Rotations of the first positions, (positions, heads, head width / 2) complex."""
        places = torch.arange(positions)[None]
        cos, sin = self._rotary(torch.zeros(1, dtype=torch.float32), places)
        half = torch.complex(cos[0].float(), sin[0].float())[:, None, : self.head // 2]
        turned = half.expand(-1, self.query_heads + self.key_heads, -1)
        return torch.cat((turned, torch.ones_like(half).expand(-1, self.key_heads, -1)), 1)

    @torch.inference_mode()
    def states(self, run: Run, embeds: Tensor) -> Tensor:
        """Final states of the next positions, which `run` then holds.

        Args:
            embeds: (T, width); more than one position only at the beginning.

        Returns:
            (T, width) float32, after the final norm.
        """
        many = len(embeds)
        assert many == 1 or not run.length
        run.room(many)
        start, run.length = run.length, run.length + many
        turns = run.turns[start : run.length]
        slots = run.held[:, start : run.length].unbind(0)
        # (layers, 1, key heads, length, head width) of keys and of values
        held = torch.view_as_real(run.held[:, : run.length]).flatten(3).transpose(1, 2)[:, None]
        keys, values = (part.unbind(0) for part in held.split(self.key_heads, 2))
        h = embeds.float().clone()
        for layer, slot, key, value in zip(self.layers, slots, keys, values, strict=True):
            x = layer.qkv(self._normed(h, layer.attention_norm).to(layer.qkv.dtype))
            pairs = torch.view_as_complex(x.float().view(many, self.heads, -1, 2)) * turns
            slot.copy_(pairs[:, self.query_heads :])
            x = self._attend(torch.view_as_real(pairs[:, : self.query_heads]), key, value)
            h += layer.out(x.to(layer.out.dtype))
            x = layer.gate_up(self._normed(h, layer.mlp_norm).to(layer.gate_up.dtype))
            gate, up = x.chunk(2, -1)
            h += layer.down(F.silu(gate).mul_(up).to(layer.down.dtype))
        return self._normed(h, self.norm)

    def _normed(self, h: Tensor, weight: Tensor) -> Tensor:
        """RMS norm; `weight` is multiplied with the root of the width."""
        length = torch.linalg.vector_norm(h, dim=-1, keepdim=True)
        return (h * torch.addcmul(self._eps, length, length).rsqrt_()).mul_(weight)

    def _attend(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """(T, query heads, head width / 2, 2) -> (T, query heads * head width)."""
        many = len(query)
        if many == 1:  # the queries of one key head as if they were its positions
            query = query.reshape(1, self.key_heads, -1, self.head)
            return F.scaled_dot_product_attention(query, key, value).view(1, -1)
        query = query.flatten(2).transpose(0, 1)[None]
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=True)
        return seen[0].transpose(0, 1).flatten(1)

    @torch.inference_mode()
    def next_word(self, state: Tensor, written: Sequence[int], penalty: float) -> int:
        """The likeliest next token.

        Args:
            state: (width,) final state.
            written: tokens that count as repetitions.
            penalty: what their logits are divided by where they are positive, and multiplied with
                where they are not (CTRL, 1909.05858), as the library's processor does.
        """
        known, weight = torch.tensor(written, dtype=torch.long), self._words.weight
        if self._rough_words is None:
            logits = self._words(state.to(weight.dtype)).float()
            logits[known] = _penalised(logits[known], penalty)
            return int(logits.argmax())
        rough = self._rough_words(state[None].bfloat16())[0]
        rough[known] = _penalised(rough[known], penalty)
        likely = rough.topk(min(_CANDIDATES, len(rough))).indices
        logits = weight[likely].float() @ state
        logits = torch.where(torch.isin(likely, known), _penalised(logits, penalty), logits)
        return int(likely[logits.argmax()])

    def greedy(self, embeds: Tensor, *, penalty: float) -> Iterator[int]:
        """The tokens that follow a prompt of embeddings (T, width), without end."""
        run, written = Run(self), list[int]()
        state = self.states(run, embeds)
        while True:
            written.append(self.next_word(state[-1], written, penalty))
            yield written[-1]
            with torch.inference_mode():
                newest = self._embed(torch.tensor(written[-1:]))
            state = self.states(run, newest)


def _penalised(logits: Tensor, penalty: float) -> Tensor:
    return torch.where(logits < 0, logits * penalty, logits / penalty)
