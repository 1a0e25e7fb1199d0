"""Splits: targets are held out of everything, and parts add up to the whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.catalogue import Catalogue, Item
from data.dataset import Dataset
from data.errors import DataError
from data.interactions import Interactions
from data.splits import leave_one_out, ratio_split

CATALOGUE = Catalogue("c", [Item(str(id), f"Film {id}") for id in range(30)])


def from_lengths(lengths: list[int]) -> Interactions:
    rng = np.random.default_rng(0)
    users, items = [], []
    for user, length in enumerate(lengths):
        users += [str(user)] * length
        items += [str(item) for item in rng.permutation(30)[:length]]
    return Interactions.from_columns(users, items, range(len(users)), None, CATALOGUE)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(3, 30), min_size=1, max_size=6))
def test_leave_one_out(lengths: list[int]) -> None:
    interactions = from_lengths(lengths)
    split = leave_one_out(interactions)
    for user, sequence in enumerate(interactions.sequences()):
        assert split.train.sequences()[user].tolist() == sequence[:-2].tolist()
        assert split.histories("validation")[user].tolist() == sequence[:-2].tolist()
        assert split.histories("test")[user].tolist() == sequence[:-1].tolist()
        assert (split.validation[user], split.test[user]) == (sequence[-2], sequence[-1])
        assert split.train.matrix()[user, split.test[user]] == 0
        assert split.train.matrix()[user, split.validation[user]] == 0


def test_leave_one_out_needs_three() -> None:
    with pytest.raises(DataError, match="User 1 has 2 interactions"):
        leave_one_out(from_lengths([4, 2]))


def test_leave_one_out_digest(tiny_dataset: Dataset) -> None:
    split = leave_one_out(tiny_dataset.interactions)
    again = leave_one_out(tiny_dataset.interactions)
    assert split.digest == again.digest
    again.test[0] += 1
    other = type(again)(again.train, again.validation, again.test)
    assert other.digest != split.digest


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(10, 30), min_size=1, max_size=6),
    st.sampled_from([(0.8, 0.1, 0.1), (0.5, 0.25, 0.25), (0.6, 0.2, 0.2)]),
)
def test_ratio_split(lengths: list[int], ratio: tuple[float, float, float]) -> None:
    interactions = from_lengths(lengths)
    split = ratio_split(interactions, ratio)
    parts = zip(*(p.sequences() for p in (split.train, split.validation, split.test)), strict=True)
    for user, (train, validation, test) in enumerate(parts):
        whole = interactions.sequences()[user].tolist()
        assert [*train.tolist(), *validation.tolist(), *test.tolist()] == whole
        assert abs(len(train) - ratio[0] * len(whole)) <= 0.5
        assert abs(len(test) - ratio[2] * len(whole)) <= 0.5


def test_ratio_must_add_up() -> None:
    with pytest.raises(DataError, match="add up to 1"):
        ratio_split(from_lengths([10]), (0.8, 0.1, 0.2))
