"""Splits into training, validation and test interactions, along each user's time."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data.errors import DataError
from data.interactions import Interactions


@dataclass(frozen=True, eq=False)
class LeaveOneOut:
    """Each user's last item is the test target, the one before it the validation target.

    `validation`, `test`: (n_users,) int32 item indices; `train` holds neither of them.
    """

    train: Interactions
    validation: NDArray[np.int32]
    test: NDArray[np.int32]

    def histories(self, at: Literal["validation", "test"]) -> list[NDArray[np.int32]]:
        """What is known of every user when the target is to be predicted, oldest first.

        At "test" the validation item is part of the history.
        """
        histories = self.train.sequences()
        if at == "validation":
            return histories
        return [np.append(*pair) for pair in zip(histories, self.validation, strict=True)]

    @cached_property
    def digest(self) -> str:
        """sha256 (hex) over the training interactions and both targets."""
        digest = hashlib.sha256(self.train.digest.encode())
        digest.update(self.validation.astype("<i4").tobytes())
        digest.update(self.test.astype("<i4").tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class RatioSplit:
    """Three disjoint parts over the same users and items; a part may lack rows of some users."""

    train: Interactions
    validation: Interactions
    test: Interactions


def leave_one_out(interactions: Interactions) -> LeaveOneOut:
    """Hold out every user's last two items. DataError for a user with fewer than three."""
    counts = np.bincount(interactions.users, minlength=interactions.n_users)
    if counts.min() < 3:
        user = interactions.user_ids[int(counts.argmin())]
        raise DataError(
            f"User {user} has {counts.min()} interactions; leave-one-out needs at least 3 of "
            "every user (take a k-core first)."
        )
    ends = np.cumsum(counts)
    held_out = np.zeros(len(interactions), bool)
    held_out[ends - 1] = held_out[ends - 2] = True
    return LeaveOneOut(
        train=interactions.select(~held_out),
        validation=interactions.items[ends - 2],
        test=interactions.items[ends - 1],
    )


def ratio_split(
    interactions: Interactions, ratio: tuple[float, float, float] = (0.8, 0.1, 0.1)
) -> RatioSplit:
    """Cut every user's sequence at the given parts of its length, oldest first into train.

    Cuts are rounded to whole interactions. DataError when the ratio does not add up to 1 or a
    part gets no interaction at all.
    """
    if min(ratio) <= 0 or not np.isclose(sum(ratio), 1):
        raise DataError(f"The ratio {ratio} must be three positive parts that add up to 1.")
    counts = np.bincount(interactions.users, minlength=interactions.n_users)
    starts = np.cumsum(counts) - counts
    position = np.arange(len(interactions)) - starts[interactions.users]
    train_end = np.rint(counts * ratio[0])[interactions.users]
    validation_end = np.rint(counts * (ratio[0] + ratio[1]))[interactions.users]
    return RatioSplit(
        train=interactions.select(position < train_end),
        validation=interactions.select((position >= train_end) & (position < validation_end)),
        test=interactions.select(position >= validation_end),
    )
