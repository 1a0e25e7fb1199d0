"""Result rows from predictions, and tables from result rows: no figure is typed by hand."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.errors import EvalError
from eval.metrics import bootstrap_interval, hit_rate, ndcg
from eval.predictions import Predictions

METRICS: dict[str, Callable[[NDArray[np.integer]], NDArray[np.float64]]] = {
    "HR@5": partial(hit_rate, k=5),
    "HR@10": partial(hit_rate, k=10),
    "NDCG@5": partial(ndcg, k=5),
    "NDCG@10": partial(ndcg, k=10),
}
SHOWN = ("HR@5", "HR@10", "NDCG@10")
SAME = ("benchmark", "dataset", "task", "method", "decoding", "filtered", "split", "candidates")

Row = dict[str, Any]


def make_row(predictions: Sequence[Predictions], command: str) -> Row:
    """One result of one method: mean over users and seeds, sd over seeds, interval over users.

    predictions: the same run under different seeds. `sd` is null for a single seed; `interval`
    is the 95% bootstrap interval over users (of each user's mean over seeds).
    """
    first = predictions[0]
    for other in predictions[1:]:
        _check_comparable(first, other, SAME)
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
    configs = [run.about["config"] for run in predictions]
    return {
        **{name: first.about[name] for name in SAME},
        "seeds": [run.about["seed"] for run in predictions],
        "n": len(first.targets),
        "metrics": metrics,
        "config": configs[0] if all(config == configs[0] for config in configs) else configs,
        "command": command,
        "commit": _commit(),
        "machine": _machine(),
    }


def save_row(row: Row, results: Path) -> Path:
    """Write the row to its own file, replacing an earlier result of the same run."""
    ranking = "filtered" if row["filtered"] else "unfiltered"
    name = "-".join((row["dataset"], row["task"], row["method"].lower(), ranking))
    path = results / row["benchmark"] / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(row, indent=2) + "\n", encoding="utf-8")
    return path


def load_rows(benchmark: str, dataset: str, results: Path) -> list[Row]:
    """All rows of one data set in one benchmark; EvalError for a file that is no row."""
    rows = []
    for path in sorted((results / benchmark).glob("*.json")):
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            belongs = row["dataset"] == dataset
            [row["metrics"][name]["mean"] for name in SHOWN]
        except (ValueError, KeyError, TypeError) as error:
            raise EvalError(f"{path} is not a result row ({error!r}).") from error
        if belongs:
            rows.append(row)
    if not rows:
        raise EvalError(
            f"There are no results for {dataset} in {results / benchmark}: "
            f"make them with `python -m eval all --dataset {dataset}`."
        )
    return rows


def table(rows: Sequence[Row]) -> str:
    """Markdown: one line a method, weakest unfiltered HR@10 first, and one line that says what.

    Raises:
        EvalError: when the rows were measured on different splits.
    """
    splits = {row["split"] for row in rows}
    if len(splits) > 1:
        raise EvalError(
            f"These results come from {len(splits)} different splits and cannot share a table: "
            "run `python -m eval all` again."
        )
    methods: dict[str, dict[bool, Row]] = {}
    for row in rows:
        methods.setdefault(row["method"], {})[row["filtered"]] = row

    def unfiltered_hits(name: str) -> float:
        row = methods[name].get(False)
        return row["metrics"]["HR@10"]["mean"] if row else 0.0

    header = ["Method", *(f"{kind} {name}" for kind in ("unf", "filt") for name in SHOWN), "Seeds"]
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for method in sorted(methods, key=unfiltered_hits):
        found = methods[method]
        cells = [_cell(found.get(kind), name) for kind in (False, True) for name in SHOWN]
        seeds = max(len(row["seeds"]) for row in found.values())
        lines.append("| " + " | ".join([method, *cells, str(seeds)]) + " |")
    row = rows[0]
    lines += [
        "",
        f"{row['dataset']}, {row['task']}: {row['n']:,} users, leave-one-out (split "
        f"`{row['split'][:12]}`), {row['candidates']:,} candidates. unf = nothing removed, filt = "
        "seen items removed. ± is the sd over training seeds, brackets the 95% bootstrap interval "
        "over users.",
    ]
    return "\n".join(lines)


def rewrite_block(path: Path, name: str, text: str) -> None:
    """Replace what stands between `<!-- results:NAME -->` and `<!-- /results -->` in a file."""
    opening, closing = f"<!-- results:{name} -->", "<!-- /results -->"
    if not path.is_file():
        raise EvalError(f"There is no file {path} to write the table into.")
    before, found, rest = path.read_text(encoding="utf-8").partition(opening)
    _, ended, after = rest.partition(closing)
    if not found or not ended:
        raise EvalError(f"{path} has no block from {opening} to {closing} to write into.")
    path.write_text(f"{before}{opening}\n{text}\n{closing}{after}", encoding="utf-8")


def compare(first: Predictions, second: Predictions) -> str:
    """Paired comparison on the same users: difference second - first with its 95% interval.

    Raises:
        EvalError: when the two were not measured on the same split and kind of ranking.
    """
    _check_comparable(first, second, ("dataset", "task", "filtered", "split", "candidates"))
    kind = "seen items removed" if first.about["filtered"] else "nothing removed"
    lines = [
        f"{second.about['method']} - {first.about['method']}, {first.about['dataset']} "
        f"{first.about['task']}, {kind}, n = {len(first.ranks):,}"
    ]
    for name, metric in METRICS.items():
        before, after = metric(first.ranks), metric(second.ranks)
        low, high = bootstrap_interval(after - before)
        lines.append(
            f"{name:8} {after.mean():.4f} - {before.mean():.4f} = {(after - before).mean():+.4f} "
            f"[{low:+.4f}, {high:+.4f}]  better for {int((after > before).sum())} users, "
            f"worse for {int((after < before).sum())}"
        )
    return "\n".join(lines)


def _cell(row: Mapping[str, Any] | None, metric: str) -> str:
    if row is None:
        return "–"
    value = row["metrics"][metric]
    text = f"{value['mean']:.4f}"
    if value["sd"] is not None:
        text += f" ±{value['sd']:.4f}"
    if metric == "HR@10":
        text += " [{:.4f}, {:.4f}]".format(*value["interval"])
    return text


def _check_comparable(first: Predictions, second: Predictions, names: Sequence[str]) -> None:
    for name in names:
        if first.about.get(name) != second.about.get(name):
            raise EvalError(
                f"These predictions differ in '{name}' ({first.about.get(name)} and "
                f"{second.about.get(name)}) and cannot be compared."
            )
    if not np.array_equal(first.targets, second.targets):
        raise EvalError("These predictions are for different targets and cannot be compared.")


def _commit() -> str | None:
    command = ["git", "rev-parse", "HEAD"]
    found = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent
    )
    return found.stdout.strip() if found.returncode == 0 else None


def _machine() -> dict[str, Any]:
    """What the figures were computed on, without naming the computer."""
    cpu = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.partition(":")[2].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        cpu = names[0] if names else cpu
    return {"cpu": cpu, "cores": os.cpu_count()}
