"""Interactions: order, k-core, matrix, and a sentence for every defect."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.catalogue import Catalogue, Item
from data.dataset import Dataset
from data.errors import DataError
from data.interactions import Interactions

CATALOGUE = Catalogue("c", [Item(str(id), f"Film {id}") for id in range(10, 18)])


def make(**columns: object) -> Interactions:
    values: dict[str, object] = {
        "users": np.array([0, 0, 1], np.int32),
        "items": np.array([2, 1, 2], np.int32),
        "times": np.array([5, 5, 1], np.int64),
        "ratings": None,
        "user_ids": ("a", "b"),
        "n_items": 3,
    }
    return Interactions(**{**values, **columns})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"items": np.array([2, 1], np.int32)}, "'items' has 2 rows, 'users' has 3"),
        ({"ratings": np.ones(2, np.float32)}, "'ratings' has 2 rows"),
        ({"users": np.array([0, -1, 1], np.int32)}, "Row 1: the user index is negative"),
        ({"items": np.array([0, 1, -7], np.int32)}, "Row 2: the item index is negative"),
        ({"items": np.array([0, 3, 1], np.int32)}, "Row 1: there is no item 3 among 3"),
        ({"users": np.array([1, 1, 0], np.int32)}, "Row 2: rows are not sorted by user"),
        ({"times": np.array([5, 4, 1], np.int64)}, "Row 1: the times of user a are not sorted"),
        ({"items": np.array([2, 2, 2], np.int32)}, "User a has the item with index 2 twice"),
        (
            {key: np.array([], np.int32) for key in ("users", "items", "times")},
            "There are no interactions",
        ),
    ],
)
def test_refusals(columns: dict[str, object], sentence: str) -> None:
    assert len(make()) == 3
    with pytest.raises(DataError, match=sentence):
        make(**columns)


def test_item_outside_the_catalogue() -> None:
    with pytest.raises(DataError, match="Item 99 is not in the catalogue c"):
        Interactions.from_columns(["u"], ["99"], [0], None, CATALOGUE)


def test_from_columns_sorts_and_keeps_ties() -> None:
    interactions = Interactions.from_columns(
        users=["b", "a", "b", "b", "a"],
        items=["17", "10", "11", "12", "13"],
        times=[7, 9, 3, 7, 9],
        ratings=[1, 2, 3, 4, 5],
        catalogue=CATALOGUE,
    )
    assert interactions.user_ids == ("b", "a")
    assert [s.tolist() for s in interactions.sequences()] == [[1, 7, 2], [0, 3]]
    assert interactions.ratings is not None
    assert interactions.ratings.tolist() == [3, 1, 4, 2, 5]
    assert interactions.active_items().tolist() == [0, 1, 2, 3, 7]
    dense = np.zeros((2, 8), np.float32)
    dense[0, [1, 7, 2]] = dense[1, [0, 3]] = 1
    assert np.array_equal(interactions.matrix().toarray(), dense)
    assert interactions.matrix().dtype == np.float32


def slow_core(pairs: set[tuple[int, int]], k: int) -> set[tuple[int, int]]:
    """Take away one offending pair at a time."""
    while True:
        users = Counter(user for user, _ in pairs)
        items = Counter(item for _, item in pairs)
        bad = next((p for p in pairs if users[p[0]] < k or items[p[1]] < k), None)
        if bad is None:
            return pairs
        pairs = pairs - {bad}


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.tuples(st.integers(0, 6), st.integers(0, 7)), min_size=1, max_size=40),
    st.integers(1, 4),
)
def test_k_core_equals_slow_version(pairs: set[tuple[int, int]], k: int) -> None:
    rows = sorted(pairs)
    interactions = Interactions.from_columns(
        [f"u{user}" for user, _ in rows],
        [CATALOGUE.ids[item] for _, item in rows],
        range(len(rows)),
        None,
        CATALOGUE,
    )
    expected = slow_core(pairs, k)
    if not expected:
        with pytest.raises(DataError, match=f"{k}-core"):
            interactions.k_core(k)
        return
    core = interactions.k_core(k)
    found = {
        (int(core.user_ids[u][1:]), int(i)) for u, i in zip(core.users, core.items, strict=True)
    }
    assert found == expected
    assert core.n_items == len(CATALOGUE)
    assert set(core.users.tolist()) == set(range(core.n_users))


def test_digest_sees_every_column() -> None:
    variants = [
        make(),
        make(items=np.array([1, 2, 2], np.int32)),
        make(times=np.array([5, 6, 1], np.int64)),
        make(ratings=np.ones(3, np.float32)),
        make(user_ids=("a", "c")),
        make(n_items=4),
    ]
    assert len({variant.digest for variant in variants}) == len(variants)
    assert make().digest == make().digest


def test_tiny_dataset_is_a_5_core(tiny_dataset: Dataset) -> None:
    core = tiny_dataset.interactions.k_core(5)
    assert core.digest == tiny_dataset.interactions.digest
    assert (core.n_users, len(core.active_items()), len(core)) == (12, 20, 120)
