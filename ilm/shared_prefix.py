"""What all texts of a batch begin with, kept once and attended to by all of them.

Hydragen (2402.05099): attention over a shared prefix and over each row's own words is one softmax,
so that the prefix needs no copy a row, and its products are few and large. Learning ELM-24's texts
behind five demonstrations takes half the time that the library's attention does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint
from transformers import AttentionInterface
from transformers.cache_utils import Cache, DynamicCache
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

NAME = "shared-prefix"
LARGE = 2**24
"""Attention weights of a layer that are not kept for the gradient if they are more."""
_attended: ContextVar[Cache | None] = ContextVar("attended", default=None)


class PrefixedCache(DynamicCache):
    """Keys and values of a batch's own words; those of its prefix, read as one text, beside it.

    It is as long as both together, so that the library counts positions and lays masks as if the
    prefix stood in every row.
    """

    def __init__(self, prefix: Cache) -> None:
        super().__init__()
        self.prefix = prefix

    def get_seq_length(self, layer_idx: int = 0) -> int:
        return self.prefix.get_seq_length(layer_idx) + super().get_seq_length(layer_idx)

    def get_mask_sizes(self, query_length: int, layer_idx: int) -> tuple[int, int]:
        return self.get_seq_length(layer_idx) + query_length, 0

    @contextmanager
    def attended(self) -> Iterator[None]:
        """Forwards of this thread that fill this cache look at its prefix, too."""
        token = _attended.set(self.prefix)
        try:
            yield
        finally:
            _attended.reset(token)


def enable(model: Any) -> bool:
    """Make a model able to look at a shared prefix; False for one whose attention cannot."""
    if model.config._attn_implementation != "sdpa":
        return False
    model.set_attn_implementation(NAME)
    return True


def _attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    scaling: float | None = None,
    **settings: Any,
) -> tuple[Tensor, None]:
    """The library's attention, or that over a shared prefix where one is attended to.

    Args:
        query: (B, heads, T, width) of new positions.
        key, value: (B, key heads, S, width) of the rows' own words.
        attention_mask: (B, 1, T, prefix + S) bool; True: to be looked at. None: all is.

    Returns:
        (B, T, heads, width).
    """
    prefix = _attended.get()
    if prefix is None:
        settings |= {"attention_mask": attention_mask, "scaling": scaling}
        found, _ = sdpa_attention_forward(module, query, key, value, **settings)
        return found, None
    layer = prefix.layers[module.layer_idx]
    (first_keys,), (first_values,) = layer.keys, layer.values
    scaled = query * (scaling or query.shape[-1] ** -0.5)
    given = (scaled, key, value, first_keys, first_values, attention_mask)
    places = first_keys.shape[1] + key.shape[2]
    if torch.is_grad_enabled() and query.requires_grad and query[..., 0].numel() * places > LARGE:
        # Kept in all layers, the weights of 16 long texts are 4 GB: computed anew where the
        # gradient needs them.
        return checkpoint(_behind_a_prefix, *given, use_reentrant=False), None
    return _behind_a_prefix(*given), None


def _behind_a_prefix(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    first_keys: Tensor,
    first_values: Tensor,
    mask: Tensor | None,
) -> Tensor:
    """`_attention` of a scaled query, where the prefix has (key heads, P, width)."""
    batch, heads, length, width = query.shape
    key_heads, begun = first_keys.shape[:2]
    # Heads that share a key head stand side by side: one larger product for all of them.
    grouped = query.reshape(batch, key_heads, -1, width)
    before = _of_all(grouped) @ first_keys.mT
    own = grouped @ key.mT
    if mask is not None:
        hidden = ~mask[..., begun:]  # (B, 1, T, S); of the prefix nothing ever is
        apart = own.view(batch, heads, length, -1)
        own = apart.masked_fill(hidden, torch.finfo(own.dtype).min).view_as(own)
    before = before.view(key_heads, batch, -1, begun).transpose(0, 1)
    weights = torch.cat([before, own], -1).softmax(-1).split([begun, key.shape[2]], -1)
    # Copied, for a product over slices is many times slower.
    found = weights[1].contiguous() @ value
    from_prefix = _of_all(weights[0]) @ first_values
    found = found + from_prefix.view(key_heads, batch, -1, width).transpose(0, 1)
    return found.view(batch, heads, length, width).transpose(1, 2).contiguous()


def _of_all(rows: Tensor) -> Tensor:
    """(B, key heads, n, width) -> (key heads, B * n, width)."""
    return rows.transpose(0, 1).flatten(1, 2)


AttentionInterface.register(NAME, _attention)
AttentionMaskInterface.register(NAME, sdpa_mask)
