"""The first layers of a model of the Llama kind, asked for one state a row: what ranking reads.

The library's forward computes the last of these layers at every position, of which ranking needs
one, and in single precision, which takes twice as long where the processor multiplies bfloat16. It
also reads the opening words anew in every row, and an item's token in every history that holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def fast_dtype() -> torch.dtype:
    """What this processor multiplies fastest."""
    able = torch.cpu.get_capabilities()
    half = able.get("avx512_bf16") or able.get("amx_bf16")
    return torch.bfloat16 if half else torch.float32


class _Matrix:
    """Linear layers over one input, side by side."""

    def __init__(self, dtype: torch.dtype, *layers: nn.Linear) -> None:
        self.weight = torch.cat([layer.weight.data for layer in layers]).to(dtype)
        biases = [layer.bias.data for layer in layers if layer.bias is not None]
        self.bias = torch.cat(biases).to(dtype) if biases else None

    def __call__(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias)


class _Layer:
    """The weights of one layer."""

    def __init__(self, layer: Any, dtype: torch.dtype) -> None:
        attention, mlp = layer.self_attn, layer.mlp
        self.query = _Matrix(dtype, attention.q_proj)
        self.key_value = _Matrix(dtype, attention.k_proj, attention.v_proj)
        self.out = _Matrix(dtype, attention.o_proj)
        self.gate_up = _Matrix(dtype, mlp.gate_proj, mlp.up_proj)
        self.down = _Matrix(dtype, mlp.down_proj)
        self.attention_norm = layer.input_layernorm.weight.float()
        self.mlp_norm = layer.post_attention_layernorm.weight.float()


class FirstLayers:
    """Runs the first layers of a model that `ilm.decoder.why_not` has nothing against.

    Args:
        model: the Hugging Face model, which is read once and not changed.
        layers: how many of its decoder layers, 1 or more.
    """

    def __init__(self, model: Any, layers: int) -> None:
        config = model.config
        self.dtype = fast_dtype()
        self._head = int(model.model.layers[0].self_attn.head_dim)
        self._key_heads = int(config.num_key_value_heads)
        self._eps = float(config.rms_norm_eps)
        self._rotary = model.model.rotary_emb
        with torch.no_grad():
            self._layers = [_Layer(layer, self.dtype) for layer in [*model.model.layers][:layers]]

    @torch.inference_mode()
    def __call__(
        self, words: Tensor, tokens: Tensor, places: Tensor, lengths: Sequence[int]
    ) -> Tensor:
        """The state of one position a row as it leaves the last of these layers.

        Args: those of `ilm.llm.FrozenLLM.states_at`.

        Returns:
            (B, width) float32; no norm is applied.
        """
        opening, (rows, long) = len(words), places.shape
        every, end = torch.arange(rows), torch.tensor(lengths) + opening - 1
        length = torch.arange(opening + long)
        cos, sin = (
            wave[0, :, : self._head // 2].float()
            for wave in self._rotary(words.float()[None], length[None])
        )
        until = (length <= end[:, None])[:, None, None]
        # Each distinct vector once, and where in the rows it stands.
        h = torch.cat([words, tokens]).float()
        begin = torch.arange(opening).expand(rows, -1)
        at = torch.cat([begin, opening + places], 1)
        for layer in self._layers:
            x = self._normed(h, layer.attention_norm)
            key, value = self._heads(layer.key_value(x)[at]).split(self._key_heads, 1)
            key = self._turned(key, cos, sin)
            last = layer is self._layers[-1]
            if last:  # from here on only what is asked for
                asked = at[every, end]
                query, h = layer.query(x[asked])[:, None], h[asked]
                cos, sin = cos[end, None, None], sin[end, None, None]
            else:
                query = layer.query(x)[at]
                h = h[torch.cat([at[0, :opening], at[:, opening:].flatten()])]
                at = torch.cat([begin, opening + torch.arange(rows * long).view(rows, long)], 1)
            seen = F.scaled_dot_product_attention(
                self._turned(self._heads(query), cos, sin),
                key,
                value,
                attn_mask=until if last else None,
                is_causal=not last,
                enable_gqa=True,
            )
            seen = seen.transpose(1, 2).flatten(2)
            if last:
                seen = seen[:, 0]
            else:  # what is seen from the opening is the same in all rows
                seen = torch.cat([seen[0, :opening], seen[:, opening:].flatten(0, 1)])
            h = h + layer.out(seen)
            gate, up = layer.gate_up(self._normed(h, layer.mlp_norm)).chunk(2, -1)
            h = h + layer.down(F.silu(gate).mul_(up))
        return h.clone()

    def _normed(self, h: Tensor, weight: Tensor) -> Tensor:
        return F.rms_norm(h, h.shape[-1:], weight, self._eps).to(self.dtype)

    def _heads(self, x: Tensor) -> Tensor:
        """(B, T, heads * head width) -> (B, heads, T, head width)."""
        return x.unflatten(-1, (-1, self._head)).transpose(1, 2)

    def _turned(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Rotated by its position: number i with i + half, as the library does."""
        one, other = x.float().chunk(2, -1)
        turned = (one * cos - other * sin, other * cos + one * sin)
        return torch.cat(turned, -1).to(self.dtype)
