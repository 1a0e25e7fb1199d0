"""Losses of stage 1, as pure functions of tensors (BLIP-2 §3.1; ILM §3.2)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

VARIANTS: dict[str, tuple[str, ...]] = {
    "IT": (),
    "IT-II": ("II",),
    "IT-UI": ("UI",),
    "IT-II-UI": ("II", "UI"),
}
"""Stage-1 variants by the paper's names -> the item-item losses beside ITC, ITM and ITG."""


def query_text_similarity(items: Tensor, texts: Tensor) -> Tensor:
    """Best-matching query of each item for each text.

    Args:
        items: (B, K, d) unit vectors. texts: (C, d) unit vectors.

    Returns:
        (B, C) cosines.
    """
    return torch.einsum("bkd,cd->bck", items, texts).amax(-1)


def item_item_similarity(left: Tensor, right: Tensor) -> Tensor:
    """Best-matching pair of queries: (B, K, d) and (C, K, d) unit vectors -> (B, C) cosines."""
    return torch.einsum("bkd,cjd->bckj", left, right).amax((-2, -1))


def contrastive(similarity: Tensor, temperature: Tensor, same: Tensor) -> Tensor:
    """InfoNCE in both directions; row i and column i belong together.

    Args:
        similarity: (B, B) cosines.
        temperature: scalar, kept within [0.01, 0.5].
        same: (B, B) bool; True where row and column are a true pair. Off the diagonal such a pair
            is no negative and is left out.
    """
    logits = similarity / temperature.clamp(0.01, 0.5)
    diagonal = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
    logits = logits.masked_fill(same & ~diagonal, torch.finfo(logits.dtype).min)
    target = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def hard_negatives(similarity: Tensor, same: Tensor, temperature: float = 0.07) -> Tensor:
    """For each row one column that is no true pair, drawn by its similarity, (B,).

    With a single column there is no negative; the row gets itself and `matching` ignores it.
    """
    weights = (similarity.detach().float() / temperature).softmax(-1)
    weights = weights.masked_fill(same, 0.0)
    alone = weights.sum(-1) <= 0
    weights = torch.where(alone[:, None], torch.eye(*weights.shape, device=weights.device), weights)
    return torch.multinomial(weights, 1)[:, 0]


def matching(positive: Tensor, negative: Tensor, valid: Tensor) -> Tensor:
    """ITM: binary cross-entropy over (B, 2) logits of true and (N, 2) of false pairs.

    Args:
        valid: (N,) bool; False where no negative could be drawn.
    """
    logits = torch.cat([positive, negative[valid]])
    labels = torch.zeros(len(logits), dtype=torch.long, device=logits.device)
    labels[: len(positive)] = 1
    return F.cross_entropy(logits, labels)


def next_token(logits: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
    """Mean loss of predicting each token from those before it.

    Labels are masked by `mask` and never by token id: pad may be the end token, which must be
    learned.

    Args:
        logits: (B, T, V). ids: (B, T). mask: (B, T) bool; True where a token is to be predicted.
    """
    labels = ids.masked_fill(~mask, -100)
    return F.cross_entropy(logits[:, :-1].flatten(0, 1).float(), labels[:, 1:].flatten())
