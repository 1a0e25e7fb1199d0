from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.dataset import Dataset
from eval import stack as module
from eval.errors import EvalError
from eval.jobs import Options, jobs_of
from eval.methods import RECOMMENDERS
from eval.metrics import UNRANKED
from eval.protocol import Histories, Trial, nothing
from eval.stack import Pool, Source, cached_columns, pool, stack
from tests.eval.fakes import Ilm, save

ABOUT = {"method": "stack", "seed": 0}


class Table:
    """A score for each item by the newest item of the history; counts how often it is asked."""

    asked = 0

    def __init__(self, seed: int) -> None:
        self.table = np.random.default_rng(seed).normal(size=(20, 20)).astype(np.float32)

    def scores(self, histories: Histories) -> np.ndarray:
        Table.asked += len(histories)
        return self.table[[history[-1] for history in histories]]


class Oracle:
    """Knows what everybody chooses next."""

    def __init__(self, dataset: Dataset) -> None:
        self.sequences = [sequence.tolist() for sequence in dataset.interactions.sequences()]

    def scores(self, histories: Histories) -> np.ndarray:
        scores = np.zeros((len(histories), 20), np.float32)
        for row, history in zip(scores, histories, strict=True):
            (whole,) = [s for s in self.sequences if s[: len(history)] == history.tolist()]
            row[whole[len(history)]] = 1
        return scores


@pytest.fixture
def trial(dataset: Dataset) -> Trial:
    return Trial.of(dataset, "sequential")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trees that can learn from 30 users."""
    fit = module.Ranker.fit

    def quick(*args: Any, **settings: Any) -> Any:
        return fit(*args, **settings, n_trees=20, min_child_samples=1, learning_rate=0.3)

    monkeypatch.setattr(module.Ranker, "fit", quick)
    monkeypatch.setattr(module, "RECOMMENDERS_STACKED", ("popularity", "item-knn", "als-recent"))


def test_candidates_are_the_unseen_best_of_each_column(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CANDIDATES", 3)
    monkeypatch.setattr(module, "KEPT", 6)
    names = ("a", "b")
    made = [Source(n, 0, {"seed": s}, lambda s=s: Table(s)) for s, n in enumerate(names)]
    for at, phase in enumerate(module.PHASES):
        columns = {source.name: cached_columns(source, trial, tmp_path)[at] for source in made}
        found = pool(columns, 20)
        for user, history in enumerate(trial.histories(phase)):
            says = [Table(seed).table[history[-1]] for seed in range(2)]
            allowed = [i for i in trial.candidates.tolist() if i not in history]
            orders = [sorted(allowed, key=lambda i, said=said: -said[i]) for said in says]
            items = found.items[user][found.mask[user]].tolist()
            assert set(items) == set(orders[0][:3]) | set(orders[1][:3])
            for name, said, order in zip(names, says, orders, strict=True):
                expected = [said[i] if i in order[:6] else -np.inf for i in items]
                assert found.columns[name][user][found.mask[user]].tolist() == expected
        targets = np.where(found.mask.sum(axis=1) > 2, found.items[:, 2], found.items[:, 0])
        chosen = np.take_along_axis(found.items, found.positions(targets)[:, None], axis=1)
        np.testing.assert_array_equal(chosen[:, 0], targets)
        assert found.positions(np.full(30, 99)).tolist() == [-1] * 30


def test_trees_learn_whom_to_trust(trial: Trial, dataset: Dataset, tmp_path: Path) -> None:
    sources = [
        Source("noise", 0, {"seed": 0}, lambda: Table(0)),
        Source("oracle", 0, {}, lambda: Oracle(dataset)),
    ]
    found = stack(sources, trial, tmp_path, 0, ABOUT, nothing)
    assert found.about["validation"]["HR@5"] > 0.9
    assert np.mean(found.ranks == 1) > 0.9
    for user, history in enumerate(trial.histories()):
        assert not set(found.top[user].tolist()) & set(history.tolist())
        assert found.ranks[user] == UNRANKED or found.targets[user] in found.top[user]
    blind = stack(sources[:1], trial, tmp_path, 0, ABOUT, nothing)
    assert blind.about["validation"]["HR@5"] < 0.7
    assert max(found.about["importance"], key=found.about["importance"].get).startswith("oracle")


def test_columns_are_made_once(trial: Trial, tmp_path: Path) -> None:
    source = Source("noise", 0, {"seed": 0}, lambda: Table(0))
    Table.asked = 0
    first = cached_columns(source, trial, tmp_path)
    assert Table.asked == 60
    second = cached_columns(source, trial, tmp_path)
    assert Table.asked == 60
    for one, two in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.items, two.items)
        np.testing.assert_array_equal(one.scores, two.scores)
    no_candidate = next(i for i in range(20) if i not in trial.candidates)
    assert np.isneginf(first[0].scores[first[0].items == no_candidate]).all()
    cached_columns(replace(source, identity={"seed": 1}), trial, tmp_path)
    assert Table.asked == 120
    assert not list(tmp_path.rglob("*.part.npz"))


def test_the_two_stacks_differ_by_ours(trial: Trial, tmp_path: Path, ilm: Ilm) -> None:
    options = Options(tmp_path / "runs", seeds=(0, 1))
    ours = jobs_of("stack", trial, options)
    others = jobs_of("stack-without-ilm", trial, options)
    assert [len(job.entries) for job in (*ours, *others)] == [1] * 4
    found = [job.make(nothing)[True] for job in (*ours, *others)]
    assert [folder.name for folder in ilm.trained] == ["ilm-it-ui-cpu-0", "ilm-it-ui-cpu-1"]
    sources = [run.about["config"]["sources"] for run in found]
    assert list(sources[0]) == [*sources[2], "ilm-it-ui"]
    assert sources[2]["als-recent"].items() >= RECOMMENDERS["als-recent"].filtered.items()
    assert sources[2]["als-recent"]["iterations"] > 0
    assert all(run.about["filtered"] for run in found)
    assert found[0].about["variant"] == {}
    assert (found[0].about["size"], found[2].about["size"]) == ("cpu", None)


def test_saved_models_can_be_sources(
    trial: Trial, tmp_path: Path, ilm: Ilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = ilm.config("tiny", "ilm-it", "full", 5).model_dump(mode="json")
    save(tmp_path / "weights" / "v1.2", config, trial.split)
    options = Options(tmp_path / "runs", seeds=(0,), sources=("ilm-it", "weights/v1.2"))
    (job,) = jobs_of("stack", trial, options)
    found = job.make(nothing)[True]
    assert list(found.about["config"]["sources"])[-2:] == ["ilm-it", "weights_v1_2"]
    assert found.about["variant"] == {"sources": "ilm-it+weights_v1_2"}
    with pytest.raises(EvalError, match="have one name: ilm-it, ilm-it"):
        jobs_of("stack", trial, replace(options, sources=("ilm-it", "ilm-it")))
    with pytest.raises(EvalError, match="'absent' is neither"):
        jobs_of("stack", trial, replace(options, sources=("absent",)))


def test_what_a_stack_has_not_is_said(trial: Trial, tmp_path: Path) -> None:
    options = Options(tmp_path)
    with pytest.raises(EvalError, match="sequential only"):
        jobs_of("stack", replace(trial, task="straightforward"), options)
    with pytest.raises(EvalError, match="stack has its own settings"):
        jobs_of("stack", trial, replace(options, overrides={"n_trees": 3}))


def test_a_pool_keeps_its_rows_together() -> None:
    whole = Pool(
        np.array([[1, -1], [2, 3]], np.int32), {"a": np.array([[1, 0], [2, 3]], np.float32)}
    )
    part = whole.rows(np.array([False, True]))
    assert part.items.tolist() == [[2, 3]]
    assert part.columns["a"].tolist() == [[2, 3]]
    assert whole.mask.tolist() == [[True, False], [True, True]]
