"""How often each item was chosen and how it was rated: what needs no model."""

import numpy as np
from numpy.typing import NDArray

from data.interactions import Interactions


def popularity(interactions: Interactions) -> NDArray[np.float32]:
    """How often each item was chosen: (n_items,) float32, 0 for an item nobody chose."""
    return np.bincount(interactions.items, minlength=interactions.n_items).astype(np.float32)


def mean_ratings(interactions: Interactions) -> NDArray[np.float32] | None:
    """The mean rating of each item: (n_items,) float32, the mean of all ratings for an item nobody
    chose; None where nothing is rated."""
    if interactions.ratings is None:
        return None
    counts = popularity(interactions)
    sums = np.bincount(
        interactions.items, weights=interactions.ratings, minlength=interactions.n_items
    )
    everywhere = float(interactions.ratings.mean()) if len(interactions) else 0.0
    means = np.where(counts > 0, sums / np.maximum(counts, 1), everywhere)
    return means.astype(np.float32)
