"""Result rows: made from predictions files, one JSON file a row, committed."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.entries import Entry
from eval.errors import EvalError
from eval.machine import machine
from eval.metrics import bootstrap_interval, hit_rate, ndcg
from eval.predictions import Predictions

METRICS: dict[str, Callable[[NDArray[np.integer]], NDArray[np.float64]]] = {
    "HR@5": partial(hit_rate, k=5),
    "HR@10": partial(hit_rate, k=10),
    "NDCG@5": partial(ndcg, k=5),
    "NDCG@10": partial(ndcg, k=10),
}
BENCHMARK = "openp5"
RESULTS = Path(__file__).parent / "results"
SAME = ("benchmark", "split", "candidates", *Entry.__dataclass_fields__)

Row = dict[str, Any]


def make_row(predictions: Sequence[Predictions], command: str) -> Row:
    """One result of one method: mean over users and seeds, sd over seeds, interval over users.

    predictions: the same run under different seeds. `sd` is null for a single seed; `interval`
    is the 95 % bootstrap interval over users (of each user's mean over seeds).

    Raises:
        EvalError: when the predictions are not of one entry, split and set of targets.
    """
    first = predictions[0]
    for other in predictions[1:]:
        check_comparable(first, other, SAME)
    metrics = {}
    for name, metric in METRICS.items():
        by_seed = np.stack([metric(run.ranks) for run in predictions])
        means = by_seed.mean(axis=1)
        low, high = bootstrap_interval(by_seed.mean(axis=0))
        metrics[name] = {
            "mean": round(float(means.mean()), 6),
            "sd": round(float(means.std(ddof=1)), 6) if len(means) > 1 else None,
            "interval": [round(low, 6), round(high, 6)],
        }
    row = {
        **{name: first.about[name] for name in SAME},
        "seeds": [run.about["seed"] for run in predictions],
        "n": len(first.targets),
        "metrics": metrics,
        "config": _one_or_all([run.about["config"] for run in predictions]),
        "predictions": ranks_digest(predictions),
        "command": command,
        **provenance(),
        # What the predictions were made on; a row may be written from them elsewhere.
        "machine": first.about["machine"],
    }
    for name in ("invalid", "duplicate"):
        if name in first.about:
            row[name] = round(float(np.mean([run.about[name] for run in predictions])), 6)
    for name in ("training", "validation"):
        if name in first.about:
            row[name] = mean_of([run.about[name] for run in predictions])
    if "weights_sha256" in first.about:
        row["weights_sha256"] = [run.about["weights_sha256"] for run in predictions]
    return row


def ranks_digest(predictions: Sequence[Predictions]) -> str:
    """What tells predictions from others of the same entry: sha256 (hex, 12) over the ranks."""
    digest = hashlib.sha256()
    for run in predictions:
        digest.update(run.ranks.astype("<i4").tobytes())
    return digest.hexdigest()[:12]


def mean_of(trees: Sequence[Any]) -> Any:
    """The mean over nested mappings of numbers, leaf by leaf; None for what is no number."""
    first = trees[0]
    if isinstance(first, Mapping):
        common = [key for key in first if all(key in tree for tree in trees)]
        return {key: mean_of([tree[key] for tree in trees]) for key in common}
    numbers = all(isinstance(tree, int | float) for tree in trees)
    return round(float(np.mean(trees)), 6) if numbers else None


def save_row(row: Row, results: Path) -> Path:
    """Write the row to its own file, replacing an earlier result of the same entry."""
    return write_row(row, Entry.of(row).name, results)


def write_row(row: Row, name: str, results: Path) -> Path:
    """Write a row of any benchmark under a name of its own."""
    path = results / row["benchmark"] / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(row, indent=2) + "\n", encoding="utf-8")
    return path


def load_rows(results: Path, dataset: str | None = None) -> list[Row]:
    """All rows, or those of one data set; EvalError when there is none, or a file is no row."""
    rows = []
    for path in sorted((results / BENCHMARK).glob("*.json")):
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            entry = Entry.of(row)
            [row["metrics"][name]["mean"] for name in METRICS]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EvalError(f"{path} is not a result row ({error!r}).") from error
        if dataset in (None, entry.dataset):
            rows.append(row)
    if not rows:
        raise EvalError(
            f"There are no results for {dataset or 'any data set'} in {results / BENCHMARK}: make "
            f"them with `python -m eval openp5 --dataset {dataset or 'ml-100k'}`."
        )
    return rows


def check_comparable(first: Predictions, second: Predictions, names: Sequence[str]) -> None:
    """EvalError when two predictions differ in one of these names, or in their targets."""
    for name in names:
        if first.about.get(name) != second.about.get(name):
            raise EvalError(
                f"These predictions differ in '{name}' ({first.about.get(name)} and "
                f"{second.about.get(name)}) and cannot be compared."
            )
    if not np.array_equal(first.targets, second.targets):
        raise EvalError("These predictions are for different targets and cannot be compared.")


def _one_or_all(values: Sequence[Any]) -> Any:
    return values[0] if all(value == values[0] for value in values) else list(values)


def provenance() -> dict[str, Any]:
    """The commit of the code, and the machine without its name."""
    return {"commit": _commit(), "machine": machine()}


def _commit() -> str | None:
    command = ["git", "rev-parse", "HEAD"]
    found = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent
    )
    return found.stdout.strip() if found.returncode == 0 else None
