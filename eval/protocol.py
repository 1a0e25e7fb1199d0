"""OpenP5's two ranking tasks, exactly: who is ranked for whom, and what may be known of them.

Leave-one-out: the last item of each user is the target, the one before it belongs to nobody's
training. Candidates are all items of the data set's 5-core.

sequential       the history, oldest first, holds the validation item at test time
straightforward  the training interactions alone, and in no order: sorted by item index

Rankings are kept with seen items in (as OpenP5 reports) and with them removed, "seen" being what
the history holds; the two are never mixed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from data.dataset import Dataset
from data.splits import LeaveOneOut, leave_one_out
from eval.errors import EvalError
from eval.machine import machine
from eval.metrics import UNRANKED, target_ranks
from eval.predictions import Predictions

Task = Literal["sequential", "straightforward"]
Histories = Sequence[NDArray[np.int32]]
Ranked = Callable[[int], None]
"""Is told after each batch how many users it held."""
TASKS: tuple[Task, ...] = get_args(Task)
BATCH = 512
TOP = 20
"""How many items of each ranking are kept in a predictions file."""


class Scorer(Protocol):
    """Anything that scores the catalogue after histories (oldest first)."""

    def scores(self, histories: Histories) -> NDArray[np.float32]:
        """(B, n_items) float32, higher is better, -inf for items it cannot rank."""
        ...


@dataclass(frozen=True)
class Trial:
    """A data set under one task, with its split checked.

    candidates: (n,) indices of the items to be ranked.
    """

    dataset: Dataset
    task: Task
    split: LeaveOneOut
    candidates: NDArray[np.int32]

    @classmethod
    def of(cls, dataset: Dataset, task: str) -> Trial:
        """Split the data set; EvalError for an unknown task or a split with a leak."""
        if task not in TASKS:
            raise EvalError(f"There is no task '{task}'; choose {' or '.join(TASKS)}.")
        split = leave_one_out(dataset.interactions)
        check_no_leak(split)
        return cls(dataset, task, split, dataset.interactions.active_items())

    def histories(self, at: Literal["validation", "test"] = "test") -> list[NDArray[np.int32]]:
        """What is known of each user when the target is to be found."""
        if self.task == "straightforward":
            return [np.sort(items) for items in self.split.train.sequences()]
        return self.split.histories(at)

    def about(self) -> dict[str, Any]:
        """What every prediction made here has in common."""
        return {
            "benchmark": "openp5",
            "dataset": self.dataset.name,
            "task": self.task,
            "split": self.split.digest,
            "candidates": len(self.candidates),
            "machine": machine(),
        }

    def save_split(self, folder: Path) -> Path:
        """Write the split to its own file, named by data set and digest.

        Users and items are indices; `items[user]` of the training part run oldest first.
        """
        train = self.split.train
        path = folder / f"{self.dataset.name}-{self.split.digest[:12]}.npz"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            np.savez_compressed(
                path,
                train_users=train.users,
                train_items=train.items,
                train_times=train.times,
                validation=self.split.validation,
                test=self.split.test,
                user_ids=np.array(train.user_ids),
                item_ids=np.array([item.id for item in self.dataset.catalogue]),
                digest=np.array(self.split.digest),
            )
        return path


def check_no_leak(split: LeaveOneOut) -> None:
    """EvalError when a target is in its own history or in its user's training interactions."""
    trained = split.train.matrix()
    for name, targets in (("validation", split.validation), ("test", split.test)):
        users = np.arange(len(targets))
        leaked = np.asarray(trained[users, targets]).ravel() != 0
        histories = split.histories("validation" if name == "validation" else "test")
        leaked |= [target in history for target, history in zip(targets, histories, strict=True)]
        if leaked.any():
            raise EvalError(
                f"{int(leaked.sum())} users have their {name} item in their own history or "
                f"training interactions (the first: user {split.train.user_ids[leaked.argmax()]})."
            )


def nothing(users: int) -> None:
    """Nobody wants to know how far it is."""


def rank(
    scorer: Scorer,
    trial: Trial,
    about: Mapping[str, Any],
    *,
    batch: int = BATCH,
    k: int = TOP,
    ranked: Ranked = nothing,
) -> dict[bool, Predictions]:
    """Rank the candidates for every user's test item; by "were seen items removed?".

    Raises:
        EvalError: for scores of another catalogue.
    """
    histories, targets = trial.histories(), trial.split.test
    ranks: dict[bool, list[NDArray[np.int32]]] = {False: [], True: []}
    tops: dict[bool, list[NDArray[np.int32]]] = {False: [], True: []}
    for start in range(0, len(targets), batch):
        these = histories[start : start + batch]
        scores = candidate_scores(scorer, these, trial)
        for filtered in (False, True):
            if filtered:
                for row, history in zip(scores, these, strict=True):
                    row[history] = -np.inf
            ranks[filtered].append(target_ranks(scores, targets[start : start + batch]))
            tops[filtered].append(_top(scores, k))
        ranked(len(these))
    return {
        filtered: Predictions(
            targets,
            np.concatenate(ranks[filtered]),
            np.concatenate(tops[filtered]),
            {**trial.about(), **about, "filtered": filtered},
        )
        for filtered in (False, True)
    }


def candidate_scores(scorer: Scorer, histories: Histories, trial: Trial) -> NDArray[np.float32]:
    """A fresh (B, n_items) of scores, -inf for whatever is no candidate."""
    n_items = trial.split.train.n_items
    scores = np.array(scorer.scores(histories), dtype=np.float32)
    if scores.shape != (len(histories), n_items):
        raise EvalError(
            f"The model scored {scores.shape[-1]:,} items, the catalogue has {n_items:,}: it was "
            "made for another data set."
        )
    left_out = np.ones(n_items, dtype=np.bool_)
    left_out[trial.candidates] = False
    scores[:, left_out] = -np.inf
    return scores


def _top(scores: NDArray[np.float32], k: int) -> NDArray[np.int32]:
    """(B, k) best items, ties by index; -1 where fewer have a score."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    ranked = np.take_along_axis(scores, best, axis=1) > -np.inf
    return np.where(ranked, best, -1).astype(np.int32)


def listed(
    generated: Sequence[Sequence[int]], trial: Trial, about: Mapping[str, Any]
) -> dict[bool, Predictions]:
    """Predictions from what was generated: for each user a list of items, best first.

    A negative number or an item that is no candidate is invalid; an item that was there before is
    a duplicate. Both are taken out, so that what follows moves up, and their share of everything
    generated is kept as `invalid` and `duplicate`. A target that is not in the list is UNRANKED.
    The filtered list is the same without the seen items.

    Raises:
        EvalError: when there is not one list a user.
    """
    histories, targets = trial.histories(), trial.split.test
    if len(generated) != len(targets):
        raise EvalError(f"There are {len(generated)} lists for {len(targets)} users.")
    valid = set(trial.candidates.tolist())
    written = sum(map(len, generated))
    kept = [[item for item in items if item in valid] for items in generated]
    distinct = [list(dict.fromkeys(items)) for items in kept]
    valid_ones, distinct_ones = sum(map(len, kept)), sum(map(len, distinct))
    rates = {
        "invalid": (written - valid_ones) / max(1, written),
        "duplicate": (valid_ones - distinct_ones) / max(1, written),
    }
    return {
        filtered: _from_lists(
            [
                [item for item in items if item not in seen]
                for items, seen in zip(
                    distinct,
                    (set(history.tolist()) if filtered else set() for history in histories),
                    strict=True,
                )
            ],
            targets,
            {**trial.about(), **about, **rates, "filtered": filtered},
        )
        for filtered in (False, True)
    }


def _from_lists(
    lists: Sequence[Sequence[int]], targets: NDArray[np.int32], about: Mapping[str, Any]
) -> Predictions:
    top = np.full((len(lists), max(1, *map(len, lists))), -1, dtype=np.int32)
    ranks = np.full(len(lists), UNRANKED, dtype=np.int32)
    for user, (items, target) in enumerate(zip(lists, targets.tolist(), strict=True)):
        top[user, : len(items)] = items
        if target in items:
            ranks[user] = items.index(target) + 1
    return Predictions(targets, ranks, top, about)
