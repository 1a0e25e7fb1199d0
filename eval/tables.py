"""Markdown tables of result rows: no figure is typed by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from eval.comparisons import references
from eval.entries import Entry, Setting, as_setting, as_text
from eval.errors import EvalError
from eval.experiments import Experiment
from eval.rows import METRICS, Row

SHOWN = ("HR@5", "HR@10", "NDCG@10")
KINDS = ((False, "unf"), (True, "filt"))
LEGEND = (
    "unf = nothing removed, filt = seen items removed; never compare one with the other. ± is the "
    "sd over training seeds, brackets the 95 % bootstrap interval over users. brief, cpu and "
    "full are training budgets. A difference is over the same users, and bold where its interval "
    "leaves out zero."
)


def markdown(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table of cells."""
    rows = [header, ["---"] * len(header), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main_table(rows: Sequence[Row], metrics: Sequence[str] = SHOWN) -> str:
    """One line a method, weakest filtered HR@10 first, and one line that says what.

    rows: of one data set, task and decoding.

    Raises:
        EvalError: when the rows were measured on different splits.
    """
    check_one_split(rows)
    lines = pairs(rows)
    rates = [name for name in ("invalid", "duplicate") if any(name in row for row in rows)]
    header = ["Method", *(f"{kind} {name}" for _, kind in KINDS for name in metrics)]
    cells = []
    for label in sorted(lines, key=lambda label: _hits(lines[label])):
        found = lines[label]
        figures = [cell(found.get(kind), name) for kind, _ in KINDS for name in metrics]
        any_row = next(iter(found.values()))
        own = [f"{any_row[name]:.2%}" if name in any_row else "–" for name in rates]
        cells.append([label, *figures, *own, str(len(any_row["seeds"]))])
    row = rows[0]
    return (
        markdown([*header, *rates, "Seeds"], cells)
        + f"\n\n{row['dataset']}, {row['task']}, {row['decoding']}: {row['n']:,} users, "
        f"leave-one-out (split `{row['split'][:12]}`), {row['candidates']:,} candidates."
    )


def pairs(rows: Sequence[Row]) -> dict[str, dict[bool, Row]]:
    """Rows by label, then by whether seen items were removed."""
    found: dict[str, dict[bool, Row]] = {}
    for row in rows:
        found.setdefault(Entry.of(row).label, {})[row["filtered"]] = row
    return found


def check_one_split(rows: Sequence[Row]) -> None:
    """EvalError when rows that are to share a table were measured on different splits."""
    splits = {row["split"] for row in rows}
    if len(splits) > 1:
        raise EvalError(
            f"These results come from {len(splits)} different splits and cannot share a table: "
            "run `python -m eval openp5` again."
        )


def _hits(found: Mapping[bool, Row]) -> float:
    """What a line is sorted by; all methods have the filtered figure."""
    return float(found[True]["metrics"]["HR@10"]["mean"]) if True in found else 0.0


def cell(row: Row | None, metric: str) -> str:
    """A figure with its spread; HR@10 with its interval, too."""
    if row is None:
        return "–"
    value = row["metrics"][metric]
    text = f"{value['mean']:.4f}"
    if value["sd"] is not None:
        text += f" ±{value['sd']:.4f}"
    if metric == "HR@10":
        text += " [{:.4f}, {:.4f}]".format(*value["interval"])
    return text


def comparison_table(rows: Sequence[Row]) -> str:
    """One line a pair: the difference over the same users; empty when nothing was compared.

    Comparisons with predictions that were made anew since are left out.
    """
    cells = []
    for row in rows:
        entry = Entry.of(row)
        for other in references(row, rows):
            found = row.get("compared", {}).get(Entry.of(other).name)
            if found is None or found["against"] != other["predictions"]:
                continue
            kind = dict(KINDS)[entry.filtered]
            differences = [_difference(found[name], other, name) for name in SHOWN]
            cells.append([f"{entry.label} − {found['label']}", kind, *differences])
    return markdown(["Difference", "", *SHOWN], cells) if cells else ""


def _difference(found: Mapping[str, Any], other: Row, metric: str) -> str:
    """Bold where the interval is on one side of zero; the relative change in parentheses."""
    low, high = found["interval"]
    base = other["metrics"][metric]["mean"]
    sign = "**" if low > 0 or high < 0 else ""
    relative = f" ({found['difference'] / base:+.1%})" if base else ""
    return f"{sign}{found['difference']:+.4f}{sign} [{low:+.4f}, {high:+.4f}]{relative}"


def experiment_table(experiment: Experiment, rows: Sequence[Row]) -> str:
    """One line a run of the experiment; empty when fewer than two were measured."""
    mine = experiment_rows(experiment, rows)
    lines: dict[tuple[str, ...], dict[bool, Row]] = {}
    for row in mine:
        setting = [] if experiment.setting is None else [as_text(value_of(row, experiment.setting))]
        several = len(experiment.decodings) > 1
        decoding = [row["decoding"]] if several else []
        prompt = [row["prompt"]] if len(experiment.prompts) > 1 else []
        method = row["method"] if row["size"] is None else f"{row['method']} ({row['size']})"
        lines.setdefault((method, *setting, *decoding, *prompt), {})[row["filtered"]] = row
    if len(lines) < 2:
        return ""
    losses = sorted({name for row in mine for name in _alignment(row)})
    header = ["Method", *([experiment.setting] if experiment.setting else [])]
    header += ["Decoding"] if len(experiment.decodings) > 1 else []
    header += ["Prompt"] if len(experiment.prompts) > 1 else []
    header += [f"{kind} {name}" for _, kind in KINDS for name in METRICS]
    cells = []
    for key, found in lines.items():
        any_row = next(iter(found.values()))
        figures = [cell(found.get(kind), name) for kind, _ in KINDS for name in METRICS]
        held_out = [_number(_alignment(any_row).get(name)) for name in losses]
        cells.append([*key, *figures, *held_out, str(len(any_row["seeds"]))])
    return markdown([*header, *(f"stage 1 {name}" for name in losses), "Seeds"], cells)


def experiment_rows(experiment: Experiment, rows: Sequence[Row]) -> list[Row]:
    """The rows that belong to an experiment, in its order, all of one training budget: the one that
    most of its runs had.
    """
    settings = {experiment.setting} - {None}
    mine = [
        row
        for row in rows
        if row["method"] in experiment.methods
        and row["task"] == "sequential"
        and row["decoding"] in experiment.decodings
        and row["prompt"] in experiment.prompts
        and row["indexing"] in (None, "random")
        and set(row["variant"]) <= settings
    ]
    setting = experiment.setting
    if setting is not None:
        mine = [row for row in mine if value_of(row, setting) in experiment.vary[setting]]
    for size, _ in Counter(row["size"] for row in mine).most_common(1):
        mine = [row for row in mine if row["size"] == size]
    if setting is None:
        return sorted(mine, key=lambda row: experiment.methods.index(row["method"]))
    return sorted(mine, key=lambda row: experiment.vary[setting].index(value_of(row, setting)))


def value_of(row: Row, setting: str) -> Setting:
    """What a dotted setting was in the row's configuration; None if it has no such thing."""
    found: Any = row["config"]
    for part in setting.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return as_setting(found)


def _alignment(row: Row) -> Mapping[str, Any]:
    """Evaluation figures of stage 1, if there was one."""
    found: Mapping[str, Any] = (row.get("training") or {}).get("alignment") or {}
    return found


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def validation_table(rows: Sequence[Row]) -> str:
    """What stacks were chosen by: figures on the validation items; empty without a stack."""
    stacks = [row for row in rows if "validation" in row]
    cells = [
        [Entry.of(row).label, *(_number(row["validation"][name]) for name in METRICS)]
        for row in stacks
    ]
    return markdown(["Stack", *(f"filt {name}" for name in METRICS)], cells) if cells else ""


def ties_table(moved: Sequence[Mapping[str, Any]]) -> str:
    """How HR@10 and NDCG@10 move under other orders of equal times."""
    cells = []
    for found in moved:
        entry = Entry.of(found)
        for name in ("HR@10", "NDCG@10"):
            value = found["metrics"][name]
            spread = "–" if value["sd"] is None else f"{value['sd']:.4f}"
            figures = [f"{value[key]:.4f}" for key in ("frozen", "mean")]
            ends = [f"{value[key]:.4f}" for key in ("min", "max")]
            kind = dict(KINDS)[entry.filtered]
            cells.append(
                [entry.label, f"{kind} {name}", *figures, spread, *ends, str(len(found["orders"]))]
            )
    return markdown(
        ["Method", "", "frozen order", "other orders", "sd", "min", "max", "orders"], cells
    )


def command_table(rows: Sequence[Row]) -> str:
    """The command that makes each row, and the commit that it was made at."""
    commands: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        place = (row["command"], str(row["commit"] or "–")[:10])
        label = f"{Entry.of(row).label}, {row['task']}, {row['decoding']}"
        known = commands.setdefault(place, [])
        if label not in known:
            known.append(label)
    return markdown(
        ["Rows", "Command", "Commit"],
        [["; ".join(labels), f"`{words}`", commit] for (words, commit), labels in commands.items()],
    )
