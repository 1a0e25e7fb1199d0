"""Ranking metrics with one right item a user: per-user values first, the mean is one line more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eval.errors import EvalError

UNRANKED = np.iinfo(np.int32).max
"""The rank of a target that was given no score: never a hit, whatever k is."""


def target_ranks(scores: NDArray[np.floating], targets: NDArray[np.integer]) -> NDArray[np.int32]:
    """The place of each user's target, 1 = first: (n_users,) int32.

    scores: (n_users, n_items); -inf removes an item from the ranking. Ties are broken against the
    target (the worst place it could have), so a model that scores everything alike gains nothing.
    A target at -inf is UNRANKED.

    Raises:
        EvalError: when a score is NaN.
    """
    broken = np.isnan(scores).any(axis=1)
    if broken.any():
        raise EvalError(f"{int(broken.sum())} of {len(scores)} users were given NaN as a score.")
    own = scores[np.arange(len(targets)), targets]
    places = (scores >= own[:, None]).sum(axis=1)
    return np.where(np.isneginf(own), UNRANKED, places).astype(np.int32)


def hit_rate(ranks: NDArray[np.integer], k: int) -> NDArray[np.float64]:
    """1 for users whose target is among the first k, else 0: (n_users,)."""
    return (ranks <= k).astype(np.float64)


def ndcg(ranks: NDArray[np.integer], k: int) -> NDArray[np.float64]:
    """1 / log2(rank + 1) for a target among the first k, else 0: (n_users,).

    With one right item the ideal DCG is 1, so this is NDCG@k (Järvelin & Kekäläinen 2002).
    """
    return np.where(ranks <= k, 1 / np.log2(ranks.astype(np.float64) + 1), 0.0)


def bootstrap_interval(
    values: NDArray[np.floating], *, level: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean of per-user values (n_users,)."""
    rng = np.random.default_rng(seed)
    n = len(values)
    chunk = max(1, 5_000_000 // n)  # bounds memory at any number of users
    means = np.concatenate(
        [
            values[rng.integers(n, size=(min(chunk, resamples - start), n))].mean(axis=1)
            for start in range(0, resamples, chunk)
        ]
    )
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
