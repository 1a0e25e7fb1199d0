"""Recommenders that need counting only: what is popular, and what follows what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cf.errors import CfError
from cf.factors import recency
from data.interactions import Interactions


def popularity(interactions: Interactions) -> NDArray[np.float32]:
    """How often each item was chosen: (n_items,) float32."""
    return np.bincount(interactions.items, minlength=interactions.n_items).astype(np.float32)


@dataclass(frozen=True)
class Transitions:
    """Counts of what users chose within a few steps after what, damped by popularity.

    follows: (n_items, n_items) sparse; row = the earlier item, column = the later one.
    decay: items until an item of the history weighs 1/e of the newest.
    """

    follows: sparse.csr_matrix
    decay: float

    @classmethod
    def fit(
        cls,
        interactions: Interactions,
        *,
        steps: int = 5,
        power: float = 0.5,
        decay: float = 3.0,
    ) -> Transitions:
        """Count the pairs at most `steps` apart in each user's sequence.

        A count is divided by the square root of the earlier item's popularity and by the later
        item's to the `power`: 0 favours popular items, 0.5 treats both ends alike.
        """
        if steps < 1:
            raise CfError(f"Transitions look at least 1 step ahead; got {steps}.")
        sequences = interactions.sequences()
        n = interactions.n_items
        earlier = [s[:-step] for step in range(1, steps + 1) for s in sequences]
        later = [s[step:] for step in range(1, steps + 1) for s in sequences]
        rows, columns = np.concatenate(earlier), np.concatenate(later)
        counts = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))
        popular = np.maximum(popularity(interactions).astype(np.float64), 1)
        damped = sparse.diags(popular**-0.5) @ counts @ sparse.diags(popular**-power)
        return cls(damped.tocsr(), decay)

    def scores(
        self, histories: Sequence[Sequence[int] | NDArray[np.integer]]
    ) -> NDArray[np.float32]:
        """Scores (B, n_items) float32 of what comes next after each history (oldest first)."""
        starts = np.cumsum([0, *(len(history) for history in histories)])
        weights = np.concatenate([recency(len(history), self.decay) for history in histories])
        chosen = np.concatenate([np.asarray(history, dtype=np.int64) for history in histories])
        recent = sparse.csr_matrix(
            (weights, chosen, starts), shape=(len(histories), self.follows.shape[0])
        )
        return (recent @ self.follows).toarray().astype(np.float32)
