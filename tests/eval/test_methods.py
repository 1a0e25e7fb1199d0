from pathlib import Path

import numpy as np
import pytest

from data.dataset import Dataset
from data.fetch import is_cached
from data.registry import load
from eval.errors import EvalError
from eval.jobs import Options, jobs_of
from eval.methods import ITEM_LANGUAGE_MODELS, RECOMMENDERS, named, recommender
from eval.metrics import hit_rate
from eval.protocol import Task, Trial, nothing

COUNTING = ("popularity", "item-knn", "als", "als-recent", "ease", "transitions")


@pytest.mark.parametrize("task", ["sequential", "straightforward"])
@pytest.mark.parametrize("name", COUNTING)
def test_every_recommender_runs_and_repeats(dataset: Dataset, name: str, task: Task) -> None:
    made = recommender(name)
    train = Trial.of(dataset, task).split.train
    histories = Trial.of(dataset, task).histories()
    for filtered in (False, True):
        settings = made.settings(task, filtered)
        if settings is None:
            assert name in ("als-recent", "transitions")
            continue
        first = made.make(train, 0, **settings).scores(histories)
        assert first.shape == (30, 20)
        np.testing.assert_array_equal(first, made.make(train, 0, **settings).scores(histories))
        if task == "straightforward":  # nothing may depend on the order
            backwards = made.make(train, 0, **settings).scores([h[::-1] for h in histories])
            np.testing.assert_allclose(first, backwards, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", ["sasrec", "gru4rec"])
def test_networks_are_trained_for_the_ranking_they_are_for(dataset: Dataset, name: str) -> None:
    made = recommender(name)
    train = Trial.of(dataset, "sequential").split.train
    assert made.settings("straightforward", True) is None
    for filtered in (False, True):
        settings = {**(made.settings("sequential", filtered) or {})}
        assert settings["leave_out_seen"] is filtered
        scorer = made.make(train, 1, width=8, epochs=1, **settings)
        assert scorer.scores(train.sequences()[:3]).shape == (3, 20)


def test_names_stand_for_methods() -> None:
    assert named(["als", "als"], "sequential", writing=False) == ["als"]
    assert named(["recommenders"], "sequential", writing=False) == list(RECOMMENDERS)
    without_order = ["popularity", "item-knn", "als", "ease"]
    assert named(["recommenders"], "straightforward", writing=False) == without_order
    everything = named(["all"], "straightforward", writing=False)
    assert everything == [*without_order, *ITEM_LANGUAGE_MODELS]
    assert named(["all"], "sequential", writing=False)[-2:] == ["stack", "stack-without-ilm"]
    assert named(["all"], "sequential", writing=True) == list(ITEM_LANGUAGE_MODELS)


@pytest.mark.parametrize(
    ("name", "task", "writing", "message"),
    [
        ("svd", "sequential", False, "no method 'svd'.*popularity.*recommenders"),
        ("gru4rec", "straightforward", False, "gru4rec lives on the order"),
        ("stack", "straightforward", False, "stack lives on the order"),
        ("als", "sequential", True, "writes no ids"),
    ],
)
def test_what_does_not_exist_is_said(name: str, task: Task, writing: bool, message: str) -> None:
    with pytest.raises(EvalError, match=message):
        named([name], task, writing=writing)


def test_unknown_recommenders_are_named() -> None:
    with pytest.raises(EvalError, match=r"no recommender 'svd'.*popularity"):
        recommender("svd")


@pytest.mark.assets
@pytest.mark.parametrize(
    ("task", "method", "unfiltered", "filtered", "noise"),
    [
        ("sequential", "popularity", 0.0509, 0.0880, 0.0001),
        ("sequential", "als", 0.0520, 0.1368, 0.01),
        ("sequential", "als-recent", 0.0954, 0.2206, 0.01),
        ("straightforward", "popularity", 0.0509, 0.0870, 0.0001),
    ],
)
def test_reference_figures_on_ml_100k(
    task: Task, method: str, unfiltered: float, filtered: float, noise: float, tmp_path: Path
) -> None:
    """HR@10 of an independent run of the same methods on the same split; ALS differs by seed."""
    if not is_cached("ml-100k"):
        pytest.skip("ml-100k is not fetched")
    trial = Trial.of(load("ml-100k"), task)
    hits: dict[bool, list[float]] = {False: [], True: []}
    for job in jobs_of(method, trial, Options(tmp_path)):
        made = job.make(nothing)
        for entry in job.entries:
            hits[entry.filtered].append(hit_rate(made[entry.filtered].ranks, 10).mean())
    assert np.mean(hits[False]) == pytest.approx(unfiltered, abs=noise)
    assert np.mean(hits[True]) == pytest.approx(filtered, abs=noise)
