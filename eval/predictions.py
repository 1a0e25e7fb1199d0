"""What a method predicted, on disk: metrics never need the model again."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.errors import EvalError


@dataclass(frozen=True)
class Predictions:
    """One method's ranking of the candidates for every user of a split.

    targets: (n_users,) int32, the item to be found.
    ranks: (n_users,) int32, its place as `metrics.target_ranks` defines it.
    top: (n_users, k) int32, the first k items, best first; -1 where fewer could be ranked.
    about: what the run was (data set, task, method, filtered, seed, split, config, ...).
    """

    targets: NDArray[np.int32]
    ranks: NDArray[np.int32]
    top: NDArray[np.int32]
    about: Mapping[str, Any]

    def save(self, path: Path) -> None:
        """Write one .npz file, `about` as JSON within it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path,
            targets=self.targets,
            ranks=self.ranks,
            top=self.top,
            about=np.array(json.dumps(dict(self.about))),
        )

    @classmethod
    def load(cls, path: Path) -> Predictions:
        """Read what `save` wrote; EvalError when it is missing or something else."""
        if not path.is_file():
            raise EvalError(
                f"There are no predictions in {path}: write them with `python -m eval openp5`."
            )
        try:
            with np.load(path, allow_pickle=False) as stored:
                about = json.loads(stored["about"].item())
                found = cls(stored["targets"], stored["ranks"], stored["top"], about)
        except (ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile) as error:
            raise EvalError(f"{path} is not a predictions file ({error}).") from error
        if not len(found.targets) == len(found.ranks) == len(found.top):
            raise EvalError(f"{path} is damaged: its arrays are of different numbers of users.")
        return found
