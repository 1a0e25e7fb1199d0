"""Other orders of interactions that share a time, to see how much a figure owes to the frozen one.

44 % of ML-100K's users have their last two interactions in the same second, so the order of ties
decides who the test items are.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from data.dataset import Dataset
from data.interactions import Interactions
from eval.entries import Entry
from eval.errors import EvalError
from eval.jobs import Options, jobs_of
from eval.openp5 import command, do_jobs
from eval.predictions import Predictions
from eval.protocol import Trial
from eval.rows import METRICS, provenance

log = logging.getLogger(__name__)
BENCHMARK = "openp5-ties"


def reordered(interactions: Interactions, seed: int) -> Interactions:
    """The same rows, those of one user and one time in a random order; equal seeds, equal order."""
    draw = np.random.default_rng([seed, 17]).random(len(interactions))
    return interactions.select(np.lexsort((draw, interactions.times, interactions.users)))


def has_ties(interactions: Interactions) -> bool:
    """Whether any user has two interactions at one time; positions in place of times never tie."""
    same_user = interactions.users[1:] == interactions.users[:-1]
    return bool((same_user & (np.diff(interactions.times) == 0)).any())


def in_other_order(dataset: Dataset, seed: int) -> Dataset:
    """The data set under another random order of ties; EvalError when it has none."""
    if not has_ties(dataset.interactions):
        raise EvalError(
            f"{dataset.name} has no two interactions of a user at one time (or no times at all), "
            "so that there is no other order to try."
        )
    return dataclasses.replace(dataset, interactions=reordered(dataset.interactions, seed))


def measure(
    methods: Sequence[str],
    dataset: Dataset,
    task: str,
    options: Options,
    results: Path,
    orders: int,
    *,
    again: bool = False,
) -> list[dict[str, Any]]:
    """Repeat the methods in full under other orders; store how each figure moves.

    The frozen order is measured with the same seeds, so that nothing else is compared.
    """
    measured: dict[Entry, list[list[Predictions]]] = {}
    for order in range(orders + 1):
        trial = Trial.of(in_other_order(dataset, order) if order else dataset, task)
        here = dataclasses.replace(options, order=order)
        jobs = [job for method in methods for job in jobs_of(method, trial, here)]
        log.info("Order %d of %d, split %s", order, orders, trial.split.digest[:12])
        do_jobs(jobs, trial, here.place, again=again and order > 0)
        runs: dict[Entry, list[Predictions]] = {}
        for job in jobs:
            for entry in job.entries:
                found = Predictions.load(entry.predictions(here.place, job.seed))
                runs.setdefault(entry, []).append(found)
        for entry, predictions in runs.items():
            measured.setdefault(entry, []).append(predictions)
    return [_store(_moves(*runs, options=options), results) for runs in measured.values()]


def _moves(
    frozen: Sequence[Predictions], *others: Sequence[Predictions], options: Options
) -> dict[str, Any]:
    """By metric the frozen order's figure, and mean, sd, min and max of the others'."""
    metrics = {}
    for name, metric in METRICS.items():
        own, *values = (
            float(np.mean([metric(run.ranks) for run in runs])) for runs in (frozen, *others)
        )
        metrics[name] = {
            "frozen": round(own, 6),
            "mean": round(float(np.mean(values)), 6),
            "sd": round(float(np.std(values, ddof=1)), 6) if len(values) > 1 else None,
            "min": round(min(values), 6),
            "max": round(max(values), 6),
        }
    about = frozen[0].about
    return {
        "benchmark": BENCHMARK,
        **Entry.of(about).about(),
        "split": about["split"],
        "orders": [runs[0].about["split"] for runs in others],
        "seeds": [run.about["seed"] for run in frozen],
        "n": len(frozen[0].targets),
        "metrics": metrics,
        "config": about["config"],
        "command": f"{command(frozen, options)} --ties {len(others)}",
        **provenance(),
    }


def _store(moved: dict[str, Any], results: Path) -> dict[str, Any]:
    path = results / BENCHMARK / f"{Entry.of(moved).name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(moved, indent=2) + "\n", encoding="utf-8")
    return moved
