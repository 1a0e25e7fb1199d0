"""How often each item was chosen: the simplest recommender, and what others are damped by."""

import numpy as np
from numpy.typing import NDArray

from data.interactions import Interactions


def popularity(interactions: Interactions) -> NDArray[np.float32]:
    """How often each item was chosen: (n_items,) float32, 0 for an item nobody chose."""
    return np.bincount(interactions.items, minlength=interactions.n_items).astype(np.float32)
