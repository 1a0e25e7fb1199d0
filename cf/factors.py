"""Item and user factors of implicit feedback, and what a chat needs from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import threadpoolctl
from numpy.typing import ArrayLike, NDArray
from safetensors.numpy import save_file

from cf.errors import CfError
from cf.mapped import mapped
from cf.nearest import Nearest, write_index
from data.interactions import Interactions

Method = Literal["als", "bpr", "lmf"]
Setting = int | float

DEFAULTS: dict[Method, dict[str, Setting]] = {
    "als": {"regularization": 10.0, "alpha": 5.0, "iterations": 15},
    "bpr": {"regularization": 0.01, "learning_rate": 0.01, "iterations": 100},
    "lmf": {"regularization": 2.0, "learning_rate": 1.0, "iterations": 50},
}
FOLD_IN_ALPHA = 5.0
TENSORS = "factors.safetensors"
DESCRIPTION = "factors.json"
PRODUCTS, COSINES = "products.faiss", "cosines.faiss"


@dataclass(frozen=True)
class Factors:
    """One vector an item and one a user; the score of a pair is their dot product.

    items: (n_items, d) float32; the row of an item nobody chose is zero.
    users: (n_users, d) float32.
    known: (n_items,) bool; True where somebody chose the item, so that its row means something.
    method, settings: how they were fitted.
    folder: where they were loaded from, with the indexes of a large catalogue; None: nowhere.

    The width d is the method's own: BPR appends one bias column and LMF two to what `fit` was
    asked for, so take it from the shape.
    """

    items: NDArray[np.float32]
    users: NDArray[np.float32]
    known: NDArray[np.bool_]
    method: Method
    settings: Mapping[str, Any]
    folder: Path | None = None

    @property
    def n_items(self) -> int:
        return self.items.shape[0]

    @property
    def width(self) -> int:
        return self.items.shape[1]

    @cached_property
    def _gram(self) -> NDArray[np.float64]:
        """(d, d) YᵀY + λI, the part of a user's equation that is the same for everybody."""
        rows = self.items.astype(np.float64)
        gram = rows.T @ rows
        # BPR and LMF regularise gradient steps, not this equation: λ becomes the mean squared
        # length of a column, at which folded-in users rank ML-100K as well as the trained ones.
        regularization = (
            self.settings["regularization"]
            if self.method == "als"
            else np.trace(gram) / len(gram) + 1e-9
        )
        return gram + regularization * np.eye(len(gram))

    @cached_property
    def _products(self) -> Nearest:
        return Nearest(self.items, self.known, index=self.folder and self.folder / PRODUCTS)

    @cached_property
    def _cosines(self) -> Nearest:
        index = self.folder and self.folder / COSINES
        return Nearest(self.items, self.known, cosine=True, index=index)

    def fold_in(
        self, items: Sequence[int] | NDArray[np.integer], *, weights: ArrayLike | None = None
    ) -> NDArray[np.float32]:
        """The vector of somebody who chose `items`: (d,) float32, zero for no (known) items.

        The closed-form user step of Hu, Koren & Volinsky, "Collaborative Filtering for Implicit
        Feedback Datasets" (2008), section 4; `weights` (one a chosen item, default 1) multiply
        its confidence, and an item chosen twice counts twice. With ALS factors this is what
        training does to a user. With BPR and LMF it is the least-squares user in their item
        space: right to rank with, but shorter than the trained users.

        Raises:
            CfError: for an item outside the catalogue, or weights that do not fit.
        """
        chosen, confidence = self._confidences(items, weights)
        rows = self.items[chosen].astype(np.float64)
        vector = np.linalg.solve(self._equation(chosen, confidence), rows.T @ confidence)
        return vector.astype(np.float32)

    def fold_in_recent(
        self, items: Sequence[int] | NDArray[np.integer], *, decay: float = 5.0
    ) -> NDArray[np.float32]:
        """`fold_in` of a history, oldest first, weights falling to 1/e in `decay` items: (d,)."""
        return self.fold_in(items, weights=recency(len(items), decay))

    def scores(self, users: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores (B, n_items) float32 of user vectors (B, d); -inf for items not known."""
        return np.where(self.known, users @ self.items.T, np.float32(-np.inf))

    def best(
        self, user: NDArray[np.float32], k: int, *, without: Sequence[int] = ()
    ) -> list[tuple[int, float]]:
        """The k items that score highest for a user's vector (d,): (index, score), best first.

        In a catalogue of over `cf.nearest.LARGE` items nearly all of them: see there.
        """
        check_items(np.asarray(without, dtype=np.int64), self.n_items)
        found = self._products.top(user, k, without=np.asarray(without, dtype=np.int64))
        return [(int(index), float(score)) for index, score in zip(*found, strict=True)]

    def neighbours(self, item: int, k: int) -> list[tuple[int, float]]:
        """The k items most like `item`: (index, cosine), best first.

        Only known items, never the item itself; nothing for an item that is not known. In a
        catalogue of over `cf.nearest.LARGE` items nearly all of them: see there.
        """
        check_items(np.array([item]), self.n_items)
        if not self.known[item]:
            return []
        found = self._cosines.top(self.items[item], k, without=np.array([item]))
        return [(int(index), float(cosine)) for index, cosine in zip(*found, strict=True)]

    def contributions(
        self,
        history: Sequence[int] | NDArray[np.integer],
        target: int,
        *,
        weights: ArrayLike | None = None,
    ) -> NDArray[np.float32]:
        """What each item of the history adds to the target's score: (len(history),) float32.

        They sum to the score of `target` for `fold_in(history, weights=weights)` (section 5 of
        the paper named there), so the largest answer "because you liked ...".
        """
        check_items(np.array([target]), self.n_items)
        chosen, confidence = self._confidences(history, weights)
        seen_from_target = np.linalg.solve(
            self._equation(chosen, confidence), self.items[target].astype(np.float64)
        )
        return (self.items[chosen] @ seen_from_target * confidence).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write factors.safetensors and factors.json into `folder`, and the indexes of a large
        catalogue."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {"items": self.items, "users": self.users, "known": self.known}
        # Beside the old file and then in its place: these arrays may be mapped from it.
        scratch = folder / f"{TENSORS}.part"
        save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, scratch)
        scratch.replace(folder / TENSORS)
        write_index(folder / PRODUCTS, self.items, self.known)
        write_index(folder / COSINES, self.items, self.known, cosine=True)
        description = {
            "method": self.method,
            "settings": dict(self.settings),
            "n_items": self.n_items,
            "n_users": len(self.users),
            "width": self.width,
        }
        (folder / DESCRIPTION).write_text(json.dumps(description, indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path, *, n_items: int | None = None) -> Factors:
        """Map what `save` wrote into memory.

        Raises:
            CfError: when files are missing or damaged, disagree with each other, or hold
                another number of items than `n_items`.
        """
        if not (folder / TENSORS).is_file() or not (folder / DESCRIPTION).is_file():
            raise CfError(
                f"There are no factors in {folder}: "
                f"make them with `python -m cf fit --out {folder}`."
            )
        try:
            description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
            tensors = mapped(folder / TENSORS)
            factors = cls(
                tensors["items"],
                tensors["users"],
                tensors["known"],
                description["method"],
                description["settings"],
                folder,
            )
            promised = tuple(description[key] for key in ("n_items", "n_users", "width"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CfError(
                f"The factors in {folder} cannot be read ({error}): fit them again."
            ) from error
        found = (factors.n_items, len(factors.users), factors.width)
        if (
            found != promised
            or factors.users.shape[1:] != (factors.width,)
            or len(factors.known) != factors.n_items
        ):
            raise CfError(
                f"The files in {folder} do not belong together: {DESCRIPTION} says (items, users, "
                f"width) {promised}, {TENSORS} has {found}; fit them again."
            )
        if n_items is not None and n_items != factors.n_items:
            raise CfError(
                f"The factors in {folder} are of {factors.n_items:,} items, but the catalogue has "
                f"{n_items:,}: fit them on this data set."
            )
        return factors

    def _confidences(
        self, items: Sequence[int] | NDArray[np.integer], weights: ArrayLike | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The chosen items and the confidence of each, both (n,)."""
        chosen = np.asarray(items, dtype=np.int64)
        check_items(chosen, self.n_items)
        weight = np.ones(len(chosen)) if weights is None else np.asarray(weights, np.float64)
        if weight.shape != chosen.shape or not np.all(np.isfinite(weight) & (weight >= 0)):
            raise CfError(
                f"Weights must be one finite number of at least 0 for each of the {len(chosen)} "
                f"items; got {weight.size} with smallest {weight.min(initial=np.inf):g}."
            )
        return chosen, self.settings.get("alpha", FOLD_IN_ALPHA) * weight

    def _equation(
        self, chosen: NDArray[np.int64], confidence: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(d, d) YᵀCY + λI, with confidence 1 for every item that was not chosen."""
        rows = self.items[chosen].astype(np.float64)
        distinct = self.items[np.unique(chosen)].astype(np.float64)
        return self._gram + (rows.T * confidence) @ rows - distinct.T @ distinct


def check_items(items: NDArray[np.integer], n_items: int) -> None:
    """CfError when one of the items (n,) is outside a catalogue of `n_items`."""
    outside = items[(items < 0) | (items >= n_items)]
    if outside.size:
        raise CfError(
            f"Item {outside[0]} is outside the catalogue of {n_items:,} items (0 to {n_items - 1})."
        )


def recency(n: int, decay: float | None) -> NDArray[np.float64]:
    """Weights (n,) of a history, oldest first: 1 for the newest, 1/e `decay` items before it.

    Without a decay (None) all weigh 1.
    """
    if decay is None:
        return np.ones(n)
    if not decay > 0:
        raise CfError(f"The decay must be a positive number of items; got {decay:g}.")
    return np.exp(-np.arange(n)[::-1] / decay)


def fit(
    interactions: Interactions,
    *,
    method: Method = "als",
    factors: int = 64,
    seed: int = 0,
    **settings: Setting,
) -> Factors:
    """Factorise who-chose-what with `implicit`; the same call gives the same factors.

    settings: what replaces DEFAULTS[method], by name. The ALS defaults suit ML-100K; for ranking
    alone, 32 factors are the better choice there.

    Raises:
        CfError: for an unknown method or setting, or a width below 1.
    """
    if method not in get_args(Method):
        raise CfError(f"There is no method '{method}'; choose one of {', '.join(DEFAULTS)}.")
    unknown = settings.keys() - DEFAULTS[method].keys()
    if unknown:
        raise CfError(
            f"{method} has no setting '{min(unknown)}'; it has {', '.join(DEFAULTS[method])}."
        )
    if factors < 1:
        raise CfError(f"There must be at least 1 factor; got {factors}.")
    chosen = {**DEFAULTS[method], **settings}

    # implicit takes two seconds to import, and most users of this module only load factors.
    from implicit.cpu.als import AlternatingLeastSquares
    from implicit.cpu.bpr import BayesianPersonalizedRanking
    from implicit.cpu.lmf import LogisticMatrixFactorization

    models = {
        "als": AlternatingLeastSquares,
        "bpr": BayesianPersonalizedRanking,
        "lmf": LogisticMatrixFactorization,
    }
    # OpenBLAS's own threads fight implicit's, and BPR repeats itself only on a single one.
    with threadpoolctl.threadpool_limits(1, "blas"):
        model = models[method](factors=factors, random_state=seed, num_threads=1, **chosen)
        model.fit(interactions.matrix(), show_progress=False)

    known = np.zeros(interactions.n_items, dtype=np.bool_)
    known[interactions.active_items()] = True
    items = np.where(known[:, None], model.item_factors, np.float32(0))
    return Factors(
        items=items.astype(np.float32),
        users=np.asarray(model.user_factors, dtype=np.float32),
        known=known,
        method=method,
        settings={**chosen, "factors": factors, "seed": seed, "interactions": interactions.digest},
    )
