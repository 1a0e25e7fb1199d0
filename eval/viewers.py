"""Simulated viewers: real users of a data set with one film in mind that they have not yet seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from data.dataset import Dataset
from data.splits import leave_one_out
from eval.errors import EvalError

LOVED, DISLIKED = 4, 2  # ratings from which on, and up to which

Part = Literal["validation", "test"]


@dataclass(frozen=True)
class Viewer:
    """One user of the data set. Films are dense indices.

    ratings: every film seen before the target, oldest first, and its rating.
    targets: the film in mind, and the same film where the catalogue lists it again.
    """

    user: str
    ratings: Mapping[int, float]
    targets: tuple[int, ...]

    @cached_property
    def loved(self) -> list[int]:
        return [item for item, rating in self.ratings.items() if rating >= LOVED]


def viewers(dataset: Dataset, part: Part, count: int | None, seed: int) -> list[Viewer]:
    """`count` users drawn by `seed`, all if None, whose held-out film is one they rated `LOVED`.

    part: "validation" or "test", the items of `data.splits.leave_one_out`; at "test" the
    validation item is among the films seen.

    Raises:
        EvalError: when the data set has no ratings, or fewer such users than `count`.
    """
    interactions = dataset.interactions
    if interactions.ratings is None:
        raise EvalError(
            f"{dataset.name} has no ratings, so that nobody can say what its viewers loved; "
            "simulated viewers need a data set with ratings, such as ml-100k."
        )
    split = leave_one_out(interactions)
    held_out = split.validation if part == "validation" else split.test
    twins = dataset.catalogue.twins
    found = []
    ends = np.cumsum(np.bincount(interactions.users, minlength=interactions.n_users))
    starts = np.concatenate([[0], ends[:-1]])
    for user, (start, end) in enumerate(zip(starts, ends, strict=True)):
        place = int(end) - (2 if part == "validation" else 1)
        target = int(held_out[user])
        same = (target, *twins.get(target, ()))
        films = zip(
            interactions.items[start:place].tolist(),
            interactions.ratings[start:place].tolist(),
            strict=True,
        )
        ratings = {item: rating for item, rating in films if item not in same}
        known = dataset.catalogue[target].title.casefold() != "unknown"
        if known and interactions.ratings[place] >= LOVED:
            found.append(Viewer(interactions.user_ids[user], ratings, same))
    if count is None:
        return found
    if count > len(found):
        raise EvalError(
            f"{dataset.name} has {len(found)} viewers who loved their {part} film, not {count}: "
            "ask for fewer."
        )
    chosen = np.random.default_rng(seed).permutation(len(found))[:count]
    return [found[place] for place in chosen]
