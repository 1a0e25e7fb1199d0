"""Tiny interactions for the tests of this package."""

from collections.abc import Sequence

import numpy as np

from data.interactions import Interactions


def of_sequences(sequences: Sequence[Sequence[int]], n_items: int) -> Interactions:
    """One user a sequence, oldest item first."""
    users = np.repeat(np.arange(len(sequences)), [len(own) for own in sequences])
    return Interactions(
        users.astype(np.int32),
        np.concatenate([np.asarray(own) for own in sequences]).astype(np.int32),
        np.arange(len(users), dtype=np.int64),
        None,
        tuple(f"u{user}" for user in range(len(sequences))),
        n_items,
    )


def cycle(n_items: int, length: int, n_users: int, gap: int = 1) -> Interactions:
    """Every user walks round the items 0, gap, 2 gap, ... from another start.

    What comes next is certain. The catalogue has one more item, at its end, that nobody chose.
    """
    starts = np.arange(n_users) % n_items
    sequences = [[int(start + gap * step) % n_items for step in range(length)] for start in starts]
    return of_sequences(sequences, n_items + 1)


def at_random(n_users: int, n_items: int, seed: int = 0) -> Interactions:
    """Sequences of 3 to n_items - 2 different items; nobody chooses items 0 and n_items - 1."""
    rng = np.random.default_rng(seed)
    inner = np.arange(1, n_items - 1)
    return of_sequences(
        [
            rng.permutation(inner)[: rng.integers(3, len(inner) + 1)].tolist()
            for _ in range(n_users)
        ],
        n_items,
    )
