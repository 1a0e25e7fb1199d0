"""Plots of result rows: HR@10 with its interval, by method and by what an experiment varies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eval.entries import as_text
from eval.experiments import Experiment
from eval.rows import Row
from eval.tables import experiment_rows, pairs, value_of

METRIC = "HR@10"
TITLES = {False: "nothing removed", True: "seen items removed"}
COLOURS = {"ours": "#1f5fa8", "other": "#8a8f98"}
OURS = ("ilm", "stack")


def methods_plot(rows: Sequence[Row], path: Path) -> Path:
    """One point a method, two panels: the two kinds of ranking share no axis."""
    lines = pairs(rows)
    order = sorted(
        lines, key=lambda label: max(_mean(row) for row in _filtered_first(lines[label]))
    )
    figure = Figure(figsize=(9, 0.32 * len(order) + 1.2), layout="constrained")
    axes: Sequence[Axes] = figure.subplots(1, 2, sharey=True)
    for axis, kind in zip(axes, (False, True), strict=True):
        for place, label in enumerate(order):
            row = lines[label].get(kind)
            if row is None:
                continue
            low, high = row["metrics"][METRIC]["interval"]
            ours = row["method"].startswith(OURS) and row["method"] != "stack-without-ilm"
            colour = COLOURS["ours" if ours else "other"]
            axis.plot([low, high], [place, place], color=colour, linewidth=2, alpha=0.6)
            axis.plot([_mean(row)], [place], "o", color=colour, markersize=5)
        axis.set_title(f"{METRIC}, {TITLES[kind]}", fontsize=10)
        axis.set_xlim(left=0)
        axis.grid(axis="x", alpha=0.3)
        axis.set_yticks(range(len(order)), order, fontsize=8)
    return save(figure, path)


def experiment_plot(experiment: Experiment, rows: Sequence[Row], path: Path) -> Path:
    """A varied setting along the axis, one line for each kind of ranking."""
    if experiment.setting is None:
        raise ValueError("this experiment varies no setting")
    figure = Figure(figsize=(5, 3.2), layout="constrained")
    axis = figure.subplots()
    mine = experiment_rows(experiment, rows)
    values = [as_text(value) for value in experiment.vary[experiment.setting]]
    for kind, colour in zip((False, True), COLOURS.values(), strict=True):
        points = [row for row in mine if row["filtered"] is kind]
        places = [values.index(as_text(value_of(row, experiment.setting))) for row in points]
        means = [_mean(row) for row in points]
        ends = [row["metrics"][METRIC]["interval"] for row in points]
        axis.errorbar(
            places,
            means,
            yerr=[
                [mean - low for mean, (low, _) in zip(means, ends, strict=True)],
                [high - mean for mean, (_, high) in zip(means, ends, strict=True)],
            ],
            fmt="o-",
            color=colour,
            capsize=3,
            label=TITLES[kind],
        )
    axis.set_xticks(range(len(values)), values)
    axis.set_xlabel(experiment.setting)
    axis.set_ylabel(METRIC)
    axis.set_ylim(bottom=0)
    axis.legend(fontsize=8)
    return save(figure, path)


def _mean(row: Row) -> float:
    return float(row["metrics"][METRIC]["mean"])


def _filtered_first(found: dict[bool, Row]) -> list[Row]:
    return [found[True]] if True in found else list(found.values())


def save(figure: Figure, path: Path) -> Path:
    """Write a figure into a folder, which may be new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without the date and version in it, the same rows give the same file.
    figure.savefig(path, dpi=110, metadata={"Software": None})
    return path
