"""The CoLLM baseline's encoder: an MLP where the item-language model has a Q-Former."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ilm.signals import Signals


class MlpEncoder(nn.Module):
    """Two-layer MLP on an item's signals in place of the Q-Former (CoLLM, arXiv 2310.19488)."""

    def __init__(self, widths: dict[str, int], width: int, num_queries: int) -> None:
        super().__init__()
        self.width: int = width
        self.num_queries: int = num_queries
        self.layers = nn.ModuleDict(
            {
                name: nn.Sequential(
                    nn.Linear(size, width), nn.GELU(), nn.Linear(width, num_queries * width)
                )
                for name, size in widths.items()
            }
        )
        self.norm = nn.LayerNorm(width)

    def item_tokens(self, signals: Signals) -> Tensor:
        """(B, K, width)."""
        total = torch.zeros(len(signals), self.num_queries * self.width, device=self._device)
        for name, vectors in signals.vectors.items():
            mapped = self.layers[name](vectors.mean(1))
            total = total + mapped * signals.present[name][:, None]
        return self.norm(total.view(len(signals), self.num_queries, self.width))

    @property
    def _device(self) -> torch.device:
        return self.norm.weight.device
