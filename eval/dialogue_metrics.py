"""Figures of conversations, from their records alone (see `eval.dialogue.converse`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval import faults
from eval.metrics import UNRANKED, bootstrap_interval, hit_rate
from eval.transcripts import Record

DEPTHS = (1, 5, 10)
RESAMPLES = 10_000

Figure = dict[str, Any]


def ranks_by_turn(records: Sequence[Record], turns: int) -> NDArray[np.int32]:
    """(n_viewers, turns) the target's rank in the listing after each turn, UNRANKED if not there.

    A conversation that ended because the target was found keeps the rank at which it was.
    """
    ranks = np.full((len(records), turns), UNRANKED, dtype=np.int32)
    for row, record in enumerate(records):
        for turn, held in enumerate(record["turns"]):
            rank = UNRANKED if held["rank"] is None else held["rank"]
            ranks[row, turn : turns if held["found"] else turn + 1] = rank
    return ranks


def turns_to_success(records: Sequence[Record]) -> NDArray[np.float64]:
    """(n_viewers,) the turn, from 1, on whose cards the target was; inf where it never was."""
    ended = [record["turns"][-1]["found"] for record in records]
    lengths = [len(record["turns"]) for record in records]
    return np.where(ended, lengths, np.inf).astype(np.float64)


def figures(
    records: Sequence[Record], turns: int, n_items: int, popular: Collection[str]
) -> dict[str, Any]:
    """{"metrics": name -> {"mean", "sd", "interval"}, "coverage", "counts": name -> number}.

    Intervals are 95 % bootstrap intervals over viewers; sd is over viewers. "success after t" is
    the share of viewers whose target was on a card by turn t, "recall@k after t" the share whose
    target is among the first k of the listing at turn t or was found before at such a rank. "turns
    to success" is over those who found theirs. "novelty" is the share of a viewer's cards that are
    not among `popular` (ids). "coverage" is the share of the catalogue that was ever on a card.
    """
    ranks = ranks_by_turn(records, turns)
    ended = turns_to_success(records)
    metrics = {f"success after {t}": figure(ended <= t) for t in range(1, turns + 1)}
    for k in DEPTHS:
        for turn in range(turns):
            metrics[f"recall@{k} after {turn + 1}"] = figure(hit_rate(ranks[:, turn], k))
    if np.isfinite(ended).any():
        metrics["turns to success"] = figure(ended[np.isfinite(ended)])
    cards = [[card for held in record["turns"] for card in held["cards"]] for record in records]
    strange = [np.mean([card not in popular for card in own]) for own in cards if own]
    if strange:
        metrics["novelty"] = figure(np.array(strange))
    found = [fault for record in records for held in record["turns"] for fault in held["faults"]]
    shown = {card for own in cards for card in own}
    return {
        "metrics": metrics,
        "coverage": round(len(shown) / n_items, 4),
        "counts": {
            "turns": sum(len(record["turns"]) for record in records),
            **faults.counts(found),
        },
    }


def over_one_shot(
    engine: Sequence[Record], one_shot: Sequence[Record], turns: int
) -> dict[str, Figure]:
    """How many times the one-shot's recall@10 the engine's is after the last turn.

    The same viewers in the same order; the interval is a paired bootstrap over them.
    """
    mine = hit_rate(ranks_by_turn(engine, turns)[:, -1], 10)
    theirs = hit_rate(ranks_by_turn(one_shot, turns)[:, -1], 10)
    if not theirs.any():
        return {}
    drawn = np.random.default_rng(0).integers(len(mine), size=(RESAMPLES, len(mine)))
    below = theirs[drawn].mean(axis=1)
    ratios = mine[drawn].mean(axis=1)[below > 0] / below[below > 0]
    low, high = np.quantile(ratios, [0.025, 0.975])
    return {
        f"recall@10 after {turns} / one-shot": {
            "mean": round(float(mine.mean() / theirs.mean()), 4),
            "sd": None,
            "interval": [round(float(low), 4), round(float(high), 4)],
        }
    }


def figure(values: NDArray[Any]) -> Figure:
    """{"mean", "sd", "interval"} of values (n,): sd is of the values, the interval of the mean."""
    each = values.astype(np.float64)
    low, high = bootstrap_interval(each)
    return {
        "mean": round(float(each.mean()), 4),
        "sd": round(float(each.std(ddof=1)), 4) if len(each) > 1 else None,
        "interval": [round(low, 4), round(high, 4)],
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The figures of a run side by side: a line a figure, a column a method."""
    names = list(dict.fromkeys(name for row in rows for name in row["metrics"]))

    def line(name: str, cells: Iterable[str]) -> str:
        return f"{name:32s}" + "".join(f"{cell:>22s}" for cell in cells)

    lines = [line(f"n = {rows[0]['n']:,}", (row["method"] for row in rows))]
    lines += [line(name, (_cell(row["metrics"].get(name)) for row in rows)) for name in names]
    lines.append(line("coverage", (f"{row['coverage']:.3f}" for row in rows)))
    for name in rows[0].get("counts", ()):
        lines.append(line(name, (f"{row['counts'][name]:,}" for row in rows)))
    return "\n".join(lines)


def _cell(found: Figure | None) -> str:
    if found is None:
        return ""
    low, high = found["interval"]
    return f"{found['mean']:.3f} [{low:.3f}, {high:.3f}]"
