"""The harness and a real (tiny) item-language model: what is called of `ilm` is there."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from data.dataset import Dataset
from eval import stack as stacking
from eval.entries import Decoding
from eval.jobs import Options, jobs_of
from eval.protocol import Task, Trial, nothing
from eval.scorers import BEAMS
from ilm import pipeline
from ilm.config import TrainingConfig
from tests.eval.tiny_ilm import config, encoder_folder, llm_folder  # noqa: F401 (fixtures)


@pytest.fixture
def model(config: TrainingConfig, tiny_dataset: Dataset, tmp_path: Path) -> Path:  # noqa: F811
    return pipeline.run(config, tmp_path / "run", dataset=tiny_dataset)


def test_a_saved_model_is_asked_in_every_way(
    model: Path, tiny_dataset: Dataset, tmp_path: Path
) -> None:
    ways: list[tuple[Task, Decoding]] = [
        ("sequential", "rank"),
        ("sequential", "generate-id"),
        ("straightforward", "rank"),
        ("straightforward", "generate-id"),
    ]
    for task, decoding in ways:
        trial = Trial.of(tiny_dataset, task)
        options = Options(tmp_path / "runs", models=(model,), decoding=decoding)
        for prompt in ("seen", "unseen"):
            (job,) = jobs_of("ilm-it-ii-ui", trial, dataclasses.replace(options, prompt=prompt))
            found = job.make(nothing)
            for filtered in (False, True):
                run = found[filtered]
                assert run.about["filtered"] is filtered
                assert run.about["training"]["alignment"]
                listed = [top[top >= 0].tolist() for top in run.top]
                assert all(len(set(top)) == len(top) for top in listed)
                if decoding == "rank":
                    assert (run.ranks <= len(trial.candidates)).all()
                else:  # beams enough for the whole catalogue
                    assert len(trial.candidates) <= BEAMS
                    assert run.about["invalid"] == run.about["duplicate"] == 0
                if filtered:
                    for top, history in zip(listed, trial.histories(), strict=True):
                        assert not set(top) & set(history.tolist())


def test_it_feeds_the_stack(
    model: Path, tiny_dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stacking, "RECOMMENDERS_STACKED", ("popularity", "ease"))
    fit = stacking.Ranker.fit
    monkeypatch.setattr(
        stacking.Ranker, "fit", lambda *args, **kw: fit(*args, **kw, n_trees=2, min_child_samples=1)
    )
    options = Options(tmp_path / "runs", seeds=(0,), sources=(str(model),))
    (job,) = jobs_of("stack", Trial.of(tiny_dataset, "sequential"), options)
    found = job.make(nothing)[True]
    assert np.isfinite(list(found.about["validation"].values())).all()
    assert list(found.about["config"]["sources"])[-1].startswith("model")
