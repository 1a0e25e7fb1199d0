"""What the engine is given: the trained parts, by the little of them that it uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.catalogue import Catalogue
from prompts.templates import Segment

Vector = NDArray[np.float32]


class LanguageModel(Protocol):
    """`ilm.model.ItemLanguageModel`, as the chat sees it."""

    def rank(self, histories: Sequence[Sequence[int]], *, new_only: bool = False) -> Vector:
        """(B, n_items) scores of the next item, -inf for items it cannot rank.

        new_only: of the next item that the history does not hold; for those that it holds the
        scores mean nothing.
        """

    def generate(
        self,
        segments: list[Segment],
        *,
        max_new_tokens: int = 96,
        stop: Callable[[], bool] | None = None,
    ) -> Iterator[str]:
        """Text, piece by piece."""


class Taste(Protocol):
    """`cf.factors.Factors`, as the chat sees it."""

    @property
    def items(self) -> Vector:
        """(n_items, d) item factors, zero rows for items nobody chose."""

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n_items,) True where somebody chose the item."""

    def fold_in_recent(
        self, items: Sequence[int] | NDArray[np.integer], *, decay: float = 5.0
    ) -> Vector:
        """(d,) vector of somebody who chose `items`, oldest first."""

    def scores(self, users: Vector) -> Vector:
        """(B, n_items) scores of users (B, d)."""

    def contributions(
        self,
        history: Sequence[int] | NDArray[np.integer],
        target: int,
        *,
        weights: ArrayLike | None = None,
    ) -> Vector:
        """(len(history),) what each item of the history adds to the score of `target`."""


class Encoder(Protocol):
    """`ilm.text.TextEncoder`, as the chat sees it."""

    def encode(self, texts: Sequence[str]) -> Vector:
        """(n, width) embeddings of unit length."""


class Scorer(Protocol):
    """`cf.ranker.Ranker`, as the chat sees it."""

    def predict(
        self,
        columns: Mapping[str, NDArray[np.floating]],
        *,
        candidates: NDArray[np.bool_] | None = None,
    ) -> Vector:
        """(n_queries, n_candidates) scores of named columns of that shape."""


@dataclass(frozen=True)
class Parts:
    """All that answers are made from.

    popularity: (n_items,) how often each item was chosen in the training interactions.
    stories: (n_items, width) unit embeddings of the items' stories, by `encoder`.
    ratings: (n_items,) mean rating of each item there; None where nothing is rated.
    ranker: None when none is trained; candidates are then fused by rank.
    """

    catalogue: Catalogue
    popularity: Vector
    factors: Taste
    model: LanguageModel
    encoder: Encoder
    stories: Vector
    ranker: Scorer | None = None
    ratings: Vector | None = None
