"""A whole run over the tiny data set, through the function that `python -m ilm train` calls."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from cf.factors import Factors, fit
from data.catalogue import Catalogue
from data.dataset import Dataset
from data.errors import IlmChatError
from data.indexing import make_indexing
from data.interactions import Interactions
from data.splits import LeaveOneOut, leave_one_out
from ilm import pipeline
from ilm.config import TrainingConfig
from ilm.item_tokens import spread
from ilm.llm import FrozenLLM
from ilm.model import ItemLanguageModel
from ilm.pipeline import prepare, run, validation
from ilm.storage import ItemIds
from ilm.tasks import GenerateIdTask
from ilm.word_start import start_at_words
from ilm.writing import best, generate_ids
from tests.ilm.conftest import assert_same_state


@pytest.fixture
def config(
    tiny_dataset: Dataset, llm_folder: Path, encoder_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> TrainingConfig:
    """Alignment has 12 steps and tuning 14."""
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
                "steps": {"rank": 7, "rank-users": 4, "generate-id": 3},
                "batch_size": {"rank": 4, "rank-users": 3, "generate-id": 2},
                "learning_rate": 1e-2,
                "encoder_learning_rate": 1e-3,
                "free_learning_rate": 1e-3,
                "indexing": "collaborative",
                "candidates": 3,
            },
        }
    )


def test_a_run_survives_its_kills_and_ends_in_a_model(
    config: TrainingConfig, tmp_path: Path, tiny_dataset: Dataset, split: LeaveOneOut
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    target = run(config, whole)
    assert target == whole / "model"
    # One kill in each stage.
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
    (written,) = generate_ids(model, [[0, 1, 2]], ["u0"], candidates=best(scores[1:2], 3), beams=4)
    assert len(set(written.items)) == 4
    items = range(20)
    assert model.ids == ItemIds("tiny", make_indexing("collaborative", split.train, items, seed=0))

    about = json.loads((target / "metadata.json").read_text())
    assert about["split"] == split.digest
    assert about["catalogue"] == tiny_dataset.catalogue.digest
    assert about["seed"] == 0
    # The figures are those of the weights as they were saved.
    assert about["evaluation"]["validation"] == validation(model, split)
    assert about["evaluation"]["alignment"].keys() == {"ITG", "ITG train", "retrieval@1"}
    tokens = model.catalogue_tokens()[model.rankable]
    assert about["evaluation"]["tokens"] == pytest.approx(spread(tokens))
    assert about["evaluation"]["tokens aligned"].keys() == spread(tokens).keys()
    resolved = TrainingConfig.model_validate_json((target / "training.json").read_text())
    assert resolved == config
    factors = Factors.load(target / "factors")
    np.testing.assert_array_equal(factors.users, fit(split.train, factors=8, seed=0).users)
    lines = (whole / "tuning" / "validation.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [5, 10, 14]

    with pytest.raises(IlmChatError, match="holds a run of another configuration"):
        run(config.model_copy(update={"seed": 1}), whole)


def test_stage_2_may_begin_at_the_words_of_what_stage_1_has_read(
    config: TrainingConfig,
    tmp_path: Path,
    tiny_dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = config.model_dump()
    settings["model"]["centred_tokens"] = True
    settings["alignment"] |= {"adapter_learning_rate": 1e-2, "text": "title"}
    begun: list[torch.Tensor] = []

    def spy(model: ItemLanguageModel, items: torch.Tensor, texts: list[str]) -> None:
        start_at_words(model, items, texts)
        begun.append(model.adapter.weight.detach().clone())
        assert texts == [tiny_dataset.catalogue.text(int(item), "title") for item in items]
        known = len(leave_one_out(tiny_dataset.interactions).train.active_items())
        assert len(set(items.tolist())) == known - round(0.1 * known)  # the others are kept out

    monkeypatch.setattr(pipeline, "start_at_words", spy)
    folder = tmp_path / "run"
    for stop_after in (12, 13, None):  # stage 1 has 12 steps
        run(TrainingConfig.model_validate(settings), folder, stop_after=stop_after)
    assert len(begun) == 3 and torch.equal(begun[0], begun[1])
    ends = load_file(folder / "model" / "model.safetensors")["trained.adapter.weight"].float()
    assert 0 < (ends - begun[0]).abs().max() < 0.5 * begun[0].abs().max()


def test_an_adapter_may_start_at_words_where_nothing_was_aligned(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = config.model_dump()
    settings["model"] |= {"encoder": "mlp", "modalities": ["cf"], "centred_tokens": True}
    settings["alignment"] |= {"epochs": 0, "adapter_learning_rate": 1e-2, "text": "title"}
    begun: list[torch.Tensor] = []

    def spy(model: ItemLanguageModel, items: torch.Tensor, texts: list[str]) -> None:
        assert not model.training
        start_at_words(model, items, texts)
        begun.append(model.adapter.weight.detach().clone())

    monkeypatch.setattr(pipeline, "start_at_words", spy)
    folder = tmp_path / "run"
    target = run(TrainingConfig.model_validate(settings), folder)
    assert not (folder / "alignment").exists()
    evaluation = json.loads((target / "metadata.json").read_text())["evaluation"]
    assert evaluation.keys() == {"tokens", "validation"}
    ends = load_file(target / "model.safetensors")["trained.adapter.weight"].float()
    assert 0 < (ends - begun[0]).abs().max() < 0.5 * begun[0].abs().max()


def test_ids_and_prompts_may_come_from_files(
    config: TrainingConfig,
    tmp_path: Path,
    tiny_dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids, prompts = tmp_path / "indexing.txt", tmp_path / "prompt.txt"
    lines = [f"{item.id} {2000 + row}" for row, item in enumerate(tiny_dataset.catalogue)]
    ids.write_text("\n".join(lines), "utf-8")
    prompts.write_text("sequential; seen; After {history} comes; a {target}\n", "utf-8")
    asked: list[str] = []
    task = pipeline.GenerateIdTask

    def spy(*values: Any, **named: Any) -> GenerateIdTask:
        made = task(*values, **named)
        asked.extend(prompt.input.text for prompt in made.prompts)
        return made

    monkeypatch.setattr(pipeline, "GenerateIdTask", spy)
    settings = config.model_dump() | {"alignment": None}
    settings["tuning"] |= {"indexing": str(ids), "prompts": str(prompts)}
    model = ItemLanguageModel.from_pretrained(
        run(TrainingConfig.model_validate(settings), tmp_path / "run")
    )
    assert asked == ["After {history} comes"]
    assert model.ids.texts == {item: f"item_{2000 + item}" for item in range(20)}
    (written,) = generate_ids(model, [[0, 1]], ["u0"], beams=3, templates=prompts)
    assert len(set(written.items)) == 3
    with pytest.raises(
        IlmChatError, match=r"prompt\.txt has no unseen prompt of the sequential task"
    ):
        next(generate_ids(model, [[0]], ["u0"], kind="unseen", templates=prompts))


def test_both_stages_are_given_the_training_interactions_alone(
    config: TrainingConfig, tmp_path: Path, split: LeaveOneOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []

    def keep(name: str) -> None:
        make = getattr(pipeline, name)

        def spy(*values: Any, **named: Any) -> Any:
            everything = (*values, *named.values())
            given.extend(value.digest for value in everything if isinstance(value, Interactions))
            return make(*values, **named)

        monkeypatch.setattr(pipeline, name, spy)

    for name in (
        "fit",
        "transition_factors",
        "make_indexing",
        "alignment_data",
        "RankTask",
        "RankUsersTask",
    ):
        keep(name)
    keep("GenerateIdTask")
    run(config, tmp_path, stop_after=12)
    assert given == [split.train.digest] * 7


@pytest.fixture
def alone(config: TrainingConfig) -> TrainingConfig:
    """Without stage 1."""
    return config.model_copy(update={"alignment": None})


def test_factors_and_popularity_know_the_training_interactions_alone(
    alone: TrainingConfig, llm: FrozenLLM, split: LeaveOneOut, tiny_dataset: Dataset
) -> None:
    prepared = prepare(alone, llm, tiny_dataset)
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
    alone: TrainingConfig, llm: FrozenLLM, tiny_dataset: Dataset
) -> None:
    prepared = prepare(alone, llm, tiny_dataset)
    model = prepared.model
    bias = model.ranking.bias.detach().numpy()
    users = prepared.factors.users[:2]
    for scores in (
        model.rank([[1, 2], []], new_only=True),
        model.rank_users(users, new_only=True),
        model.rank_users(users),
    ):
        np.testing.assert_allclose(scores, np.stack([bias, bias]), atol=0.5)
    shares = np.exp(model.rank([[], [1, 2]]))
    np.testing.assert_allclose(shares[0], np.exp(bias) / np.exp(bias).sum(), rtol=0.5)
    # Nobody here chooses twice: one more is counted of either kind.
    repeat = 1 / (2 + sum(len(items) - 1 for items in prepared.split.train.sequences()))
    assert shares[1, [1, 2]].sum() == pytest.approx(repeat, rel=1e-4)


@pytest.mark.parametrize("lora_rank", [0, 2])
def test_two_preparations_are_the_same(
    alone: TrainingConfig, llm: FrozenLLM, tiny_dataset: Dataset, lora_rank: int
) -> None:
    shape = alone.model.model_copy(update={"lora_rank": lora_rank})
    config = alone.model_copy(update={"model": shape})
    torch.manual_seed(1)
    left = prepare(config, llm, tiny_dataset)
    torch.manual_seed(2)
    right = prepare(config, llm, tiny_dataset)
    assert_same_state(left.model.state_dict(), right.model.state_dict())
    assert left.model.ids == right.model.ids


def test_items_that_are_in_no_interaction_are_never_ranked_or_written(
    alone: TrainingConfig, llm: FrozenLLM, tiny_dataset: Dataset
) -> None:
    films = [*tiny_dataset.catalogue, replace(tiny_dataset.catalogue[0], id="999")]
    catalogue = Catalogue("tiny", films)
    interactions = replace(tiny_dataset.interactions, n_items=21)
    model = prepare(alone, llm, Dataset("tiny", catalogue, interactions)).model
    assert model.rankable.tolist() == [True] * 20 + [False]
    assert sorted(model.ids.texts) == list(range(20))
    assert np.isneginf(model.rank([[1]])[:, 20]).all()


def test_another_order_of_ties_may_be_given(
    config: TrainingConfig, tmp_path: Path, tiny_dataset: Dataset, split: LeaveOneOut
) -> None:
    together = replace(tiny_dataset.interactions, times=tiny_dataset.interactions.times * 0)
    order = np.argsort(together.users - np.arange(len(together)) / 1000, kind="stable")
    other = Dataset("tiny", tiny_dataset.catalogue, together.select(order))
    tuning = config.tuning.model_copy(update={"steps": {"rank": 2}})
    short = config.model_copy(update={"alignment": None, "tuning": tuning})
    target = run(short, tmp_path, dataset=other)
    about = json.loads((target / "metadata.json").read_text())
    assert about["split"] == leave_one_out(other.interactions).digest != split.digest


@pytest.mark.parametrize(
    "shape",
    [
        {"encoder": "mlp", "modalities": ("cf",)},
        {"encoder": "none", "lora_rank": 2, "trail": False},
        {"free_vectors": False, "trail": False},
        {"lora_rank": 2},
        {"rank_layers": 0},
        {"modalities": ("text",)},
    ],
    ids=str,
)
def test_methods_and_ablations_are_trained_without_stage_one(
    alone: TrainingConfig, tmp_path: Path, shape: dict[str, Any]
) -> None:
    steps = {"rank": 2, "rank-users": 1, "generate-id": 1}
    if shape.get("encoder") == "none":
        steps["rank-users"] = 0
    tuning = alone.tuning.model_copy(update={"steps": steps})
    model = alone.model.model_copy(update=shape)
    target = run(alone.model_copy(update={"model": model, "tuning": tuning}), tmp_path)
    assert not (tmp_path / "alignment").exists()
    loaded = ItemLanguageModel.from_pretrained(target)
    assert np.isfinite(loaded.rank([[3], []])).all()
    (written,) = generate_ids(loaded, [[3]], ["u0"], beams=3)
    assert len(set(written.items)) == 3


def test_validation_equals_the_loops(model: ItemLanguageModel, split: LeaveOneOut) -> None:
    model.rankable[:] = True
    histories = [sequence.tolist() for sequence in split.train.sequences()]
    hits = {"HR@10 unfiltered": 0, "HR@10 seen-filtered": 0}
    for history, target in zip(histories, split.validation.tolist(), strict=True):
        scores, new = (model.rank([history], new_only=new_only)[0] for new_only in (False, True))
        better = [item for item in range(20) if scores[item] > scores[target]]
        hits["HR@10 unfiltered"] += len(better) < 10
        better = [i for i in range(20) if new[i] > new[target] and i not in history]
        hits["HR@10 seen-filtered"] += len(better) < 10
    found = validation(model, split)
    assert found == pytest.approx({name: count / 12 for name, count in hits.items()})
    assert found["HR@10 unfiltered"] < found["HR@10 seen-filtered"]
