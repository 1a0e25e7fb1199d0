"""What every recommender of this package does alike."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import pytest

from cf.errors import CfError
from cf.factors import fit
from cf.item_item import ease, item_knn, transitions
from cf.sequential import fit_sequential
from data.interactions import Interactions
from tests.cf.examples import at_random, cycle

N_ITEMS = 12
UNKNOWN = [0, N_ITEMS - 1]
# Longer than the networks read, empty, known items, unknown items alone.
HISTORIES = [[5, 3, 1, 8, 2, 6, 4], [], [7], [0, 11], [9, 0, 2], [1, 2, 3, 4]]
SMALL: dict[str, Any] = {"width": 8, "history": 5, "epochs": 2, "batch": 4}


class Recommender(Protocol):
    def scores(self, histories: Any) -> np.ndarray: ...


class FoldedIn:
    """Factors as a recommender: what evaluation does with them."""

    def __init__(self, interactions: Interactions) -> None:
        self.factors = fit(interactions, factors=4)

    def scores(self, histories: Any) -> np.ndarray:
        return self.factors.scores(np.stack([self.factors.fold_in(own) for own in histories]))


Maker = Callable[[Interactions], Recommender]
MAKERS: dict[str, Maker] = {
    "als": FoldedIn,
    "transitions": transitions,
    "item_knn": item_knn,
    "item_knn, cosine, no decay": lambda x: item_knn(x, weighting="cosine", decay=None),
    "ease": ease,
    "ease, no decay": lambda x: ease(x, decay=None),
    "sasrec": lambda x: fit_sequential(x, network="sasrec", **SMALL),
    "gru4rec": lambda x: fit_sequential(x, network="gru4rec", **SMALL),
    "gru4rec, seen left out": lambda x: fit_sequential(
        x, network="gru4rec", leave_out_seen=True, **SMALL
    ),
}


@pytest.fixture(scope="module")
def interactions() -> Interactions:
    return at_random(20, N_ITEMS)


@pytest.fixture(scope="module", params=MAKERS)
def make(request: pytest.FixtureRequest) -> Maker:
    return MAKERS[request.param]


@pytest.fixture(scope="module")
def recommender(make: Maker, interactions: Interactions) -> Recommender:
    return make(interactions)


def test_a_row_of_scores_for_each_history(recommender: Recommender) -> None:
    scores = recommender.scores(HISTORIES)
    assert scores.shape == (len(HISTORIES), N_ITEMS)
    assert scores.dtype == np.float32


def test_items_nobody_chose_cannot_be_ranked_and_all_others_can(recommender: Recommender) -> None:
    expected = np.ones(N_ITEMS, bool)
    expected[UNKNOWN] = False
    for row in recommender.scores(HISTORIES):
        np.testing.assert_array_equal(np.isfinite(row), expected)
        assert np.isneginf(row[UNKNOWN]).all()


def test_items_nobody_chose_say_nothing(recommender: Recommender) -> None:
    empty, only_unknown = recommender.scores([[], UNKNOWN])
    np.testing.assert_allclose(only_unknown, empty, atol=1e-6)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_the_batch_does_not_matter(recommender: Recommender, size: int) -> None:
    together = recommender.scores(HISTORIES)
    parts = [
        recommender.scores(HISTORIES[start : start + size])
        for start in range(0, len(HISTORIES), size)
    ]
    np.testing.assert_allclose(np.concatenate(parts), together, rtol=1e-5, atol=1e-6)


def test_lists_and_arrays_are_histories(recommender: Recommender) -> None:
    arrays = [np.array(history, np.int32) for history in HISTORIES]
    np.testing.assert_array_equal(recommender.scores(arrays), recommender.scores(HISTORIES))


def test_made_again_it_is_the_same(
    make: Maker, recommender: Recommender, interactions: Interactions
) -> None:
    again = make(interactions).scores(HISTORIES)
    np.testing.assert_array_equal(again, recommender.scores(HISTORIES))


def test_the_catalogue_around_the_known_items_does_not_matter(make: Maker) -> None:
    narrow = cycle(6, 4, 12)
    wide = Interactions(
        narrow.users, narrow.items, narrow.times, None, narrow.user_ids, narrow.n_items + 30
    )
    histories = [[0, 1], [4], []]
    found = make(wide).scores(histories)
    # ALS draws its first factors for the whole catalogue at once.
    tolerance = 0.02 if make is FoldedIn else 1e-5
    np.testing.assert_allclose(found[:, :6], make(narrow).scores(histories)[:, :6], atol=tolerance)
    assert np.isneginf(found[:, 6:]).all()


@pytest.mark.parametrize("outside", [-1, N_ITEMS])
def test_an_item_outside_the_catalogue_is_named(recommender: Recommender, outside: int) -> None:
    with pytest.raises(CfError, match=f"Item {outside} is outside the catalogue of 12 items"):
        recommender.scores([[1], [2, outside]])
