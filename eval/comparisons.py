"""Paired comparisons: the same users under two methods, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.entries import DEFAULT_PROMPT, Entry
from eval.metrics import bootstrap_interval
from eval.predictions import Predictions
from eval.rows import METRICS, Row, check_comparable, ranks_digest, save_row

PAIRS = (
    # The paper's order, neighbour by neighbour.
    ("ilm-it-ui", "ilm-rand"),
    ("ilm-rand", "mlp"),
    ("mlp", "text-only"),
    ("ilm-it-ui", "mlp"),
    # What stage 1's losses add.
    ("ilm-it-ii", "ilm-it"),
    ("ilm-it-ui", "ilm-it"),
    ("ilm-it-ii-ui", "ilm-it-ui"),
    # Against the best that needs no language model.
    ("ilm-it-ui", "gru4rec"),
    ("ilm-it-ui", "transitions"),
    ("ilm-it-ui", "ease"),
    ("stack", "stack-without-ilm"),
    ("stack", "ilm-it-ui"),
)
"""(method, the one it is measured against)."""


def references(row: Row, rows: Sequence[Row]) -> list[Row]:
    """The rows that this one is measured against, of those of its split that are there."""
    entry = Entry.of(row)
    wanted = [against for method, against in PAIRS if method == entry.method]
    found = []
    for candidate in rows:
        other = Entry.of(candidate)
        if entry.variant:
            is_one = other == replace(entry, variant=())
        elif entry.prompt not in (None, DEFAULT_PROMPT):
            is_one = other == replace(entry, prompt=DEFAULT_PROMPT)
        else:
            # A recommender has no size and no prompt; of two trained models those must agree.
            own = replace(entry, method=other.method)
            plain = replace(own, prompt=None, indexing=None, size=None)
            is_one = other.method in wanted and (other in (own, plain) or _like(own, other))
        if is_one and candidate["split"] == row["split"]:
            found.append(candidate)
    return found


def _like(own: Entry, other: Entry) -> bool:
    """`own` has no prompt of its own (a stack), `other` is a trained model under the usual one."""
    return own == replace(other, prompt=None) and other.prompt == DEFAULT_PROMPT


def difference(
    first: Sequence[Predictions], second: Sequence[Predictions]
) -> dict[str, dict[str, Any]]:
    """first - second by metric, over users whose values are means over seeds.

    Raises:
        EvalError: when they were not measured on the same split and kind of ranking.
    """
    for run in (*first, *second):
        check_comparable(first[0], run, ("dataset", "task", "filtered", "split", "candidates"))
    found = {}
    for name in METRICS:
        gain = _by_user(first, name) - _by_user(second, name)
        low, high = bootstrap_interval(gain)
        found[name] = {
            "difference": round(float(gain.mean()), 6),
            "interval": [round(low, 6), round(high, 6)],
            "better": int((gain > 0).sum()),
            "worse": int((gain < 0).sum()),
        }
    return found


def _by_user(runs: Sequence[Predictions], metric: str) -> NDArray[np.float64]:
    return np.mean([METRICS[metric](run.ranks) for run in runs], axis=0)


def refresh(rows: Sequence[Row], runs: Path, results: Path) -> None:
    """Bring `compared` of the rows up to date, where both predictions are there; save what changed.

    A comparison remembers which predictions it was made against, so that one is made again when
    either side was measured again, and kept when the predictions are not on this machine.
    """
    for row in rows:
        compared = dict(row.get("compared", {}))
        for other in references(row, rows):
            name = Entry.of(other).name
            if compared.get(name, {}).get("against") == other["predictions"]:
                continue
            compared.pop(name, None)
            pair = [_stored(side, runs) for side in (row, other)]
            if all(pair):
                compared[name] = {
                    "label": Entry.of(other).label,
                    "against": other["predictions"],
                    **difference(*pair),
                }
        if compared != row.get("compared", {}):
            row["compared"] = compared
            save_row(row, results)


def _stored(row: Row, runs: Path) -> list[Predictions]:
    """The predictions that the row was made from; none when they are elsewhere."""
    entry = Entry.of(row)
    paths = [entry.predictions(runs, seed) for seed in row["seeds"]]
    if not all(path.is_file() for path in paths):
        return []
    found = [Predictions.load(path) for path in paths]
    return found if ranks_digest(found) == row["predictions"] else []


def describe(first: Predictions, second: Predictions) -> str:
    """Two predictions files, user by user, in words."""
    kind = "seen items removed" if first.about["filtered"] else "nothing removed"
    lines = [
        f"{second.about['method']} - {first.about['method']}, {first.about['dataset']} "
        f"{first.about['task']}, {kind}, n = {len(first.ranks):,}"
    ]
    for name, found in difference([second], [first]).items():
        low, high = found["interval"]
        before, after = (METRICS[name](run.ranks).mean() for run in (first, second))
        lines.append(
            f"{name:8} {after:.4f} - {before:.4f} = {found['difference']:+.4f} "
            f"[{low:+.4f}, {high:+.4f}]  better for {found['better']} users, "
            f"worse for {found['worse']}"
        )
    return "\n".join(lines)
