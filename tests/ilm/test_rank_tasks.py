"""`rank` and `rank-users`: which positions are asked, and what is known at each of them."""

import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from cf.factors import Factors, fit
from data.interactions import Interactions
from data.splits import LeaveOneOut, leave_one_out
from ilm.model import ItemLanguageModel
from ilm.ranking_head import Question
from ilm.tasks import SHARES, TARGET_DECAY, RankTask, RankUsersTask, split_history
from prompts.openp5 import load_openings
from tests.ilm.conftest import MakeModel

LENGTHS = (4, 5, 9, 14, 24)
"""Of five users, none of whom shares an item with another: what is held out of a user's training
items is in nobody's."""


def interactions(times: Sequence[int]) -> Interactions:
    n = sum(LENGTHS)
    users = np.repeat(np.arange(5), LENGTHS).astype(np.int32)
    items = np.arange(n, dtype=np.int32)
    return Interactions(users, items, np.array(times, np.int64), None, tuple("abcde"), n)


@pytest.fixture
def apart() -> LeaveOneOut:
    return leave_one_out(interactions(range(sum(LENGTHS))))


@pytest.fixture
def tied() -> LeaveOneOut:
    """The same, four items a second."""
    return leave_one_out(interactions([at // 4 for n in LENGTHS for at in range(n)]))


class Oracle:
    """In place of a model: is sure of the item that follows in the data above (or, unsure, of
    nothing), and keeps what it was shown."""

    def __init__(self, n_items: int, history: int, sure: bool = True) -> None:
        self.config = SimpleNamespace(history=history)
        self.rankable = torch.ones(n_items, dtype=torch.bool)
        self.device = torch.device("cpu")
        self.sure = sure
        self.shown: list[list[int]] = []
        self.openings: list[str] = []
        self.vectors: list[Tensor] = []

    def rank_features(self, histories: Sequence[NDArray[np.integer]], opening: str) -> Tensor:
        """The item that follows each prefix."""
        self.shown += [history.tolist() for history in histories]
        self.openings.append(opening)
        longest = max(len(history) for history in histories)
        following = torch.full((len(histories), longest + 1, 1), -1.0)
        for row, history in enumerate(histories):
            for seen in range(len(history) + 1):
                following[row, seen] = float(history[seen - 1] + 1 if seen else history[0])
        return following

    def user_features(self, vectors: NDArray[np.float32], opening: str) -> Tensor:
        self.vectors.append(torch.from_numpy(vectors))
        self.openings.append(opening)
        return torch.full((len(vectors), 1), -1.0)

    def rank_logits(self, features: Tensor, question: Question) -> Tensor:
        following = features[..., 0].long()
        # What lies behind a shorter history is never asked for.
        assert (following >= 0).all() or question.startswith("user")
        logits = torch.zeros(*following.shape, len(self.rankable))
        if self.sure:
            logits.scatter_(-1, following.clamp(min=0)[..., None], 50.0)
        return logits


def rank_task(split: LeaveOneOut, history: int = 6, **other: Any) -> tuple[RankTask, Oracle]:
    oracle = Oracle(split.train.n_items, history, **other)
    model: Any = oracle
    return RankTask(model, split.train, 2, seed=0), oracle


def test_rank_asks_for_the_next_item_at_every_position(apart: LeaveOneOut) -> None:
    task, oracle = rank_task(apart)
    for number in range(4 * task.batches_per_epoch):
        losses = task.losses(number)
        assert losses.keys() == {"rank", "rank-new"}
        assert all(float(loss) < 1e-3 for loss in losses.values())
    seen = load_openings("sequential")["seen"]
    assert len(set(oracle.openings)) > 3
    assert set(oracle.openings) <= set(seen)


def test_rank_windows_hold_training_items_alone_and_are_histories(apart: LeaveOneOut) -> None:
    task, oracle = rank_task(apart)
    for number in range(6 * task.batches_per_epoch):
        task.losses(number)
    held_out = {*apart.validation.tolist(), *apart.test.tolist()}
    sequences = [sequence.tolist() for sequence in apart.train.sequences()]
    for history in oracle.shown:
        # The item asked for last follows the history, so it must be a training item as well.
        window = [*history, history[-1] + 1]
        assert not held_out & set(window)
        assert any(set(window) <= set(sequence) for sequence in sequences)
        assert window == sorted(window)
        assert len(history) <= 6


def test_rank_windows_of_an_epoch_do_not_overlap_and_move(apart: LeaveOneOut) -> None:
    task, _ = rank_task(apart)
    cuts = set()
    for epoch in range(5):
        windows = [window for batch in task.batches(epoch) for window in batch]
        asked = [(row, at) for row, start, end in windows for at in range(start, end)]
        assert len(asked) == len(set(asked))
        for row, sequence in enumerate(task.sequences):
            # At most half a window is left out at the newest end, and one item at the oldest.
            assert sum(at[0] == row for at in asked) >= min(len(sequence), len(sequence) - 3)
        cuts.add(tuple(sorted(windows)))
    assert len(cuts) > 1


def test_an_item_that_cannot_be_ranked_costs_nothing(apart: LeaveOneOut) -> None:
    task, oracle = rank_task(apart, sure=False)
    assert float(task.losses(0)["rank"]) == pytest.approx(math.log(56), abs=1e-4)
    oracle.rankable[list(apart.test)] = False
    assert float(task.losses(0)["rank"]) == pytest.approx(math.log(51), abs=1e-4)


def test_new_items_are_asked_for_with_seen_ones_out(apart: LeaveOneOut) -> None:
    """A model that knows nothing pays for what can still come: a window inside a history has the
    items before the window out as well."""
    task, _ = rank_task(apart, sure=False)
    inside = 0
    for number in range(2 * task.batches_per_epoch):
        losses = task.losses(number)
        epoch, position = divmod(number, task.batches_per_epoch)
        batches = task.batches(epoch)
        windows = batches[position % len(batches)]
        left = [
            56 - place
            for _, start, end in windows
            for place in range(start + (1 if start else 0), end)
        ]
        inside += sum(start > 0 for _, start, _ in windows)
        expected = sum(map(math.log, left)) / len(left)
        assert float(losses["rank-new"]) == pytest.approx(expected, abs=1e-4)
        assert float(losses["rank"]) == pytest.approx(math.log(56), abs=1e-4)
    assert inside > 4


def test_seen_equals_the_loops(apart: LeaveOneOut) -> None:
    task, _ = rank_task(apart)
    rng = np.random.default_rng(1)
    histories = [rng.permutation(56)[:length].astype(np.int32) for length in (7, 1, 30, 12)]
    asked = [(row, count) for row, h in enumerate(histories) for count in range(len(h) + 1)]
    order = rng.permutation(len(asked))
    found = task._seen(histories, np.array(asked)[order])
    assert found.shape == (len(asked), 56)
    for place, at in enumerate(order):
        row, count = asked[at]
        assert set(found[place].nonzero().flatten().tolist()) == set(histories[row][:count])


def seconds(split: LeaveOneOut, order: Sequence[NDArray[np.int32]]) -> list[list[set[int]]]:
    """The items of each user's seconds, in the order in which they come."""
    when = dict(zip(split.train.items.tolist(), split.train.times.tolist(), strict=True))
    found = []
    for items in order:
        times = [when[item] for item in items.tolist()]
        assert times == sorted(times)
        found.append([{i for i in items.tolist() if when[i] == t} for t in sorted(set(times))])
    return found


def test_ties_alone_are_shuffled_anew_every_epoch(tied: LeaveOneOut, apart: LeaveOneOut) -> None:
    task, _ = rank_task(tied)
    orders = [task.order(epoch) for epoch in range(6)]
    expected = seconds(tied, tied.train.sequences())
    for order in orders:
        assert seconds(tied, order) == expected
    assert len({tuple(np.concatenate(order)) for order in orders}) == 6
    for left, right in zip(task.sequences, tied.train.sequences(), strict=True):
        np.testing.assert_array_equal(left, right)
    # Without ties nothing moves.
    for left, right in zip(rank_task(apart)[0].order(3), apart.train.sequences(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_ties_are_shuffled_by_seed_and_epoch(tied: LeaveOneOut) -> None:
    def order(seed: int, *epochs: int) -> tuple[int, ...]:
        model: Any = Oracle(56, 6)
        task = RankTask(model, tied.train, 2, seed=seed)
        return tuple(np.concatenate([task.order(epoch) for epoch in epochs][-1]))

    assert order(0, 3) == order(0, 0, 1, 3) == order(0, 5, 3)  # as after a resumed run
    assert order(0, 3) != order(1, 3)


def test_rank_shows_the_shuffled_order(tied: LeaveOneOut) -> None:
    task, oracle = rank_task(tied)
    for number in range(3 * task.batches_per_epoch):
        oracle.shown.clear()
        task.losses(number)
        epoch, position = divmod(number, task.batches_per_epoch)
        batches, order = task.batches(epoch), task.order(epoch)
        expected = [
            order[row][a : b - 1].tolist() for row, a, b in batches[position % len(batches)]
        ]
        assert oracle.shown == expected


# -- users as a whole ---------------------------------------------------------------------------


@pytest.mark.parametrize("length", [2, 3, 10, 200])
def test_a_history_is_split_into_what_is_shown_and_what_is_found(length: int) -> None:
    rng = np.random.default_rng(0)
    items = rng.permutation(500)[:length].astype(np.int32)
    for _ in range(20):
        shown, asked, weights = split_history(items, rng)
        assert sorted([*shown, *asked]) == sorted(items)
        assert len(shown) >= 1 and len(asked) >= 1
        assert len(asked) == len(weights)
        low, high = (share * length for share in SHARES)
        assert min(low, length - 1) <= len(shown) <= max(math.ceil(high), 1)
        place = {int(item): at for at, item in enumerate(items)}
        for item, weight in zip(asked.tolist(), weights.tolist(), strict=True):
            age = (length - 1 - place[item]) / length
            assert weight == pytest.approx(math.exp(-age / TARGET_DECAY), rel=1e-5)


def test_later_items_are_likelier_to_be_asked_for() -> None:
    rng, items = np.random.default_rng(0), np.arange(40, dtype=np.int32)
    counts = np.zeros(40)
    for _ in range(300):
        counts[split_history(items, rng)[1]] += 1
    tens = counts.reshape(4, 10).sum(1)
    assert tens[3] > 1.5 * tens[2] > 2 * tens[1] > 0


@pytest.fixture
def users_task(apart: LeaveOneOut) -> tuple[RankUsersTask, Oracle]:
    oracle = Oracle(apart.train.n_items, 6, sure=False)
    model: Any = oracle
    factors = fit(apart.train, factors=8, seed=0)
    return RankUsersTask(model, apart.train, factors, 3, seed=0), oracle


def test_a_user_is_what_was_shown_of_them_and_nothing_else(
    users_task: tuple[RankUsersTask, Oracle],
    apart: LeaveOneOut,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task, oracle = users_task
    folded: list[list[int]] = []
    fold_in = Factors.fold_in

    def spy(self: Factors, items: Any, **other: Any) -> NDArray[np.float32]:
        assert not other
        folded.append(sorted(items))
        return fold_in(self, items)

    monkeypatch.setattr(Factors, "fold_in", spy)
    sequences = [set(sequence.tolist()) for sequence in apart.train.sequences()]
    different = set()
    for number in range(20):
        folded.clear()
        losses = task.losses(number)
        assert losses.keys() == {"users", "users-new"}
        assert len(folded) == 3
        assert len({row for row, s in enumerate(sequences) for f in folded if set(f) <= s}) == 3
        for row, shown in enumerate(folded):
            (sequence,) = [sequence for sequence in sequences if set(shown) <= sequence]
            assert len(shown) < len(sequence)  # something is left to be found
            expected = torch.from_numpy(fold_in(task.factors, np.array(shown)))
            assert torch.allclose(oracle.vectors[-1][row], expected, atol=1e-5)
            different.add(tuple(shown))
    assert len(different) > 20
    assert set(oracle.openings) <= set(load_openings("straightforward")["seen"])
    assert len(set(oracle.openings)) > 3


def test_a_users_loss_is_the_weighted_mean_over_the_rest(
    make_model: MakeModel, split: LeaveOneOut, factors: Factors
) -> None:
    model: ItemLanguageModel = make_model().eval()
    task = RankUsersTask(model, split.train, factors, 4, seed=0)
    with torch.no_grad():
        for number in range(3):
            found = task.losses(number)
            # The same draws, user by user.
            rng = np.random.default_rng([0, 50, number])
            rows = rng.choice(12, 4, replace=False)
            parts = [split_history(task.histories[row], rng) for row in rows]
            opening = task.openings[rng.integers(len(task.openings))]
            sums, total = {"users": 0.0, "users-new": 0.0}, 0.0
            for shown, asked, weights in parts:
                features = model.user_features(factors.fold_in(shown)[None], opening)
                total += float(weights.sum())
                questions: tuple[tuple[str, Question], ...] = (
                    ("users", "user-next"),
                    ("users-new", "user-new"),
                )
                for name, question in questions:
                    logits = model.rank_logits(features, question)[0]
                    out = ~model.rankable
                    if name == "users-new":
                        out[shown] = True
                    log_p = logits.masked_fill(out, -torch.inf).log_softmax(-1)
                    for item, weight in zip(asked.tolist(), weights.tolist(), strict=True):
                        sums[name] -= weight * float(log_p[item])
            for name, value in sums.items():
                assert float(found[name]) == pytest.approx(value / total, abs=1e-4)
