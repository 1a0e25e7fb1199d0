"""One-step ranking: what the LLM and the history's tokens say, against every item."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

Question = Literal["next", "new", "user-next", "user-new"]
"""What is asked: which item comes next, or which item *not in the history* does. The second is
trained with the seen items out of the softmax, so that nothing is spent on pushing them down; each
is asked after a history or of a user as a whole (`user-`)."""

DECAYS = (1.0, 3.0, 10.0)
"""Items until a token of the history weighs 1/e of the newest, one mean of the tokens each."""


class RankingHead(nn.Module):
    """Scores every item from the LLM's hidden state: one step, the whole catalogue.

    The state is read beside a *trail*: the newest item's token and recency-weighted means of the
    history's tokens, so that what leads to what need not pass the LLM. An item's vector is read
    from its signals plus a free vector of its own, so that an item nobody chose in training still
    gets a score from its text.

    Args:
        trail: False reads the state alone (an ablation).
        free_vectors: False leaves out the items' free vectors (an ablation).
    """

    repeat_log_odds: Tensor

    def __init__(
        self,
        llm_width: int,
        rank_width: int,
        signals_width: int,
        n_items: int,
        *,
        trail: bool = True,
        free_vectors: bool = True,
    ) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(llm_width)
        self.trail = trail
        parts = {name: self._parts(name) for name in get_args(Question)}
        queries = {n: nn.Linear(p * llm_width, rank_width, bias=False) for n, p in parts.items()}
        self.queries = nn.ModuleDict(queries)
        self.items = nn.Linear(signals_width, rank_width)
        self.free = nn.Parameter(torch.zeros(n_items, rank_width), requires_grad=free_vectors)
        self.bias = nn.Parameter(torch.zeros(n_items))
        # Small, so that training starts from the bias (popularity) and not from noise.
        for layer in (*queries.values(), self.items):
            nn.init.normal_(layer.weight, std=0.01)

        # Set from the training interactions, as the bias is; no gradient reaches it.
        self.register_buffer("repeat_log_odds", torch.zeros(()))

    def _parts(self, question: Question) -> int:
        """How many vectors as wide as the LLM a question is read from."""
        if not self.trail:
            return 1
        return 2 if question.startswith("user") else 2 + len(DECAYS)

    def features(self, states: Tensor, tokens: Tensor) -> Tensor:
        """What queries are read from, (B, T, features).

        Args:
            states: (B, T, llm_width) hidden states.
            tokens: (B, T, llm_width) the newest item's token at each position, zero where there is
                none; position t may look back at all before it.
        """
        states = self.norm(states)
        if not self.trail:
            return states
        weights = trail_weights(tokens.shape[1], tokens.device)
        means = torch.einsum("dts,bsw->btdw", weights, tokens).flatten(2)
        return torch.cat([states, tokens, means], -1)

    def last_features(self, states: Tensor, tokens: Tensor, lengths: Tensor) -> Tensor:
        """`features` where a history ends, (B, features).

        Args:
            states: (B, llm_width) hidden states there.
            tokens: (B, T, llm_width) as in `features`.
            lengths: (B,) the position at which each ends.
        """
        states = self.norm(states)
        if not self.trail:
            return states
        weights = trail_weights(tokens.shape[1], tokens.device)[:, lengths]
        means = torch.einsum("dbs,bsw->bdw", weights, tokens).flatten(1)
        newest = tokens[torch.arange(len(tokens), device=tokens.device), lengths]
        return torch.cat([states, newest, means], -1)

    def user_features(self, states: Tensor, tokens: Tensor) -> Tensor:
        """`features` of users as a whole, (B, features).

        Args:
            states: (B, llm_width) hidden states.
            tokens: (B, llm_width) the mean of each user's tokens.
        """
        states = self.norm(states)
        return torch.cat([states, tokens], -1) if self.trail else states

    def item_vectors(self, signals: Tensor) -> Tensor:
        """What queries are held against: signals (n_items, signals_width) -> (n_items, width)."""
        return self.items(signals) + self.free

    def forward(self, features: Tensor, vectors: Tensor, question: Question) -> Tensor:
        """Logits of all items, (..., n_items).

        Args:
            features: (..., features), see `features`.
            vectors: (n_items, width), see `item_vectors`.
        """
        return self.queries[question](features) @ vectors.T + self.bias

    def log_probabilities(self, again: Tensor, new: Tensor, seen: Tensor) -> Tensor:
        """What is chosen next, be it something again or something new (RepeatNet, arXiv 1812.02646,
        §3.2): how often people choose again is counted, which of the two lists holds is learned.

        Args:
            again: (B, n_items) logits of "next"; -inf for items that cannot be ranked.
            new: (B, n_items) logits of "new", likewise.
            seen: (B, n_items) bool; True where the history holds the item.

        Returns:
            (B, n_items); -inf for items that cannot be ranked.
        """
        repeat = F.logsigmoid(self.repeat_log_odds)
        other = F.logsigmoid(-self.repeat_log_odds)
        old = again.masked_fill(~seen, -torch.inf).log_softmax(-1) + repeat
        fresh = new.masked_fill(seen, -torch.inf).log_softmax(-1) + other
        both = torch.where(seen, old, fresh).masked_fill(new.isneginf(), -torch.inf)
        # Where one of the two lists is empty, the other is all there is.
        return both.log_softmax(-1)


def log_odds_of_repeats(histories: Sequence[NDArray[np.integer]]) -> float:
    """How often a choice is of something chosen before, as log odds, one of either kind added."""
    choices = sum(max(len(items) - 1, 0) for items in histories)
    repeats = sum(len(items) - len(np.unique(items)) for items in histories)
    return math.log((repeats + 1) / (choices - repeats + 1))


def trail_weights(length: int, device: torch.device) -> Tensor:
    """(decays, length, length): the weights of positions s <= t in the mean at t; rows sum to 1."""
    place = torch.arange(length, device=device)
    lag = (place[:, None] - place).float()
    decays = torch.tensor(DECAYS, device=device)[:, None, None]
    weights = torch.exp(-lag.clamp(min=0) / decays) * (lag >= 0)
    return weights / weights.sum(-1, keepdim=True)
