import sys
from subprocess import run

import numpy as np
import pytest
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender

from cf.errors import CfError
from cf.item_item import ItemItem, ease, item_knn, transition_factors, transitions
from cf.popularity import popularity
from data.interactions import Interactions
from tests.cf.examples import at_random, of_sequences

SEQUENCES = [[0, 1, 2, 3], [1, 2, 0], [4, 1, 2]]


@pytest.fixture
def interactions() -> Interactions:
    return of_sequences(SEQUENCES, 6)


def dense(model: ItemItem) -> np.ndarray:
    return model.weights if isinstance(model.weights, np.ndarray) else model.weights.toarray()


def test_popularity_counts(interactions: Interactions) -> None:
    counts = popularity(interactions)
    assert counts.tolist() == [2, 3, 3, 1, 1, 0]
    assert counts.dtype == np.float32


@pytest.mark.parametrize("decay", [2.0, None])
def test_scores_are_a_weighted_sum_over_the_history(decay: float | None) -> None:
    weights = np.array([[0, 1, 10], [2, 0, 20], [4, 5, 0]], np.float32)
    model = ItemItem(weights, np.array([True, True, True]), decay)
    old, middle, new = (1, 1, 1) if decay is None else (np.exp(-1), np.exp(-0.5), 1)
    expected = [middle * 2 + new * 4, old * 1 + new * 5, old * 10 + middle * 20]
    np.testing.assert_allclose(model.scores([[0, 1, 2]])[0], expected, rtol=1e-6)


@pytest.mark.parametrize(("steps", "power", "decay"), [(1, 0.5, 3.0), (2, 0.25, 1.0)])
def test_transitions_equal_the_obvious_loops(
    interactions: Interactions, steps: int, power: float, decay: float
) -> None:
    histories = [np.array([4, 0, 1]), np.array([2]), np.array([], int), np.array([5])]
    counts = {(a, b): 0 for a in range(6) for b in range(6)}
    for sequence in SEQUENCES:
        for i, earlier in enumerate(sequence):
            for later in sequence[i + 1 : i + 1 + steps]:
                counts[earlier, later] += 1
    popular = [2, 3, 3, 1, 1, 1]
    expected = np.zeros((len(histories), 6))
    for row, history in enumerate(histories):
        for age, earlier in enumerate(reversed(history)):
            for later in range(6):
                damped = counts[earlier, later] / popular[earlier] ** 0.5 / popular[later] ** power
                expected[row, later] += np.exp(-age / decay) * damped
    expected[:, 5] = -np.inf

    model = transitions(interactions, steps=steps, power=power, decay=decay)
    np.testing.assert_allclose(model.scores(histories), expected, rtol=1e-5)


def test_transition_factors_are_the_best_approximation_of_their_width() -> None:
    train = at_random(60, 30, seed=3)
    weights = dense(transitions(train))
    values = np.linalg.svd(weights, compute_uv=False)
    for width in (4, 12):
        earlier, later = np.split(transition_factors(train, factors=width), 2, axis=1)
        error = np.linalg.norm(weights - earlier @ later.T)
        assert error == pytest.approx(np.linalg.norm(values[width:]), rel=1e-3)
    assert np.array_equal(earlier, transition_factors(train, factors=12)[:, :12])


def test_transition_factors_of_little_are_padded(interactions: Interactions) -> None:
    found = transition_factors(interactions, factors=8)
    assert found.shape == (6, 16)
    assert not found[5].any()  # nobody chose it
    assert not found[:, 4:8].any()
    assert not transition_factors(of_sequences([[2]], 3), factors=2).any()


def test_what_follows_comes_first(interactions: Interactions) -> None:
    assert transitions(interactions, steps=1).scores([np.array([1])]).argmax() == 2


def test_ease_equals_the_regressions_it_stands_for() -> None:
    """Each item's column is the ridge regression on all other items, solved one by one."""
    interactions = at_random(30, 9)
    x = interactions.matrix().toarray().astype(np.float64)
    expected = np.zeros((9, 9))
    for item in range(1, 8):
        others = [other for other in range(1, 8) if other != item]
        a = x[:, others]
        expected[others, item] = np.linalg.solve(a.T @ a + 3.0 * np.eye(6), a.T @ x[:, item])
    model = ease(interactions, regularization=3.0, decay=None)
    np.testing.assert_allclose(dense(model), expected, atol=1e-6)
    np.testing.assert_allclose(
        model.scores([[2, 5]])[0, 1:8], (expected[2] + expected[5])[1:8], atol=1e-6
    )


@pytest.mark.parametrize("weighting", ["bm25", "cosine"])
@pytest.mark.filterwarnings("ignore:Method expects CSR")
def test_item_knn_recommends_as_implicit_does(weighting: str) -> None:
    interactions = at_random(30, 12)
    library = {"bm25": BM25Recommender, "cosine": CosineRecommender}[weighting](K=4, num_threads=1)
    # Without the two items at the ends, which nobody chose.
    matrix = interactions.matrix()[:, 1:-1]
    library.fit(matrix, show_progress=False)
    model = item_knn(interactions, neighbours=4, weighting=weighting, decay=None)  # type: ignore[arg-type]
    for user, history in enumerate(interactions.sequences()):
        scores = model.scores([history])[0]
        ids, values = library.recommend(user, matrix[user], N=10)
        expected = np.zeros(12)
        expected[ids + 1] = values
        scores[[0, 11, *history]] = 0
        np.testing.assert_allclose(scores, expected, rtol=1e-5)


def test_cosine_by_hand(interactions: Interactions) -> None:
    weights = dense(item_knn(interactions, neighbours=6, weighting="cosine"))
    assert weights[1, 2] == pytest.approx(1), "the same three users chose both"
    assert weights[0, 3] == pytest.approx(1 / np.sqrt(2))
    assert weights[3, 4] == 0
    assert not weights.diagonal().any(), "an item does not recommend itself"


def test_bad_settings_are_named(interactions: Interactions) -> None:
    with pytest.raises(CfError, match="at least 1 step"):
        transitions(interactions, steps=0)
    with pytest.raises(CfError, match="at least 1 neighbour"):
        item_knn(interactions, neighbours=0)
    with pytest.raises(CfError, match=r"no weighting 'tfidf'.*bm25, cosine"):
        item_knn(interactions, weighting="tfidf")  # type: ignore[arg-type]
    with pytest.raises(CfError, match="positive regularization"):
        ease(interactions, regularization=0)
    with pytest.raises(CfError, match="decay must be a positive"):
        ease(interactions, decay=0).scores([[1]])


def test_counting_needs_no_torch() -> None:
    code = "import sys, cf.item_item, cf.factors; sys.exit('torch' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
