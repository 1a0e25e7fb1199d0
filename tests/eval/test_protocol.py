from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.dataset import Dataset
from data.splits import leave_one_out
from eval.errors import EvalError
from eval.metrics import UNRANKED
from eval.predictions import Predictions
from eval.protocol import Histories, Task, Trial, check_no_leak, rank

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


@pytest.mark.parametrize("task", ["sequential", "straightforward"])
def test_ranks_equal_the_obvious_loops(dataset: Dataset, scorer: Fixed, task: Task) -> None:
    trial = Trial.of(dataset, task)
    found = rank(scorer, trial, ABOUT)
    for filtered in (False, True):
        predictions = found[filtered]
        assert predictions.about["filtered"] is filtered
        for user, sequence in enumerate(dataset.interactions.sequences()):
            target = sequence[-1]
            history = sequence[:-1] if task == "sequential" else sorted(sequence[:-2])
            scores = scorer.table[history[-1]]
            allowed = [i for i in trial.candidates if not (filtered and i in history)]
            better = [i for i in allowed if i != target and scores[i] >= scores[target]]
            assert predictions.ranks[user] == len(better) + 1
            order = sorted(allowed, key=lambda item: (-scores[item], item))
            top = predictions.top[user]
            assert top[top >= 0].tolist() == order


def test_the_result_does_not_depend_on_the_batch(dataset: Dataset, scorer: Fixed) -> None:
    trial = Trial.of(dataset, "sequential")
    whole = rank(scorer, trial, ABOUT, batch=1000)
    for batch in (1, 7):
        told: list[int] = []
        parts = rank(scorer, trial, ABOUT, batch=batch, ranked=told.append)
        assert sum(told) == 30
        for filtered in (False, True):
            np.testing.assert_array_equal(parts[filtered].ranks, whole[filtered].ranks)
            np.testing.assert_array_equal(parts[filtered].top, whole[filtered].top)


def test_filtered_lists_hold_nothing_seen_and_no_list_holds_others(
    dataset: Dataset, scorer: Fixed
) -> None:
    trial = replace(Trial.of(dataset, "sequential"), candidates=np.arange(15, dtype=np.int32))
    found = rank(scorer, trial, ABOUT, k=50)
    for user, history in enumerate(trial.histories()):
        assert not set(found[True].top[user]) & set(history.tolist())
        assert set(found[False].top[user]) == {*range(15), -1}
    outside = trial.split.test >= 15
    assert outside.any()
    assert (found[False].ranks[outside] == UNRANKED).all()


def test_what_is_known_of_a_user_depends_on_the_task(dataset: Dataset) -> None:
    sequence = dataset.interactions.sequences()[3].tolist()
    sequential = Trial.of(dataset, "sequential")
    assert sequential.histories()[3].tolist() == sequence[:-1]
    assert sequential.histories("validation")[3].tolist() == sequence[:-2]
    straightforward = Trial.of(dataset, "straightforward")
    for at in ("validation", "test"):
        assert straightforward.histories(at)[3].tolist() == sorted(sequence[:-2])
    with pytest.raises(EvalError, match="no task 'backwards'"):
        Trial.of(dataset, "backwards")


def test_a_scorers_own_arrays_are_left_alone(dataset: Dataset) -> None:
    class Shared:
        kept = np.zeros((30, 20), np.float32)

        def scores(self, histories: Histories) -> np.ndarray:
            return self.kept[: len(histories)]

    rank(Shared(), Trial.of(dataset, "sequential"), ABOUT)
    assert not Shared.kept.any()


def test_a_model_of_another_catalogue_is_refused(dataset: Dataset) -> None:
    with pytest.raises(EvalError, match="scored 19 items, the catalogue has 20"):
        rank(Fixed(np.zeros((20, 19), np.float32)), Trial.of(dataset, "sequential"), ABOUT)


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


def test_the_split_lies_on_disk_under_its_digest(dataset: Dataset, tmp_path: Path) -> None:
    trial = Trial.of(dataset, "sequential")
    path = trial.save_split(tmp_path)
    assert path.name == f"tiny-{trial.split.digest[:12]}.npz"
    with np.load(path) as stored:
        assert stored["digest"].item() == trial.split.digest
        np.testing.assert_array_equal(stored["test"], trial.split.test)
        np.testing.assert_array_equal(stored["validation"], trial.split.validation)
        np.testing.assert_array_equal(stored["train_items"], trial.split.train.items)
        assert stored["item_ids"].tolist() == [item.id for item in dataset.catalogue]


def test_predictions_survive_the_disk(dataset: Dataset, scorer: Fixed, tmp_path: Path) -> None:
    run = rank(scorer, Trial.of(dataset, "sequential"), ABOUT)[True]
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
