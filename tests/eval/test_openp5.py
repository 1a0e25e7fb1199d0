"""The runner: what is done is skipped, rows come from what is on disk, ties are other splits."""

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.dataset import Dataset
from data.interactions import Interactions
from data.splits import leave_one_out
from eval.entries import Entry
from eval.errors import EvalError
from eval.jobs import Options, jobs_of
from eval.openp5 import evaluate
from eval.predictions import Predictions
from eval.protocol import Trial
from eval.rows import Row
from eval.scorers import overrides
from eval.ties import has_ties, in_other_order, reordered
from eval.ties import measure as measure_ties
from tests.eval.fakes import Ilm, save


@pytest.fixture
def trial(dataset: Dataset) -> Trial:
    return Trial.of(dataset, "sequential")


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(tmp_path / "runs")


def measure(trial: Trial, options: Options, *methods: str, **settings: Any) -> list[Row]:
    return evaluate(methods, trial, options, options.runs.parent / "results", **settings)


def written(options: Options) -> dict[str, int]:
    """Predictions files and when they were written."""
    folder = options.runs / "predictions" / "tiny"
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.npz")}


def test_a_recommender_has_a_row_for_each_ranking(trial: Trial, options: Options) -> None:
    unfiltered, filtered = measure(trial, options, "als")
    assert (unfiltered["filtered"], filtered["filtered"]) == (False, True)
    assert filtered["seeds"] == [0, 1, 2]
    assert filtered["config"] == {"factors": 32, **filtered["config"]}
    assert unfiltered["config"] != filtered["config"]
    assert filtered["split"] == trial.split.digest
    assert filtered["command"] == (
        "python -m eval openp5 --dataset tiny --method als --seeds 0,1,2"
    )
    path = options.runs.parent / "results" / "openp5" / "tiny-sequential-als-rank-filtered.json"
    assert json.loads(path.read_text()) == filtered
    assert (options.runs / "splits" / f"tiny-{trial.split.digest[:12]}.npz").is_file()
    (only, _) = measure(trial, options, "ease")
    assert only["seeds"] == [0]  # nothing in it is random


def test_what_is_done_is_skipped(trial: Trial, options: Options, dataset: Dataset) -> None:
    measure(trial, options, "als", "popularity")
    before = written(options)
    assert len(before) == 8
    rows = measure(trial, options, "als", "popularity")
    assert written(options) == before
    assert rows[0]["seeds"] == [0, 1, 2]
    measure(trial, options, "popularity", again=True)
    redone = {name for name, at in written(options).items() if at != before[name]}
    assert redone == {
        f"tiny-sequential-popularity-rank-{k}-0.npz" for k in ("filtered", "unfiltered")
    }

    # Of another split: predictions must not stand for these.
    other = Trial.of(replace(dataset, interactions=swapped(dataset.interactions)), "sequential")
    assert other.split.digest != trial.split.digest
    (row, _) = measure(other, options, "popularity")
    assert row["split"] == other.split.digest


def swapped(interactions: Interactions) -> Interactions:
    """With the last two items of the first user in the other order."""
    items = interactions.items.copy()
    end = int(np.sum(interactions.users == 0))
    items[[end - 2, end - 1]] = items[[end - 1, end - 2]]
    return replace(interactions, items=items)


def test_models_are_trained_once_and_asked_in_every_way(
    trial: Trial, options: Options, ilm: Ilm
) -> None:
    (unfiltered, filtered) = measure(trial, options, "ilm-it-ui")
    folders = [options.runs / "ilm" / "tiny" / f"ilm-it-ui-cpu-{seed}" for seed in (0, 1, 2)]
    assert ilm.trained == folders
    assert filtered["config"] == {
        "method": "ilm-it-ui",
        "size": "cpu",
        "model": {"num_queries": 4, "modalities": ["cf", "text"]},
        "tuning": {"indexing": "random", "candidates": 5},
    }
    assert unfiltered["training"] == {"alignment": {"ITG": 4.0, "note": None}}
    assert len(set(filtered["weights_sha256"])) == 3
    (unseen, _) = measure(trial, replace(options, prompt="unseen"), "ilm-it-ui")
    assert unseen["metrics"] != unfiltered["metrics"]
    (ids, _) = measure(trial, replace(options, decoding="generate-id"), "ilm-it-ui")
    # The prompts list the first five of its own ranking, and the fake writes these first.
    assert ids["metrics"]["HR@5"] == unfiltered["metrics"]["HR@5"]
    assert ids["invalid"] == pytest.approx(2 / 20, abs=0.15)  # and items of no interaction
    assert ids["duplicate"] == pytest.approx(1 / 20, abs=0.01)
    assert ids["indexing"] == "random"
    assert ilm.trained == folders
    measure(trial, replace(options, decoding="generate-id", indexing="sequential"), "ilm-it-ui")
    assert [folder.name for folder in ilm.trained[3:]] == [
        f"ilm-it-ui-cpu-sequential-{seed}" for seed in (0, 1, 2)
    ]
    straightforward = replace(trial, task="straightforward")
    (row, _) = measure(straightforward, options, "ilm-it-ui")
    assert row["task"] == "straightforward"
    assert "--task straightforward" in row["command"]


def test_seeds_of_another_day_join_the_row(trial: Trial, options: Options, ilm: Ilm) -> None:
    measure(trial, replace(options, seeds=(0,)), "mlp")
    (row, _) = measure(trial, replace(options, seeds=(2, 1)), "mlp")
    assert row["seeds"] == [0, 1, 2]
    assert row["command"].endswith("--seeds 0,1,2")
    assert len(ilm.trained) == 3


def test_retrained_models_are_asked_again(trial: Trial, options: Options, ilm: Ilm) -> None:
    one = replace(options, seeds=(0,))
    (before, _) = measure(trial, one, "mlp")
    model = options.runs / "ilm" / "tiny" / "mlp-cpu-0" / "model"
    (model / "model.safetensors").write_bytes(b"other")
    (after, _) = measure(trial, one, "mlp")
    assert after["weights_sha256"] != before["weights_sha256"]


def test_settings_make_a_variant(trial: Trial, options: Options, ilm: Ilm) -> None:
    one = replace(options, seeds=(0,))
    (base, _) = measure(trial, one, "ilm-it-ui")
    (eight, _) = measure(
        trial, replace(one, overrides=overrides(["model.num_queries=8"])), "ilm-it-ui"
    )
    assert eight["variant"] == {"model.num_queries": 8}
    assert eight["config"]["model"]["num_queries"] == 8
    assert "--set model.num_queries=8" in eight["command"]
    assert ilm.trained[1].name == "ilm-it-ui-cpu-model.num_queries=8-0"
    assert base["variant"] == {}
    # The method's own value is no variant, and nothing is trained for it.
    (own, _) = measure(
        trial, replace(one, overrides=overrides(["model.num_queries=4"])), "ilm-it-ui"
    )
    assert own["variant"] == {}
    assert len(ilm.trained) == 2
    assert eight["compared"].keys() == {Entry.of(base).name}
    modalities = 'model.modalities=["cf"]'
    (alone, _) = measure(trial, replace(one, overrides=overrides([modalities])), "ilm-it-ui")
    assert alone["variant"] == {"model.modalities": ["cf"]}
    assert shlex.split(alone["command"])[-3] == modalities
    assert Entry.of(alone).name.endswith("model.modalities=cf-unfiltered")
    both = overrides(['model.modalities=["cf", "text"]'])
    (same, _) = measure(trial, replace(one, overrides=both), "ilm-it-ui")
    assert same["variant"] == {}
    for setting, message in (
        ("model.colour=red", r"these settings: model\.colour: Extra inputs"),
        ("shape.width=3", r"no section for 'shape\.width'"),
    ):
        with pytest.raises(EvalError, match=message):
            measure(trial, replace(one, overrides=overrides([setting])), "ilm-it-ui")
    with pytest.raises(EvalError, match="als has its own settings"):
        measure(trial, replace(one, overrides=overrides(["factors=3"])), "als")


def test_settings_are_read_as_toml() -> None:
    found = overrides(["a.b=8", "c=0.5", "d=true", "e=title+genres", 'f="8"', 'g=["x", "y"]'])
    assert found == {"a.b": 8, "c": 0.5, "d": True, "e": "title+genres", "f": "8", "g": ("x", "y")}
    for text in ("a", "=3"):
        with pytest.raises(EvalError, match="name=value"):
            overrides([text])


def test_saved_models_are_named_without_paths_of_this_machine(
    trial: Trial, options: Options, ilm: Ilm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folders = (tmp_path / "weights" / "first", tmp_path / "weights" / "second")
    for seed, folder in enumerate(folders):
        config = ilm.config("tiny", "ilm-it", "full", seed).model_dump(mode="json")
        save(folder, config, trial.split)
    saved = replace(options, models=folders, size="full")
    (row, _) = measure(trial, saved, "ilm-it")
    assert row["seeds"] == [0, 1]
    assert row["command"] == (
        "python -m eval openp5 --dataset tiny --method ilm-it --size full "
        "--model weights/first --model weights/second"
    )
    assert not ilm.trained
    assert str(tmp_path) not in json.dumps(row)
    with pytest.raises(EvalError, match="no model in absent"):
        measure(trial, replace(saved, models=(Path("absent"),)), "ilm-it")
    with pytest.raises(EvalError, match="one seed"):
        measure(trial, replace(saved, models=(folders[0], folders[0])), "ilm-it")
    metadata = folders[0] / "metadata.json"
    metadata.write_text('{"seed": 0, "split": "another"}')
    with pytest.raises(EvalError, match="trained on another split"):
        measure(trial, saved, "ilm-it")


def test_names_are_unique_and_readable() -> None:
    base = Entry("tiny", "sequential", "ilm-it-ui", "rank", False, prompt="seen", size="cpu")
    others = [
        base.under(filtered=True),
        replace(base, task="straightforward"),
        replace(base, prompt="unseen"),
        replace(base, size="full"),
        replace(base, decoding="generate-id", indexing="random"),
        replace(base, decoding="generate-id", indexing="collaborative"),
        replace(base, variant=(("model.num_queries", 8),)),
        replace(base, variant=(("model.llm", "a/b c"),)),
        replace(base, variant=(("model.llm", "a/b/c"),)),
        replace(base, method="ilm-it"),
    ]
    names = [entry.name for entry in (base, *others)]
    assert len(set(names)) == len(names)
    assert names[0] == "tiny-sequential-ilm-it-ui-cpu-rank-seen-unfiltered"
    assert names[7] == "tiny-sequential-ilm-it-ui-cpu-rank-seen-model.num_queries=8-unfiltered"
    assert all("/" not in name and " " not in name for name in names)
    for entry in (base, *others):
        assert Entry.of(json.loads(json.dumps(entry.about()))) == entry
    labels = [entry.label for entry in (base, others[4], others[5], others[2], others[6])]
    assert labels == [
        "ilm-it-ui (cpu)",
        "ilm-it-ui (cpu)",
        "ilm-it-ui (cpu, collaborative ids)",
        "ilm-it-ui (cpu, unseen prompt)",
        "ilm-it-ui (cpu, model.num_queries = 8)",
    ]


def test_other_orders_move_ties_and_nothing_else(dataset: Dataset) -> None:
    assert not has_ties(dataset.interactions)
    with pytest.raises(EvalError, match="no other order"):
        in_other_order(dataset, 1)
    tied = with_ties(dataset).interactions
    other = reordered(tied, 1)
    assert other.digest == reordered(tied, 1).digest
    assert len({tied.digest, other.digest, reordered(tied, 2).digest}) == 3
    for column in ("users", "times"):
        np.testing.assert_array_equal(getattr(other, column), getattr(tied, column))

    def rows(interactions: Interactions) -> set[tuple[int, int, int]]:
        columns = (interactions.users, interactions.items, interactions.times)
        return set(zip(*(column.tolist() for column in columns), strict=True))

    assert rows(other) == rows(tied)
    assert has_ties(tied)


def with_ties(dataset: Dataset) -> Dataset:
    """Times that stand still for three interactions at a stretch."""
    times = dataset.interactions.times // 3
    return replace(dataset, interactions=replace(dataset.interactions, times=times))


def test_ties_are_measured_in_full_under_each_order(
    dataset: Dataset, options: Options, ilm: Ilm
) -> None:
    tied = with_ties(dataset)
    ilm.dataset = tied
    trial, results = Trial.of(tied, "sequential"), options.runs.parent / "results"
    one = replace(options, seeds=(0,))
    methods = ["popularity", "mlp"]
    rows = measure(trial, one, *methods)
    moved = measure_ties(methods, tied, "sequential", one, results, 3)
    assert [Entry.of(found) for found in moved] == [Entry.of(row) for row in rows]
    stored = json.loads((results / "openp5-ties" / f"{Entry.of(rows[1]).name}.json").read_text())
    assert stored == moved[1]
    hits = stored["metrics"]["HR@10"]
    assert hits["frozen"] == rows[1]["metrics"]["HR@10"]["mean"]
    assert hits["min"] <= hits["mean"] <= hits["max"]
    splits = {leave_one_out(in_other_order(tied, order).interactions).digest for order in (1, 2, 3)}
    assert set(stored["orders"]) == splits
    assert trial.split.digest not in splits
    assert stored["command"].endswith("--seeds 0 --ties 3")
    # A model of one order never ranks another's test items.
    assert [folder.relative_to(options.runs).parts[:2] for folder in ilm.trained] == [
        ("ilm", "tiny"),
        *(("ties", str(order)) for order in (1, 2, 3)),
    ]


def test_an_interrupted_evaluation_goes_on(
    trial: Trial, options: Options, ilm: Ilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    (*jobs,) = jobs_of("mlp", trial, options)
    jobs[0].do(options.place, lambda users: None)
    assert [job.is_done(options.place) for job in jobs_of("mlp", trial, options)] == [
        True,
        False,
        False,
    ]
    measure(trial, options, "mlp")
    assert len(ilm.trained) == 3
    stored = Predictions.load(jobs[0].entries[0].predictions(options.place, 0))
    assert stored.about["seed"] == 0
