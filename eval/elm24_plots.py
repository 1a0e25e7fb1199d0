"""Plots of ELM-24's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from eval.plots import save
from eval.rows import Row

QUERIES = "model.num_queries"


def by_task(rows: Sequence[Row], path: Path) -> Path:
    """SC of every task, one mark a method."""
    tasks = sorted(rows[0]["tasks"], key=lambda task: rows[-1]["tasks"][task])
    figure = Figure(figsize=(9, 7), layout="constrained")
    axis = figure.subplots()
    for number, row in enumerate(rows):
        marker = "o" if row["size"] else "x"
        values = [row["tasks"][task] for task in tasks]
        axis.plot(values, tasks, marker, label=row["method"], color=f"C{number}", alpha=0.8)
    axis.set_xlabel("SC")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)
    return save(figure, path)


def by_queries(lines: Mapping[str, Sequence[Row]], path: Path) -> Path:
    """SC against the number of query tokens, with intervals over films, one line a name."""
    figure = Figure(figsize=(5, 3.2), layout="constrained")
    axis = figure.subplots()
    counts = sorted({_queries(row) for rows in lines.values() for row in rows})
    for number, (name, rows) in enumerate(lines.items()):
        points = sorted((counts.index(_queries(row)), row["metrics"]["SC"]) for row in rows)
        places = [place + 0.06 * number for place, _ in points]  # no interval hides another
        means = [found["mean"] for _, found in points]
        below = [found["mean"] - found["interval"][0] for _, found in points]
        above = [found["interval"][1] - found["mean"] for _, found in points]
        axis.errorbar(places, means, yerr=[below, above], fmt="o-", capsize=3, label=name)
    axis.set_xticks(range(len(counts)), list(map(str, counts)))
    axis.set_xlabel("query tokens")
    axis.set_ylabel("SC")
    axis.legend(fontsize=8)
    return save(figure, path)


def _queries(row: Row) -> int:
    return int(row["config"]["model"]["num_queries"])


def losses(logs: Mapping[str, Sequence[Mapping[str, Any]]], path: Path) -> Path:
    """Stage 1's losses by name, one panel each."""
    names = sorted({key for log in logs.values() for line in log for key in line} - {"step"})
    figure = Figure(figsize=(3 * len(names), 2.8), layout="constrained")
    axes = figure.subplots(1, len(names), squeeze=False)[0]
    for axis, name in zip(axes, names, strict=True):
        for label, log in logs.items():
            points = [(line["step"], line[name]) for line in log if name in line]
            axis.plot([step for step, _ in points], [value for _, value in points], label=label)
        axis.set_title(name, fontsize=10)
        axis.set_xlabel("step")
        axis.grid(alpha=0.3)
    axes[0].legend(fontsize=7)
    return save(figure, path)
