"""What is known of an item before any language: modality name -> vectors.

`cf` (who chose it), `transitions` (what it leads to, and what leads to it) and `text` (what is
written about it) today; `user` is the one signal of a viewer, who goes through the same Q-Former as
a special item. A further modality is one more entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cf.factors import Factors
from data.catalogue import Catalogue
from data.errors import IlmChatError
from ilm.text import TextEncoder


@dataclass(frozen=True)
class Signals:
    """Signals of n items.

    Attributes:
        vectors: modality -> (n, vectors of this modality, width) float32.
        present: modality -> (n,) bool; True means that the item has this signal. Vectors of an
            absent signal are never attended to.
    """

    vectors: Mapping[str, Tensor]
    present: Mapping[str, Tensor]

    def __post_init__(self) -> None:
        sizes = {name: len(value) for name, value in self.vectors.items()}
        if len(set(sizes.values())) > 1 or self.vectors.keys() != self.present.keys():
            raise IlmChatError(f"Every modality must cover the same items; got {sizes}.")

    def __len__(self) -> int:
        return len(next(iter(self.vectors.values())))

    @property
    def widths(self) -> dict[str, int]:
        return {name: int(value.shape[2]) for name, value in self.vectors.items()}

    def select(self, indices: Tensor) -> Signals:
        """The rows `indices`, (m,), of every modality."""
        return Signals(
            {name: value[indices] for name, value in self.vectors.items()},
            {name: value[indices] for name, value in self.present.items()},
        )

    def only(self, names: Sequence[str]) -> Signals:
        """These modalities alone."""
        for name in names:
            if name not in self.vectors:
                raise IlmChatError(
                    f"There is no signal '{name}'; known are {', '.join(self.vectors)}."
                )
        return Signals(
            {name: self.vectors[name] for name in names},
            {name: self.present[name] for name in names},
        )

    def to(self, device: torch.device) -> Signals:
        return Signals(
            {name: value.to(device) for name, value in self.vectors.items()},
            {name: value.to(device) for name, value in self.present.items()},
        )


@dataclass(frozen=True)
class Standardisation:
    """Mean and spread per dimension of the known factors, so that a new user's vector can be
    brought to the scale the Q-Former was trained on."""

    mean: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, vectors: np.ndarray) -> Standardisation:
        spread = vectors.std(0)
        return cls(vectors.mean(0), np.where(spread > 0, spread, 1.0).astype(np.float32))

    def __call__(self, vectors: np.ndarray) -> Tensor:
        return torch.from_numpy(((vectors - self.mean) / self.spread).astype(np.float32))


def item_signals(
    factors: Factors,
    catalogue: Catalogue,
    encoder: TextEncoder | None,
    transitions: NDArray[np.float32] | None = None,
) -> Signals:
    """The `cf` signal of every item of the catalogue, `text` with an encoder, and `transitions`.

    Items nobody chose in the fitted interactions have text alone.

    Args:
        transitions: (n_items, width), see `cf.item_item.transition_factors`.
    """
    if len(factors.items) != len(catalogue):
        raise IlmChatError(
            f"The factors cover {len(factors.items)} items and the catalogue {len(catalogue)}: "
            "fit the factors again on this catalogue."
        )
    known = torch.from_numpy(factors.known)
    cf = Standardisation.of(factors.items[factors.known])(factors.items) * known[:, None]
    vectors, present = {"cf": cf[:, None]}, {"cf": known}
    if transitions is not None:
        order = Standardisation.of(transitions[factors.known])(transitions) * known[:, None]
        vectors["transitions"], present["transitions"] = order[:, None], known.clone()
    if encoder is not None:
        encoded = encoder.encode([catalogue.text(i, "catalogue") for i in range(len(catalogue))])
        vectors["text"] = Standardisation.of(encoded)(encoded)[:, None]
        present["text"] = torch.ones(len(catalogue), dtype=torch.bool)
    return Signals(vectors, present)


def user_signals(vectors: np.ndarray, standard: Standardisation) -> Signals:
    """The `user` signal of (n, d) user factors, stored or folded in."""
    return Signals(
        {"user": standard(vectors)[:, None]},
        {"user": torch.ones(len(vectors), dtype=torch.bool)},
    )
