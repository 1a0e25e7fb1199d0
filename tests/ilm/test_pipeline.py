"""A whole run over the tiny data set, through the function that `python -m ilm train` calls."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from cf.factors import Factors, fit
from data.dataset import Dataset
from data.errors import IlmChatError
from data.interactions import Interactions
from data.splits import LeaveOneOut
from ilm import pipeline
from ilm.config import TrainingConfig
from ilm.llm import FrozenLLM
from ilm.model import ItemLanguageModel
from ilm.pipeline import prepare, run, validation
from tests.ilm.conftest import assert_same_state


@pytest.fixture
def config(
    tiny_dataset: Dataset, llm_folder: Path, encoder_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> TrainingConfig:
    monkeypatch.setattr(pipeline, "load", lambda name, folder: tiny_dataset)
    return TrainingConfig.model_validate(
        {
            "dataset": "tiny",
            "seed": 0,
            "factors": 8,
            "checkpoint_every": 5,
            "model": {
                "num_queries": 3,
                "history": 6,
                "rank_layers": 2,
                "rank_width": 16,
                "dropout": 0.3,
                "text_encoder": str(encoder_folder),
                "llm": str(llm_folder),
            },
            "alignment": {
                "variant": "IT-UI",
                "epochs": 2,
                "batch_size": 6,
                "pair_batch_size": 8,
                "learning_rate": 1e-3,
                "fresh_learning_rate": 5e-3,
                "max_tokens": 24,
                "held_out": 0.1,
            },
            "tuning": {
                "steps": {"rank": 10, "generate-id": 4},
                "batch_size": {"rank": 4, "generate-id": 2},
                "learning_rate": 1e-2,
                "encoder_learning_rate": 1e-3,
            },
        }
    )


def test_a_run_survives_its_kills_and_ends_in_a_model(
    config: TrainingConfig, tmp_path: Path, tiny_dataset: Dataset, split: LeaveOneOut
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    target = run(config, whole)
    assert target == whole / "model"
    # Alignment has 12 steps and tuning 14: one kill in each.
    for stop_after, at in ((7, {"alignment": 7}), (12, {"alignment": 12, "tuning": 12})):
        assert run(config, killed, stop_after=stop_after) == killed
        for stage, step in at.items():
            last = (killed / stage / "losses.jsonl").read_text().splitlines()[-1]
            assert json.loads(last)["step"] == step
        assert (killed / "tuning").exists() is ("tuning" in at)
        assert not (killed / "model").exists()
    run(config, killed)
    assert_same_state(
        load_file(killed / "model" / "model.safetensors"), load_file(target / "model.safetensors")
    )

    model = ItemLanguageModel.from_pretrained(target)
    scores = model.rank([[], [0, 1, 2], list(range(10))])
    assert scores.shape == (3, 20)
    assert np.isfinite(scores).all()
    assert list(model.generate(["Say ", "something"], max_new_tokens=5))

    about = json.loads((target / "metadata.json").read_text())
    assert about["split"] == split.digest
    assert about["catalogue"] == tiny_dataset.catalogue.digest
    assert about["seed"] == 0
    # The figures are those of the weights as they were saved.
    assert about["evaluation"]["validation"] == validation(model, split)
    assert about["evaluation"]["alignment"].keys() == {"ITG", "retrieval@1"}
    resolved = TrainingConfig.model_validate_json((target / "training.json").read_text())
    assert resolved == config
    factors = Factors.load(target / "factors")
    np.testing.assert_array_equal(factors.users, fit(split.train, factors=8, seed=0).users)
    lines = (whole / "tuning" / "validation.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [5, 10, 14]

    with pytest.raises(IlmChatError, match="holds a run of another configuration"):
        run(config.model_copy(update={"seed": 1}), whole)


def test_both_stages_are_given_the_training_interactions_alone(
    config: TrainingConfig, tmp_path: Path, split: LeaveOneOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []

    def keep(name: str) -> None:
        make = getattr(pipeline, name)

        def spy(*values: Any) -> Any:
            given.extend(value.digest for value in values if isinstance(value, Interactions))
            return make(*values)

        monkeypatch.setattr(pipeline, name, spy)

    for name in ("alignment_data", "RankTask", "GenerateIdTask"):
        keep(name)
    run(config, tmp_path, stop_after=12)
    assert given == [split.train.digest] * 3


@pytest.fixture
def alone(config: TrainingConfig) -> TrainingConfig:
    """Without stage 1."""
    return config.model_copy(update={"alignment": None})


def test_factors_and_popularity_know_the_training_interactions_alone(
    alone: TrainingConfig, llm: FrozenLLM, split: LeaveOneOut, tiny_dataset: Dataset
) -> None:
    prepared = prepare(alone, llm)
    for left, right in ((prepared.split.train, split.train), (split.train, prepared.split.train)):
        assert left.digest == right.digest
    expected = fit(split.train, factors=8, seed=0)
    leaking = fit(tiny_dataset.interactions, factors=8, seed=0)
    np.testing.assert_array_equal(prepared.factors.items, expected.items)
    np.testing.assert_array_equal(prepared.factors.users, expected.users)
    assert not np.allclose(prepared.factors.items, leaking.items, atol=1e-3)
    counts = np.zeros(20)
    for sequence in split.train.sequences():
        for item in sequence:
            counts[item] += 1
    bias = prepared.model.ranking.bias.detach().numpy()
    np.testing.assert_allclose(bias, np.log(counts + 1), rtol=1e-5)
    cf = prepared.model.signals.vectors["cf"][:, 0].numpy()
    known = expected.items[expected.known]
    np.testing.assert_allclose(
        cf[expected.known], (known - known.mean(0)) / known.std(0), atol=1e-4
    )
    assert (cf[~expected.known] == 0).all()


def test_an_untrained_model_ranks_about_by_popularity(
    alone: TrainingConfig, llm: FrozenLLM
) -> None:
    model = prepare(alone, llm).model
    bias = model.ranking.bias.detach().numpy()
    np.testing.assert_allclose(model.rank([[1, 2], []]), np.stack([bias, bias]), atol=0.5)


def test_two_preparations_are_the_same(alone: TrainingConfig, llm: FrozenLLM) -> None:
    torch.manual_seed(1)
    left = prepare(alone, llm).model.state_dict()
    torch.manual_seed(2)
    right = prepare(alone, llm).model.state_dict()
    assert_same_state(left, right)


def test_an_mlp_is_trained_without_stage_one(alone: TrainingConfig, tmp_path: Path) -> None:
    shape = alone.model.model_copy(update={"encoder": "mlp", "modalities": ("cf",)})
    tuning = alone.tuning.model_copy(update={"steps": {"rank": 2}})
    config = alone.model_copy(update={"model": shape, "tuning": tuning})
    target = run(config, tmp_path)
    assert not (tmp_path / "alignment").exists()
    scores = ItemLanguageModel.from_pretrained(target).rank([[3]])
    assert np.isfinite(scores).all()


def test_validation_equals_the_loops(model: ItemLanguageModel, split: LeaveOneOut) -> None:
    model.rankable[:] = True
    histories = [sequence.tolist() for sequence in split.train.sequences()]
    hits = {"HR@10 unfiltered": 0, "HR@10 seen-filtered": 0}
    for history, target in zip(histories, split.validation.tolist(), strict=True):
        scores = model.rank([history])[0]
        better = [item for item in range(20) if scores[item] > scores[target]]
        hits["HR@10 unfiltered"] += len(better) < 10
        hits["HR@10 seen-filtered"] += len([i for i in better if i not in history]) < 10
    found = validation(model, split)
    assert found == pytest.approx({name: count / 12 for name, count in hits.items()})
    assert found["HR@10 unfiltered"] < found["HR@10 seen-filtered"]
