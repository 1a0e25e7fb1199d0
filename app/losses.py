"""The losses of stage 1, where weights still lie in the run that made them."""

from __future__ import annotations

import json
from pathlib import Path

from data.errors import IlmChatError

Curves = dict[str, list[tuple[int, float]]]
"""By the name of the loss: (step, mean since the entry before), in order."""


def read_curves(weights: Path) -> Curves:
    """What `python -m ilm train` wrote beside these weights; none of weights from elsewhere.

    Raises:
        IlmChatError: when it cannot be read.
    """
    path = weights.resolve().parent / "alignment" / "losses.jsonl"
    if not path.is_file():
        return {}
    curves: Curves = {}
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            step = int(entry.pop("step"))
            for name, value in entry.items():
                curves.setdefault(name, []).append((step, float(value)))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise IlmChatError(
            f"{path} is no log of losses ({error}): remove it, or move the weights."
        ) from None
    return {name: points for name, points in curves.items() if len(points) > 1}
