"""What it costs: times beside a peer's in the same run, tokens, memory.

Ours and the peers take turns, each warmed up, so that a machine that is busy with something else
is so for all of them: the ratio within a round means more than a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from data.dataset import Dataset
from data.registry import load
from eval.errors import EvalError
from eval.rows import Row, provenance, write_row

if TYPE_CHECKING:
    from ilm.model import ItemLanguageModel

BENCHMARK = "speed"
OURS = "ours"
T = TypeVar("T")


@dataclass(frozen=True)
class Goal:
    """To be so many times as good as a peer (`least`), or at most so much (`most`)."""

    peer: str | None = None
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        if self.peer is None:
            return f"at most {self.most:g}"
        return f"at least {self.least:g} x {self.peer}"


@dataclass(frozen=True)
class Figure:
    """One cost, less being better.

    Attributes:
        name: of its file and of its line.
        cost: what is measured, in words.
        unit: of all its numbers.
        rounds: of ours and of each peer the cost in every round.
        goals: those of peers that were not there are passed over.
        details: anything else that a reader should know.
    """

    name: str
    cost: str
    unit: str
    rounds: Mapping[str, Sequence[float]]
    goals: Sequence[Goal] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ours(self) -> float:
        """The median."""
        return float(np.median(self.rounds[OURS]))

    @property
    def peers(self) -> list[str]:
        return [name for name in self.rounds if name != OURS]

    def ratio(self, peer: str) -> float:
        """How many times as much the peer costs: the median over rounds."""
        return float(np.median(np.divide(self.rounds[peer], self.rounds[OURS])))

    def judged(self) -> list[tuple[Goal, bool]]:
        """Goals, and whether they are reached."""
        found = []
        for goal in self.goals:
            if goal.peer is None:
                found.append((goal, goal.most is not None and self.ours <= goal.most))
            elif goal.peer in self.rounds:
                found.append((goal, self.ratio(goal.peer) >= (goal.least or 0)))
        return found


@dataclass(frozen=True)
class Setting:
    """What the figures are of; the model and the data set are loaded when first asked for.

    Attributes:
        repeats: rounds of each figure.
    """

    weights: Path
    repeats: int

    @cached_property
    def model(self) -> ItemLanguageModel:
        from ilm.model import ItemLanguageModel

        return ItemLanguageModel.from_pretrained(self.weights)

    @cached_property
    def dataset(self) -> Dataset:
        from app.loading import check_weights

        return load(str(check_weights(self.weights).get("dataset", "ml-100k")))

    def histories(self, length: int) -> list[list[int]]:
        """The newest items of all users who have so many, oldest first."""
        sequences = self.dataset.interactions.sequences()
        found = [items[-length:].tolist() for items in sequences if len(items) >= length]
        if not found:
            raise EvalError(f"Nobody in {self.dataset.name} has {length} items.")
        return found


def alternate(sides: Mapping[str, Callable[[], T]], repeats: int) -> dict[str, list[T]]:
    """What each side returns, once a round, every other round in the opposite order.

    Each side runs once before, uncounted.
    """
    for side in sides.values():
        side()
    found: dict[str, list[T]] = {name: [] for name in sides}
    for number in range(repeats):
        for name in list(sides)[:: 1 if number % 2 == 0 else -1]:
            found[name].append(sides[name]())
    return found


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median and quartiles, to four digits."""
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return {"median": _short(middle), "low": _short(low), "high": _short(high)}


def row(figure: Figure, command: str) -> Row:
    """A figure as it is kept under eval/results/speed."""
    from torch import get_num_threads

    peers = {
        peer: spread(figure.rounds[peer]) | {"ratio": _short(figure.ratio(peer))}
        for peer in figure.peers
    }
    return {
        "benchmark": BENCHMARK,
        "name": figure.name,
        "cost": figure.cost,
        "unit": figure.unit,
        "n": len(figure.rounds[OURS]),
        OURS: spread(figure.rounds[OURS]),
        "peers": peers,
        "goals": [{"goal": str(goal), "reached": met} for goal, met in figure.judged()],
        "details": dict(figure.details),
        "threads": get_num_threads(),
        "command": command,
        **provenance(),
    }


def save(figure: Figure, command: str, results: Path) -> Path:
    return write_row(row(figure, command), figure.name, results)


def table(figures: Sequence[Figure]) -> str:
    """A line for each peer of each figure, in Markdown."""
    lines = ["| cost | ours | peer | ratio | target |", "|---|---|---|---|---|"]
    for figure in figures:
        targets = {goal.peer: f"{goal}: {'yes' if met else 'NO'}" for goal, met in figure.judged()}
        alone = targets.pop(None, "")
        for number, peer in enumerate(figure.peers or [None]):
            theirs, ratio = "", ""
            if peer is not None:
                theirs = f"{peer} {_cell(figure, peer)}"
                ratio = f"{figure.ratio(peer):.3g}"
            target = "; ".join(filter(None, [targets.get(peer, ""), alone if number == 0 else ""]))
            ours = _cell(figure, OURS) if number == 0 else ""
            cost = figure.cost if number == 0 else ""
            lines.append(f"| {cost} | {ours} | {theirs} | {ratio} | {target} |")
    return "\n".join(lines)


def _cell(figure: Figure, name: str) -> str:
    found = spread(figure.rounds[name])
    between = f" ({found['low']:g} to {found['high']:g})" if len(figure.rounds[name]) > 1 else ""
    return f"{found['median']:g} {figure.unit}{between}"


def _short(value: float) -> float:
    return float(f"{value:.4g}")
