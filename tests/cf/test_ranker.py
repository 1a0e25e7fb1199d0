import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cf.errors import CfError
from cf.ranker import SETTINGS, Ranker, _features

SMALL: dict[str, Any] = {"n_trees": 40, "min_child_samples": 5, "learning_rate": 0.1}
Columns = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def problem() -> tuple[Columns, np.ndarray]:
    """60 queries of 20 candidates: 'good' nearly tells the target, 'noise' says nothing."""
    rng = np.random.default_rng(0)
    targets = rng.integers(20, size=60)
    good = rng.normal(size=(60, 20))
    good[np.arange(60), targets] += 3
    # Each query has its own scale, so only the rank within the query can be compared.
    good *= rng.uniform(0.1, 10, size=(60, 1))
    return {"good": good, "noise": rng.normal(size=(60, 20))}, targets


@pytest.fixture(scope="module")
def ranker(problem: tuple[Columns, np.ndarray]) -> Ranker:
    return Ranker.fit(*problem, seed=3, **SMALL)


def hits(scores: np.ndarray, targets: np.ndarray) -> float:
    return float((scores.argmax(axis=1) == targets).mean())


def test_it_learns_which_column_to_trust(
    ranker: Ranker, problem: tuple[Columns, np.ndarray]
) -> None:
    columns, targets = problem
    scores = ranker.predict(columns)
    assert scores.shape == (60, 20)
    assert hits(scores, targets) > 0.8 > hits(columns["noise"], targets)
    assert ranker.weights["good"] > 1 > abs(ranker.weights["noise"])
    importance = ranker.importance()
    assert set(importance) == {"good", "good_rank", "noise", "noise_rank"}
    assert sum(importance.values()) == pytest.approx(1)


def test_features_are_score_and_rank_within_the_query() -> None:
    columns = {
        "a": np.array([[1.0, 3.0, 2.0, 9.0], [5.0, 5.0, -np.inf, np.nan]]),
    }
    mask = np.array([[True, True, True, False], [True, True, True, True]])
    features = _features(columns, ("a",), mask)
    np.testing.assert_array_equal(features[:, 0], [1, 3, 2, 5, 5, np.nan, np.nan])
    # Ties share the worse rank; no score is last of the query's own candidates.
    np.testing.assert_array_equal(features[:, 1], [3, 1, 2, 2, 2, 4, 4])


def test_weights_are_those_of_a_slow_conditional_logit(
    problem: tuple[Columns, np.ndarray],
) -> None:
    """At the optimum the mean feature under the model is that of the targets, but for the ridge."""
    columns, targets = problem
    columns = {**columns, "partial": np.where(columns["noise"] > 0, columns["good"], np.nan)}
    weights = Ranker.fit(columns, targets, **SMALL).weights
    gap = dict.fromkeys(columns, 0.0)
    for query, target in enumerate(targets):
        z = {}
        for name, column in columns.items():
            scores = np.nan_to_num(column[query], nan=np.nanmin(column[query]))
            z[name] = (scores - scores.mean()) / scores.std()
        share = np.exp(sum(weights[name] * z[name] for name in columns))
        share /= share.sum()
        for name in columns:
            gap[name] += z[name][target] - share @ z[name]
    for name, value in gap.items():
        assert value == pytest.approx(2 * weights[name], abs=1e-2)


def test_the_same_seed_repeats(ranker: Ranker, problem: tuple[Columns, np.ndarray]) -> None:
    again = Ranker.fit(*problem, seed=3, **SMALL)
    np.testing.assert_array_equal(again.predict(problem[0]), ranker.predict(problem[0]))


def test_prediction_depends_on_the_query_alone_and_on_names_not_order(
    ranker: Ranker, problem: tuple[Columns, np.ndarray]
) -> None:
    columns, _ = problem
    together = ranker.predict(columns)
    one = {name: columns[name][7:8] for name in ("noise", "good")}
    np.testing.assert_array_equal(ranker.predict(one)[0], together[7])


def test_no_candidate_is_minus_infinity_and_changes_nobody_else(
    ranker: Ranker, problem: tuple[Columns, np.ndarray]
) -> None:
    columns, _ = problem
    candidates = np.ones((60, 20), bool)
    candidates[:, 15:] = False
    scores = ranker.predict(columns, candidates=candidates)
    assert np.isneginf(scores[:, 15:]).all()
    fewer = ranker.predict({name: column[:, :15] for name, column in columns.items()})
    np.testing.assert_array_equal(scores[:, :15], fewer)
    nothing = ranker.predict(columns, candidates=np.zeros((60, 20), bool))
    assert np.isneginf(nothing).all()


def test_queries_without_a_target_teach_nothing(
    ranker: Ranker, problem: tuple[Columns, np.ndarray]
) -> None:
    columns, targets = problem
    more = {name: np.concatenate([column, column[:2]]) for name, column in columns.items()}
    mask = np.ones((62, 20), bool)
    mask[61, targets[1]] = False
    fitted = Ranker.fit(
        more, np.concatenate([targets, [-1, targets[1]]]), candidates=mask, seed=3, **SMALL
    )
    np.testing.assert_array_equal(fitted.predict(columns), ranker.predict(columns))
    with pytest.raises(CfError, match="No query has its target"):
        Ranker.fit(columns, np.full(60, -1))


def test_saved_and_loaded_it_ranks_the_same(
    ranker: Ranker, problem: tuple[Columns, np.ndarray], tmp_path: Path
) -> None:
    ranker.save(tmp_path)
    loaded = Ranker.load(tmp_path)
    np.testing.assert_array_equal(loaded.predict(problem[0]), ranker.predict(problem[0]))
    assert loaded.columns == ("good", "noise")
    assert loaded.settings == {**SETTINGS, **SMALL, "seed": 3}


def test_loading_says_what_is_wrong(ranker: Ranker, tmp_path: Path) -> None:
    with pytest.raises(CfError, match="no ranker in"):
        Ranker.load(tmp_path)
    ranker.save(tmp_path)
    (tmp_path / "ranker.json").write_text(
        json.dumps({"columns": ["good"], "weights": {"good": 1}, "settings": {}})
    )
    with pytest.raises(CfError, match="do not belong together"):
        Ranker.load(tmp_path)
    ranker.save(tmp_path)
    (tmp_path / "ranker.txt").write_text("not a model")
    with pytest.raises(CfError, match="cannot be read"):
        Ranker.load(tmp_path)


def test_bad_input_is_named(ranker: Ranker, problem: tuple[Columns, np.ndarray]) -> None:
    columns, targets = problem
    with pytest.raises(CfError, match="missing: noise, unexpected: als"):
        ranker.predict({"good": columns["good"], "als": columns["noise"]})
    with pytest.raises(CfError, match=r"one shape .*good \(60, 20\), noise \(60, 19\)"):
        ranker.predict({"good": columns["good"], "noise": columns["noise"][:, 1:]})
    with pytest.raises(CfError, match="one target below 20 for each of 60"):
        Ranker.fit(columns, targets[1:])
    with pytest.raises(CfError, match="one target below 20"):
        Ranker.fit(columns, targets + 20)
    with pytest.raises(CfError, match="no setting 'depth'"):
        Ranker.fit(columns, targets, depth=3)
    with pytest.raises(CfError, match="got 'a b'"):
        Ranker.fit({"a b": columns["good"]}, targets)
    with pytest.raises(CfError, match="got none"):
        Ranker.fit({}, targets)
    with pytest.raises(CfError, match="at most 10,000"):
        Ranker.fit({"good": np.zeros((1, 10_001))}, np.array([0]))
