"""Orders from score columns."""

import numpy as np

from app.candidates import TASTE_COLUMNS
from app.ranking import CANDIDATES, taste_order
from cf.ranker import Ranker


def test_a_ranker_orders_the_best_of_each_column_as_it_was_fitted_to() -> None:
    rng = np.random.default_rng(0)
    n = 4 * CANDIDATES
    columns = {name: rng.normal(size=n).astype(np.float32) for name in TASTE_COLUMNS}
    queries = {name: rng.normal(size=(30, n)) for name in TASTE_COLUMNS}
    ranker = Ranker.fit(queries, queries["ilm"].argmax(axis=1), n_trees=2)
    scores = taste_order(columns, ranker)
    best = set()
    for column in columns.values():
        best |= set(np.argsort(-column)[:CANDIDATES].tolist())
    assert CANDIDATES < len(best) < n
    assert set(np.flatnonzero(np.isfinite(scores)).tolist()) == best
    # It was taught that one column is right.
    assert scores.argmax() == columns["ilm"].argmax()


def test_few_candidates_are_all_ordered() -> None:
    columns = {name: np.arange(3, dtype=np.float32) for name in TASTE_COLUMNS}
    queries = {name: np.tile(np.arange(9.0), (5, 1)) for name in TASTE_COLUMNS}
    ranker = Ranker.fit(queries, np.full(5, 8), n_trees=2)
    assert np.argsort(-taste_order(columns, ranker)).tolist() == [2, 1, 0]
