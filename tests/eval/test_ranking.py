from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.dataset import Dataset
from data.fetch import is_cached
from data.registry import load
from data.splits import leave_one_out
from eval import sequential
from eval.errors import EvalError
from eval.metrics import UNRANKED, hit_rate
from eval.predictions import Predictions
from eval.sequential import (
    BASELINES,
    Histories,
    check_no_leak,
    evaluate_baseline,
    evaluate_models,
    predict,
)

ABOUT = {"method": "fake", "seed": 0}


class Fixed:
    """A score for each item that depends on the newest item of the history."""

    def __init__(self, table: np.ndarray) -> None:
        self.table = table

    def scores(self, histories: Histories) -> np.ndarray:
        return self.table[[history[-1] for history in histories]]


@pytest.fixture
def scorer() -> Fixed:
    # Few distinct scores, so that ties are common.
    return Fixed(np.random.default_rng(1).integers(6, size=(20, 20)).astype(np.float32))


def test_ranks_equal_the_obvious_loops(dataset: Dataset, scorer: Fixed) -> None:
    split = leave_one_out(dataset.interactions)
    candidates = dataset.interactions.active_items()
    found = predict(scorer, split, candidates, ABOUT)
    for filtered in (False, True):
        predictions = found[filtered]
        assert predictions.about["filtered"] is filtered
        for user, (history, target) in enumerate(
            zip(split.histories("test"), split.test, strict=True)
        ):
            scores = scorer.table[history[-1]]
            allowed = [item for item in candidates if not (filtered and item in history)]
            better = [i for i in allowed if i != target and scores[i] >= scores[target]]
            assert predictions.ranks[user] == len(better) + 1
            order = sorted(allowed, key=lambda item: (-scores[item], item))
            top = predictions.top[user]
            assert top[top >= 0].tolist() == order


def test_the_result_does_not_depend_on_the_batch(dataset: Dataset, scorer: Fixed) -> None:
    split = leave_one_out(dataset.interactions)
    candidates = dataset.interactions.active_items()
    whole = predict(scorer, split, candidates, ABOUT, batch=1000)
    for batch in (1, 7):
        parts = predict(scorer, split, candidates, ABOUT, batch=batch)
        for filtered in (False, True):
            np.testing.assert_array_equal(parts[filtered].ranks, whole[filtered].ranks)
            np.testing.assert_array_equal(parts[filtered].top, whole[filtered].top)


def test_filtered_lists_hold_nothing_seen_and_no_list_holds_others(
    dataset: Dataset, scorer: Fixed
) -> None:
    split = leave_one_out(dataset.interactions)
    found = predict(scorer, split, np.arange(15), ABOUT, k=50)
    for user, history in enumerate(split.histories("test")):
        assert not set(found[True].top[user]) & set(history.tolist())
        assert set(found[False].top[user]) == {*range(15), -1}
    outside = split.test >= 15
    assert outside.any()
    assert (found[False].ranks[outside] == UNRANKED).all()


def test_a_scorers_own_arrays_are_left_alone(dataset: Dataset) -> None:
    class Shared:
        kept = np.zeros((30, 20), np.float32)

        def scores(self, histories: Histories) -> np.ndarray:
            return self.kept[: len(histories)]

    predict(Shared(), leave_one_out(dataset.interactions), np.arange(5), ABOUT)
    assert not Shared.kept.any()


def test_a_model_of_another_catalogue_is_refused(dataset: Dataset) -> None:
    split = leave_one_out(dataset.interactions)
    with pytest.raises(EvalError, match="scored 19 items, the catalogue has 20"):
        predict(Fixed(np.zeros((20, 19), np.float32)), split, np.arange(5), ABOUT)


def test_leaks_are_found(dataset: Dataset) -> None:
    split = leave_one_out(dataset.interactions)
    check_no_leak(split)
    sequences = split.train.sequences()
    trained = split.test.copy()
    trained[4] = sequences[4][0]
    with pytest.raises(EvalError, match=r"1 users have their test item .* user u4"):
        check_no_leak(replace(split, test=trained))
    with pytest.raises(EvalError, match="test item"):
        check_no_leak(replace(split, test=split.validation))
    validation = split.validation.copy()
    validation[2] = sequences[2][1]
    with pytest.raises(EvalError, match=r"validation item .* user u2"):
        check_no_leak(replace(split, validation=validation))


@pytest.mark.parametrize("method", BASELINES)
def test_every_baseline_runs_and_repeats(dataset: Dataset, method: str) -> None:
    first = evaluate_baseline(method, dataset)
    second = evaluate_baseline(method, dataset)
    assert len(first) == 2 * len(BASELINES[method].seeds)
    assert [run.about["filtered"] for run in first] == sorted(
        run.about["filtered"] for run in first
    )
    for one, two in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.ranks, two.ranks)
        assert one.about == two.about
        assert one.about["split"] == leave_one_out(dataset.interactions).digest
        assert one.about["candidates"] == len(dataset.interactions.active_items())


def test_unknown_names_are_named(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(EvalError, match=r"no method 'svd'.*popularity"):
        evaluate_baseline("svd", dataset)
    with pytest.raises(EvalError, match="no model in"):
        evaluate_models("ILM", [tmp_path / "absent"], dataset)


def test_saved_models_are_named_without_paths_of_this_machine(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FakeIlm(Fixed):
        def __init__(self, folder: Path) -> None:
            super().__init__(np.load(folder / "table.npy"))

    monkeypatch.setattr(sequential, "Ilm", FakeIlm)
    monkeypatch.chdir(tmp_path)
    folders = [tmp_path / "weights" / "first", tmp_path / "weights" / "second"]
    for seed, folder in enumerate(folders):
        folder.mkdir(parents=True)
        np.save(folder / "table.npy", np.random.default_rng(seed).normal(size=(20, 20)))
        (folder / "model.safetensors").write_bytes(bytes([seed]))
        (folder / "metadata.json").write_text(f'{{"seed": {seed}}}')
    runs = evaluate_models("ILM", folders, dataset)
    assert [(run.about["seed"], run.about["filtered"]) for run in runs] == [
        (0, False),
        (0, True),
        (1, False),
        (1, True),
    ]
    configs = [run.about["config"] for run in runs]
    assert configs[0]["model"] == "weights/first"
    assert configs[0]["weights_sha256"] == configs[1]["weights_sha256"]
    assert configs[0]["weights_sha256"] != configs[2]["weights_sha256"]
    assert not np.array_equal(runs[0].ranks, runs[2].ranks)
    metadata = folders[0] / "metadata.json"
    metadata.write_text('{"seed": 0, "split": "another"}')
    with pytest.raises(EvalError, match="trained on another split"):
        evaluate_models("ILM", folders, dataset)
    metadata.unlink()
    monkeypatch.chdir(folders[1])
    assert evaluate_models("ILM", folders[:1], dataset)[0].about["config"]["model"] == "first"


def test_predictions_survive_the_disk(dataset: Dataset, tmp_path: Path) -> None:
    run = evaluate_baseline("popularity", dataset)[1]
    run.save(tmp_path / "deep" / "run.npz")
    loaded = Predictions.load(tmp_path / "deep" / "run.npz")
    for name in ("targets", "ranks", "top"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(run, name))
    assert loaded.about == run.about


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="no predictions in"):
        Predictions.load(tmp_path / "absent.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(EvalError, match="not a predictions file"):
        Predictions.load(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", ranks=np.arange(3))
    with pytest.raises(EvalError, match="not a predictions file"):
        Predictions.load(tmp_path / "other.npz")


@pytest.mark.assets
@pytest.mark.parametrize(
    ("method", "unfiltered", "filtered", "noise"),
    [
        ("popularity", 0.0509, 0.0880, 0.0001),
        ("als", 0.0520, 0.1368, 0.01),
        ("als-recent", 0.0954, 0.2206, 0.01),
    ],
)
def test_reference_figures_on_ml_100k(
    method: str, unfiltered: float, filtered: float, noise: float
) -> None:
    """HR@10 of an independent run of the same methods on the same split; ALS differs by seed."""
    if not is_cached("ml-100k"):
        pytest.skip("ml-100k is not fetched")
    runs = evaluate_baseline(method, load("ml-100k"))
    for removed, expected in ((False, unfiltered), (True, filtered)):
        hits = [hit_rate(run.ranks, 10) for run in runs if run.about["filtered"] is removed]
        assert len(hits[0]) == 943
        assert np.mean(hits) == pytest.approx(expected, abs=noise)
