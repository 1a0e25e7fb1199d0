"""Metrics of generated ids, against an independent slow reading of the same saved beams."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.dataset import Dataset
from eval.errors import EvalError
from eval.metrics import UNRANKED
from eval.protocol import Task, Trial, listed
from eval.rows import METRICS

GENERATIONS = Path(__file__).parent / "generations.json"
ABOUT = {"method": "fake", "decoding": "generate-id", "seed": 0}


@pytest.fixture(scope="module")
def saved() -> dict[str, Any]:
    """`ids`: text id -> item; `beams`: 20 texts for each of 30 users, best first. About a tenth is
    no item's id, about a fifth was there before."""
    found: dict[str, Any] = json.loads(GENERATIONS.read_text())
    return found


def slow_metrics(
    texts: list[list[str]], gold: list[str], seen: list[set[str]], known: set[str]
) -> dict[str, float]:
    """HR and NDCG straight from the texts: walk down each list and count what may stand there."""
    sums = dict.fromkeys(METRICS, 0.0)
    for beams, target, hidden in zip(texts, gold, seen, strict=True):
        place, gone = 0, set(hidden)
        for text in beams:
            if text not in known or text in gone:
                continue
            gone.add(text)
            place += 1
            if text == target:
                for k in (5, 10):
                    if place <= k:
                        sums[f"HR@{k}"] += 1
                        sums[f"NDCG@{k}"] += 1 / math.log(place + 1, 2)
    return {name: total / len(texts) for name, total in sums.items()}


@pytest.mark.parametrize("task", ["sequential", "straightforward"])
def test_metrics_equal_the_slow_ones(dataset: Dataset, saved: dict[str, Any], task: Task) -> None:
    trial = Trial.of(dataset, task)
    ids: dict[str, int] = saved["ids"]
    texts = {item: text for text, item in ids.items()}
    generated = [[ids.get(text, -1) for text in beams] for beams in saved["beams"]]
    found = listed(generated, trial, ABOUT)

    known = {texts[item] for item in trial.candidates.tolist()}
    gold = [texts[int(sequence[-1])] for sequence in dataset.interactions.sequences()]
    last = -1 if task == "sequential" else -2
    seen = [{texts[int(i)] for i in s[:last]} for s in dataset.interactions.sequences()]
    for filtered in (False, True):
        hidden = seen if filtered else [set[str]() for _ in gold]
        expected = slow_metrics(saved["beams"], gold, hidden, known)
        ranks = found[filtered].ranks
        assert {n: metric(ranks).mean() for n, metric in METRICS.items()} == pytest.approx(expected)
        assert 0 < expected["HR@5"] < expected["HR@10"] < 1

    flat = [text for beams in saved["beams"] for text in beams]
    invalid = sum(text not in known for text in flat)
    valid = [[text for text in beams if text in known] for beams in saved["beams"]]
    repeated = sum(len(texts) - len(set(texts)) for texts in valid)
    assert found[False].about["invalid"] == pytest.approx(invalid / 600)
    assert found[False].about["duplicate"] == pytest.approx(repeated / 600)
    assert found[False].about["split"] == trial.split.digest


def test_lists_are_kept_without_what_does_not_count(dataset: Dataset) -> None:
    trial = Trial.of(dataset, "sequential")
    history, target = trial.histories()[0].tolist(), int(trial.split.test[0])
    outside = next(i for i in range(20) if i not in trial.candidates)
    generated = [[] for _ in range(30)]
    generated[0] = [history[0], -1, history[0], outside, target, history[1]]
    found = listed(generated, trial, ABOUT)
    assert found[False].top[0].tolist() == [history[0], target, history[1]]
    assert found[True].top[0].tolist() == [target]
    assert (found[False].ranks[0], found[True].ranks[0]) == (2, 1)
    assert (found[False].ranks[1:] == UNRANKED).all()
    assert (found[False].top[1:] == -1).all()
    assert found[True].about["invalid"] == pytest.approx(2 / 6)
    assert found[True].about["duplicate"] == pytest.approx(1 / 6)
    with pytest.raises(EvalError, match="2 lists for 30 users"):
        listed([[1], [2]], trial, ABOUT)
    nothing = listed([[] for _ in range(30)], trial, ABOUT)[False]
    assert nothing.about["invalid"] == 0
    assert np.all(nothing.top == -1)
