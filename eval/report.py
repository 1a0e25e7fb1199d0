"""The report of a data set: tables, comparisons, experiments, commands and plots."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from eval import ties
from eval.entries import Decoding
from eval.errors import EvalError
from eval.experiments import load_experiments
from eval.protocol import TASKS
from eval.rows import METRICS, Row
from eval.tables import (
    LEGEND,
    check_one_split,
    command_table,
    comparison_table,
    experiment_table,
    main_table,
    ties_table,
    validation_table,
)

DECODINGS: tuple[Decoding, ...] = get_args(Decoding)

Moves = Sequence[Mapping[str, Any]]


def figures(rows: Sequence[Row]) -> str:
    """What was just measured: a table for each task and decoding."""
    return "\n\n".join([*(main_table(group) for _, group in _groups(rows)), LEGEND])


def moves(moved: Moves) -> str:
    """What other orders of ties did to the figures."""
    return ties_table(moved)


def page(rows: Sequence[Row], moved: Moves = (), images: Mapping[str, Path] = {}) -> str:
    """Everything that is known of one data set, in Markdown.

    images: plots by the heading that they belong to.
    """
    check_one_split(rows)
    parts = [f"# OpenP5 on {rows[0]['dataset']}", LEGEND]

    def section(heading: str, table: str) -> None:
        if table:
            image = [f"![{heading}]({images[heading].name})"] if heading in images else []
            parts.extend([f"## {heading}", *image, table])

    for heading, group in _groups(_main(rows)):
        section(heading, main_table(group, tuple(METRICS)))
    section("Paired differences", comparison_table(rows))
    section("Stacks on the validation items, cross-validated over users", validation_table(rows))
    for experiment in load_experiments().values():
        section(experiment.title, experiment_table(experiment, rows))
    section("Other orders of equal times", ties_table(moved) if moved else "")
    section("Commands", command_table(rows))
    return "\n\n".join(parts)


def write_page(rows: Sequence[Row], moved: Moves, folder: Path) -> Path:
    """The page of one data set with its plots, as files of `folder`."""
    from eval.plots import experiment_plot, methods_plot  # matplotlib, which nothing else needs

    name = rows[0]["dataset"]
    images = {
        heading: methods_plot(group, folder / f"{name}-{heading.replace(', ', '-')}.png")
        for heading, group in _groups(_main(rows))
    }
    for key, experiment in load_experiments().items():
        if experiment.setting is not None and experiment_table(experiment, rows):
            path = folder / f"{name}-{key}.png"
            images[experiment.title] = experiment_plot(experiment, rows, path)
    path = folder / f"{name}.md"
    path.write_text(page(rows, moved, images) + "\n", encoding="utf-8")
    return path


def summary(rows: Sequence[Row], folder: Path) -> str:
    """What the README shows: the main tables, and where the rest is."""
    name = rows[0]["dataset"]
    tables = [f"**{heading}**\n\n{main_table(group)}" for heading, group in _groups(_main(rows))]
    more = f"Paired differences, experiments, plots and commands: [{name}]({folder}/{name}.md)."
    return "\n\n".join([*tables, LEGEND, more])


def load_moves(results: Path, dataset: str) -> list[dict[str, Any]]:
    """What was measured under other orders of ties, of one data set."""
    found = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((results / ties.BENCHMARK).glob("*.json"))
    ]
    return [moved for moved in found if moved["dataset"] == dataset]


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


def _main(rows: Sequence[Row]) -> list[Row]:
    """Rows of the main tables: methods as they are; a stack's variant is another choice of ours.

    What had a brief training is compared with its like alone, in the experiments.
    """
    rows = [row for row in rows if row["size"] != "brief"]
    return [row for row in rows if not row["variant"] or row["method"] == "stack"]


def _groups(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Rows by task and decoding, under a heading."""
    groups = []
    for task in TASKS:
        for decoding in DECODINGS:
            mine = [row for row in rows if (row["task"], row["decoding"]) == (task, decoding)]
            if mine:
                groups.append((f"{task}, {decoding}", mine))
    return groups
