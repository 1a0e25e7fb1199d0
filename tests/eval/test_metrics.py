import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from eval.errors import EvalError
from eval.metrics import UNRANKED, bootstrap_interval, hit_rate, ndcg, target_ranks

INF = np.inf


@pytest.fixture
def scored() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    # Few distinct values, so that ties are common.
    return rng.integers(8, size=(50, 30)).astype(np.float32), rng.integers(30, size=50)


def slow_rank(scores: np.ndarray, target: int) -> int:
    """Sort the items with the target last among its equals, then look where it stands."""
    order = sorted(range(len(scores)), key=lambda item: (-scores[item], item == target))
    return order.index(target) + 1


@pytest.mark.parametrize(
    ("scores", "rank"),
    [
        ([3.0, 2.0, 1.0], 2),
        ([1.0, 2.0, 1.0], 1),
        ([2.0, 2.0, 2.0], 3),
        ([2.0, 2.0, 1.0], 2),
        ([-INF, -5.0, -INF], 1),
        ([-INF, -INF, -INF], UNRANKED),
        ([3.0, -INF, 1.0], UNRANKED),
    ],
)
def test_ranks_of_a_hand_made_table(scores: list[float], rank: int) -> None:
    assert target_ranks(np.array([scores]), np.array([1])).tolist() == [rank]


def test_ranks_equal_sorting(scored: tuple[np.ndarray, np.ndarray]) -> None:
    scores, targets = scored
    expected = [slow_rank(row, target) for row, target in zip(scores, targets, strict=True)]
    assert target_ranks(scores, targets).tolist() == expected


def test_not_a_number_is_refused(scored: tuple[np.ndarray, np.ndarray]) -> None:
    scores, targets = scored
    scores[[3, 9], 2] = np.nan
    with pytest.raises(EvalError, match="2 of 50 users"):
        target_ranks(scores, targets)


def test_hit_rate_and_ndcg_of_known_ranks() -> None:
    ranks = np.array([1, 2, 5, 6, UNRANKED])
    assert hit_rate(ranks, 5).tolist() == [1, 1, 1, 0, 0]
    np.testing.assert_allclose(ndcg(ranks, 5), [1, 1 / np.log2(3), 1 / np.log2(6), 0, 0])
    assert hit_rate(ranks, 1000).tolist() == [1, 1, 1, 1, 0]


@pytest.mark.parametrize("k", [1, 5, 10, 100])
def test_ndcg_is_sklearns(k: int) -> None:
    rng = np.random.default_rng(1)
    scores, targets = rng.normal(size=(40, 30)), rng.integers(30, size=40)
    relevant = np.zeros_like(scores)
    relevant[np.arange(40), targets] = 1
    ours = ndcg(target_ranks(scores, targets), k)
    assert ours.mean() == pytest.approx(ndcg_score(relevant, scores, k=k))


def test_interval_of_a_proportion_is_near_the_normal_one() -> None:
    hits = (np.arange(900) < 180).astype(float)
    low, high = bootstrap_interval(hits)
    margin = 1.96 * np.sqrt(0.2 * 0.8 / 900)
    assert low == pytest.approx(0.2 - margin, abs=0.002)
    assert high == pytest.approx(0.2 + margin, abs=0.002)
    assert bootstrap_interval(hits) == (low, high)
    assert bootstrap_interval(np.ones(5)) == (1.0, 1.0)
