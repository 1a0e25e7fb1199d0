"""One-step ranking: the LLM's hidden state against every item."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class RankingHead(nn.Module):
    """Scores every item from the LLM's hidden state: one step, the whole catalogue.

    An item's vector is read from its signals plus a residual of its own, so that an item nobody
    chose in training still gets a score from its text.
    """

    def __init__(self, llm_width: int, rank_width: int, signals_width: int, n_items: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(llm_width)
        self.query = nn.Linear(llm_width, rank_width, bias=False)
        # The newest item's own token: what it leads to should not have to pass the LLM.
        self.skip = nn.Linear(llm_width, rank_width, bias=False)
        self.items = nn.Linear(signals_width, rank_width)
        self.residual = nn.Parameter(torch.zeros(n_items, rank_width))
        self.bias = nn.Parameter(torch.zeros(n_items))
        # Small, so that training starts from the bias (popularity) and not from noise.
        for layer in (self.query, self.skip, self.items):
            nn.init.normal_(layer.weight, std=0.01)

    def forward(self, states: Tensor, newest: Tensor, signals: Tensor) -> Tensor:
        """Logits of all items, (..., n_items).

        Args:
            states, newest: (..., llm_width) hidden states, and the newest items' own tokens.
            signals: (n_items, signals_width).
        """
        query = self.query(self.norm(states)) + self.skip(newest)
        return query @ (self.items(signals) + self.residual).T + self.bias
