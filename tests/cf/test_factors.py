import json
from pathlib import Path

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse

from cf.errors import CfError
from cf.factors import DEFAULTS, Factors, Method, fit, recency
from data.interactions import Interactions

METHODS: tuple[Method, ...] = ("als", "bpr", "lmf")


def two_tastes(n_users: int = 40, n_items: int = 13) -> Interactions:
    """Even users choose even items, odd users odd ones; nobody chooses the last item."""
    rng = np.random.default_rng(0)
    users, items = [], []
    for user in range(n_users):
        own = np.arange(user % 2, n_items - 1, 2)
        for item in rng.choice(own, size=4, replace=False):
            users.append(user)
            items.append(item)
    return Interactions(
        np.array(users, np.int32),
        np.array(items, np.int32),
        np.arange(len(users), dtype=np.int64),
        None,
        tuple(f"u{user}" for user in range(n_users)),
        n_items,
    )


@pytest.fixture(scope="module")
def interactions() -> Interactions:
    return two_tastes()


@pytest.fixture(scope="module", params=METHODS)
def fitted(request: pytest.FixtureRequest, interactions: Interactions) -> Factors:
    return fit(interactions, method=request.param, factors=6, seed=1)


@pytest.fixture(scope="module")
def als(interactions: Interactions) -> Factors:
    return fit(interactions, method="als", factors=6, seed=1)


def library_model(als: Factors) -> AlternatingLeastSquares:
    """implicit's own class around our factors."""
    model = AlternatingLeastSquares(
        factors=als.width,
        regularization=als.settings["regularization"],
        alpha=als.settings["alpha"],
        num_threads=1,
    )
    model.item_factors, model.user_factors = als.items.copy(), als.users.copy()
    return model


def row_of(items: list[int], weights: list[float], n_items: int) -> sparse.csr_matrix:
    data = np.array(weights, np.float32)
    return sparse.csr_matrix((data, (np.zeros(len(items), int), items)), shape=(1, n_items))


def test_widths_are_what_the_method_makes(interactions: Interactions) -> None:
    widths = [fit(interactions, method=method, factors=6).width for method in METHODS]
    assert widths == [6, 7, 8]


def test_the_same_seed_repeats_and_another_does_not(
    fitted: Factors, interactions: Interactions
) -> None:
    again = fit(interactions, method=fitted.method, factors=6, seed=1)
    other = fit(interactions, method=fitted.method, factors=6, seed=2)
    np.testing.assert_array_equal(fitted.items, again.items)
    np.testing.assert_array_equal(fitted.users, again.users)
    assert not np.array_equal(fitted.items, other.items)


def test_an_item_nobody_chose_is_zero_and_never_recommended(fitted: Factors) -> None:
    assert fitted.known.tolist() == [True] * 12 + [False]
    assert not fitted.items[12].any()
    assert fitted.items[:12].any(axis=1).all()
    scores = fitted.scores(fitted.users)
    assert scores.shape == (40, 13)
    assert scores.dtype == np.float32
    assert np.isneginf(scores[:, 12]).all()
    assert np.isfinite(scores[:, :12]).all()


def test_trained_and_folded_in_users_prefer_their_own_taste(fitted: Factors) -> None:
    folded = np.stack([fitted.fold_in([0, 4]), fitted.fold_in([1, 5])])
    for users in (fitted.users[:2], folded):
        scores = fitted.scores(users)[:, :12]
        assert scores[0, 0::2].mean() > scores[0, 1::2].max()
        assert scores[1, 1::2].mean() > scores[1, 0::2].max()


def test_scores_are_dot_products_whatever_the_batch(fitted: Factors) -> None:
    together = fitted.scores(fitted.users)
    for user in (0, 7):
        alone = fitted.scores(fitted.users[user : user + 1])[0]
        np.testing.assert_allclose(alone, together[user], atol=1e-5)
        slow = [float(np.dot(fitted.users[user], fitted.items[item])) for item in range(12)]
        np.testing.assert_allclose(alone[:12], slow, atol=1e-4)


@pytest.mark.parametrize("weights", [[1.0, 1.0, 1.0], [0.2, 0.05, 3.0]])
def test_fold_in_is_implicits_recalculate_user(als: Factors, weights: list[float]) -> None:
    items = [8, 2, 5]
    expected = library_model(als).recalculate_user(0, row_of(items, weights, als.n_items))
    np.testing.assert_allclose(als.fold_in(items, weights=weights), expected, atol=1e-4)


def test_an_item_chosen_twice_counts_twice(als: Factors) -> None:
    expected = library_model(als).recalculate_user(0, row_of([3, 6], [2.0, 1.0], als.n_items))
    np.testing.assert_allclose(als.fold_in([3, 6, 3]), expected, atol=1e-4)


def test_no_history_and_unknown_items_give_a_zero_user(fitted: Factors) -> None:
    for items in ([], [12]):
        vector = fitted.fold_in(items)
        assert vector.shape == (fitted.width,)
        assert not vector.any()


def test_recent_items_weigh_more(als: Factors) -> None:
    np.testing.assert_allclose(recency(11, 5.0)[[10, 5, 0]], [1, np.exp(-1), np.exp(-2)])
    changed_mind = [0, 2, 4, 6, 1, 3]
    recent = als.fold_in_recent(changed_mind, decay=1.0)
    np.testing.assert_array_equal(recent, als.fold_in(changed_mind, weights=recency(6, 1.0)))
    plain = als.scores(als.fold_in(changed_mind)[None])[0]
    decayed = als.scores(recent[None])[0]
    assert plain[8] > plain[7]
    assert decayed[7] > decayed[8]


def test_contributions_are_implicits_explanation(als: Factors) -> None:
    history, target = [8, 2, 5], 4
    contributions = als.contributions(history, target)
    total, by_item, _ = library_model(als).explain(
        0, row_of(history, [1.0] * 3, als.n_items), target
    )
    expected = dict(by_item)
    np.testing.assert_allclose(contributions, [expected[item] for item in history], atol=1e-4)
    assert contributions.sum() == pytest.approx(total, abs=1e-4)


def test_contributions_sum_to_the_score(fitted: Factors) -> None:
    history, weights = [0, 3, 8, 0], [1.0, 0.5, 2.0, 1.0]
    for chosen in (None, weights):
        score = fitted.scores(fitted.fold_in(history, weights=chosen)[None])[0, 6]
        contributions = fitted.contributions(history, 6, weights=chosen)
        assert contributions.shape == (4,)
        assert contributions.sum() == pytest.approx(float(score), abs=1e-4)
    assert fitted.contributions([], 6).shape == (0,)


def test_neighbours_are_by_cosine(fitted: Factors) -> None:
    near = fitted.neighbours(2, 5)
    mine = fitted.items[2] / np.linalg.norm(fitted.items[2])
    slow = {
        item: float(mine @ fitted.items[item] / np.linalg.norm(fitted.items[item]))
        for item in range(12)
        if item != 2
    }
    found = [cosine for _, cosine in near]
    np.testing.assert_allclose(found, sorted(slow.values(), reverse=True)[:5], atol=1e-5)
    np.testing.assert_allclose(found, [slow[item] for item, _ in near], atol=1e-5)
    assert {item for item, _ in near} == {0, 4, 6, 8, 10}
    assert len(fitted.neighbours(2, 100)) == 11
    assert fitted.neighbours(12, 5) == []


def test_saved_and_loaded_factors_are_the_same(
    fitted: Factors, tmp_path: Path, interactions: Interactions
) -> None:
    fitted.save(tmp_path / "new" / "folder")
    loaded = Factors.load(tmp_path / "new" / "folder", n_items=13)
    np.testing.assert_array_equal(loaded.items, fitted.items)
    np.testing.assert_array_equal(loaded.users, fitted.users)
    np.testing.assert_array_equal(loaded.known, fitted.known)
    assert loaded.method == fitted.method
    assert loaded.settings == fitted.settings
    assert loaded.settings["interactions"] == interactions.digest
    np.testing.assert_array_equal(loaded.fold_in([1, 2]), fitted.fold_in([1, 2]))


def test_loading_says_what_is_wrong(als: Factors, tmp_path: Path) -> None:
    with pytest.raises(CfError, match=r"no factors in .*python -m cf fit"):
        Factors.load(tmp_path)
    als.save(tmp_path)
    with pytest.raises(CfError, match=r"13 items, but the catalogue has 1,682"):
        Factors.load(tmp_path, n_items=1682)

    description = json.loads((tmp_path / "factors.json").read_text())
    (tmp_path / "factors.json").write_text(json.dumps({**description, "n_items": 14}))
    with pytest.raises(CfError, match=r"\(14, 40, 6\).*\(13, 40, 6\)"):
        Factors.load(tmp_path)
    for damaged in ("{", "[]", "{}"):
        (tmp_path / "factors.json").write_text(damaged)
        with pytest.raises(CfError, match="cannot be read"):
            Factors.load(tmp_path)
    (tmp_path / "factors.json").write_text(json.dumps(description))
    header = b'{"items": {"dtype": "F32", "shape": [9, 9], "data_offsets": [0, 324]}}'
    for broken in (
        b"half a file",
        b"",
        b"\2\0\0\0\0\0\0\0[]",
        len(header).to_bytes(8, "little") + header,
    ):
        (tmp_path / "factors.safetensors").write_bytes(broken)
        with pytest.raises(CfError, match="cannot be read"):
            Factors.load(tmp_path)


def test_bad_input_is_named(als: Factors, interactions: Interactions) -> None:
    for outside in (-1, 13):
        for call in (
            lambda item: als.fold_in([0, item]),
            lambda item: als.neighbours(item, 3),
            lambda item: als.contributions([0], item),
        ):
            with pytest.raises(CfError, match=f"Item {outside} is outside .* 13 items"):
                call(outside)
    for weights in ([1.0], [1.0, -1.0], [1.0, np.nan]):
        with pytest.raises(CfError, match="Weights must be"):
            als.fold_in([0, 1], weights=weights)
    with pytest.raises(CfError, match="decay must be a positive"):
        als.fold_in_recent([0], decay=0)
    with pytest.raises(CfError, match=r"no method 'svd'.*als, bpr, lmf"):
        fit(interactions, method="svd")  # type: ignore[arg-type]
    with pytest.raises(CfError, match="bpr has no setting 'alpha'"):
        fit(interactions, method="bpr", alpha=3)
    with pytest.raises(CfError, match="at least 1 factor"):
        fit(interactions, factors=0)


def test_settings_are_recorded_and_used(interactions: Interactions, als: Factors) -> None:
    strong = fit(interactions, factors=6, seed=1, regularization=500.0)
    assert strong.settings["regularization"] == 500.0
    assert strong.settings["alpha"] == DEFAULTS["als"]["alpha"]
    assert np.linalg.norm(strong.items) < np.linalg.norm(als.items)
