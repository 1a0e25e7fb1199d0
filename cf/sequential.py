"""Recommenders that read a history in order: SASRec and GRU4Rec, one trainer for both.

Both read a history, oldest first, and give at every position a vector whose dot products with the
item vectors score what comes next. They learn by cross-entropy over all items at all positions.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from cf.errors import CfError
from cf.factors import check_items
from data.interactions import Interactions

Network = Literal["sasrec", "gru4rec"]
Histories = Sequence[Sequence[int] | NDArray[np.integer]]

TENSORS = "sequential.safetensors"
DESCRIPTION = "sequential.json"
WARM_UP = 0.1
"""The part of the training during which the learning rate rises."""
CHUNK = 256
"""Histories scored at a time, to bound memory."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """A network's size and its training. CfError for a value that makes no sense.

    heads: of attention, so of SASRec alone.
    history: how many of the newest items are read.
    batch: windows of at most `history` positions a step.
    """

    width: int = 64
    layers: int = 2
    heads: int = 2
    history: int = 50
    dropout: float = 0.3
    learning_rate: float = 3e-3
    epochs: int = 28
    batch: int = 64

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not (0 <= value < 1 if name == "dropout" else value > 0):
                allowed = "at least 0 and below 1" if name == "dropout" else "positive"
                raise CfError(f"The setting '{name}' must be {allowed}; got {value}.")
        if self.width % self.heads:
            raise CfError(f"A width of {self.width} cannot be split among {self.heads} heads.")


# Tuned on the validation items of ML-100K (leave-one-out in OpenP5's order).
DEFAULTS: dict[Network, Settings] = {
    "sasrec": Settings(),
    "gru4rec": Settings(width=128, layers=1, batch=32),
}


class SasRec(nn.Module):
    """Kang & McAuley, "Self-Attentive Sequential Recommendation" (2018), pre-norm."""

    def __init__(self, n_items: int, settings: Settings) -> None:
        super().__init__()
        self.items = _item_vectors(n_items, settings.width)
        self.positions = nn.Embedding(settings.history, settings.width)
        nn.init.normal_(self.positions.weight, std=0.02)
        self.dropout = nn.Dropout(settings.dropout)
        layer = nn.TransformerEncoderLayer(
            settings.width,
            settings.heads,
            dim_feedforward=settings.width,
            dropout=settings.dropout,
            batch_first=True,
            norm_first=True,
        )
        self.layers = nn.TransformerEncoder(
            layer, settings.layers, norm=nn.LayerNorm(settings.width), enable_nested_tensor=False
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, L) tokens -> (B, L, width); position t depends on tokens 0..t alone."""
        length = tokens.shape[1]
        # True = may not be looked at: everything later.
        later = torch.ones(length, length, dtype=torch.bool, device=tokens.device).triu(1)
        vectors = self.items(tokens) * self.items.embedding_dim**0.5
        vectors = self.dropout(vectors + self.positions.weight[:length])
        hidden: Tensor = self.layers(vectors, mask=later, is_causal=True)
        return hidden


class Gru4Rec(nn.Module):
    """Hidasi et al., "Session-based Recommendations with Recurrent Neural Networks" (2016)."""

    def __init__(self, n_items: int, settings: Settings) -> None:
        super().__init__()
        self.items = _item_vectors(n_items, settings.width)
        self.dropout = nn.Dropout(settings.dropout)
        self.layers = nn.GRU(
            settings.width,
            settings.width,
            settings.layers,
            batch_first=True,
            dropout=settings.dropout if settings.layers > 1 else 0.0,
        )
        self.out = nn.Linear(settings.width, settings.width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, L) tokens -> (B, L, width); position t depends on tokens 0..t alone."""
        hidden, _ = self.layers(self.dropout(self.items(tokens)))
        vectors: Tensor = self.out(self.dropout(hidden))
        return vectors


NETWORKS: dict[Network, type[SasRec] | type[Gru4Rec]] = {"sasrec": SasRec, "gru4rec": Gru4Rec}


def _item_vectors(n_items: int, width: int) -> nn.Embedding:
    """A vector an item and one for the start of a sequence, the last (also used as padding)."""
    vectors = nn.Embedding(n_items + 1, width)
    nn.init.normal_(vectors.weight, std=0.02)
    return vectors


@dataclass(frozen=True, eq=False)
class SequentialRecommender:
    """A trained network and the items it knows.

    model: its tokens are positions in `items`; one more token starts every sequence.
    items: (n_known,) catalogue indices of the items somebody chose, ascending.
    n_items: size of the catalogue.
    about: network, seed, leave_out_seen, the digest of the interactions.
    """

    model: SasRec | Gru4Rec
    items: NDArray[np.int64]
    n_items: int
    settings: Settings
    about: Mapping[str, Any]

    def scores(self, histories: Histories) -> NDArray[np.float32]:
        """Scores (B, n_items) float32 of what comes next after each history (oldest first).

        -inf for items not known; those are passed over in a history. An empty history gets the
        scores of a sequence's first item.

        Raises:
            CfError: for an item outside the catalogue.
        """
        scores = np.full((len(histories), self.n_items), -np.inf, dtype=np.float32)
        for start in range(0, len(histories), CHUNK):
            part = [self._tokens(history) for history in histories[start : start + CHUNK]]
            scores[start : start + len(part), self.items] = self._score(part)
        return scores

    def _tokens(self, history: Sequence[int] | NDArray[np.integer]) -> NDArray[np.int64]:
        """The newest tokens of a history, at least one."""
        chosen = np.asarray(history, np.int64)
        check_items(chosen, self.n_items)
        places = np.minimum(np.searchsorted(self.items, chosen), len(self.items) - 1)
        tokens = places[self.items[places] == chosen]
        return np.append(len(self.items), tokens)[-self.settings.history :]

    @torch.inference_mode()
    def _score(self, rows: Sequence[NDArray[np.int64]]) -> NDArray[np.float32]:
        """(len(rows), n_known) float32."""
        device = self.model.items.weight.device
        # Padding comes after the last token, where nothing looks at it.
        tokens = np.full((len(rows), max(map(len, rows))), len(self.items))
        for row, own in zip(tokens, rows, strict=True):
            row[: len(own)] = own
        last = torch.tensor([len(row) - 1 for row in rows], device=device)
        hidden = self.model(torch.from_numpy(tokens).to(device))
        newest = hidden[torch.arange(len(rows), device=device), last]
        scores: NDArray[np.float32] = (newest @ self.model.items.weight[:-1].T).cpu().numpy()
        return scores

    def save(self, folder: Path) -> None:
        """Write sequential.safetensors and sequential.json into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {name: tensor.cpu() for name, tensor in self.model.state_dict().items()}
        save_file({**tensors, "known_items": torch.from_numpy(self.items)}, folder / TENSORS)
        description = {
            **self.about,
            "n_items": self.n_items,
            "settings": asdict(self.settings),
        }
        (folder / DESCRIPTION).write_text(json.dumps(description, indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path, *, n_items: int | None = None) -> SequentialRecommender:
        """Read what `save` wrote.

        Raises:
            CfError: when files are missing or damaged, disagree with each other, or hold
                another number of items than `n_items`.
        """
        if not (folder / TENSORS).is_file() or not (folder / DESCRIPTION).is_file():
            raise CfError(f"There is no sequential recommender in {folder}: fit and save one.")
        try:
            about = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
            tensors = load_file(folder / TENSORS)
            items = tensors.pop("known_items").numpy()
            settings, size = Settings(**about.pop("settings")), int(about.pop("n_items"))
            model = NETWORKS[about["network"]](len(items), settings)
            model.load_state_dict(tensors)
            check_items(items, size)
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RuntimeError,
            SafetensorError,
            CfError,
        ) as error:
            raise CfError(
                f"The sequential recommender in {folder} cannot be read "
                f"({' '.join(str(error).split())}): fit it again."
            ) from error
        if n_items is not None and n_items != size:
            raise CfError(
                f"The sequential recommender in {folder} is of {size:,} items, but the catalogue "
                f"has {n_items:,}: fit it on this data set."
            )
        return cls(model.to(_device()).eval(), items, size, settings, about)


def fit_sequential(
    interactions: Interactions,
    *,
    network: Network,
    seed: int = 0,
    leave_out_seen: bool = False,
    **settings: float,
) -> SequentialRecommender:
    """Train a network on every user's sequence; on a CPU the same call gives the same network.

    leave_out_seen: leave what the user has chosen before out of the training softmax. Nothing
        then holds seen items down, so it is for rankings from which they are removed.
    settings: what replaces DEFAULTS[network], by name.

    Raises:
        CfError: for an unknown network or setting, or a value that makes no sense.
    """
    if network not in get_args(Network):
        raise CfError(f"There is no network '{network}'; choose one of {', '.join(DEFAULTS)}.")
    unknown = settings.keys() - asdict(DEFAULTS[network]).keys()
    if unknown:
        raise CfError(
            f"{network} has no setting '{min(unknown)}'; "
            f"it has {', '.join(asdict(DEFAULTS[network]))}."
        )
    chosen = replace(DEFAULTS[network], **settings)  # type: ignore[arg-type]
    items = interactions.active_items().astype(np.int64)
    sequences = [np.searchsorted(items, own) for own in interactions.sequences()]
    device = _device()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = NETWORKS[network](len(items), chosen).to(device)
        _train(model, sequences, chosen, np.random.default_rng(seed), leave_out_seen)
    about = {
        "network": network,
        "seed": seed,
        "leave_out_seen": leave_out_seen,
        "interactions": interactions.digest,
    }
    return SequentialRecommender(model.eval(), items, interactions.n_items, chosen, about)


Window = tuple[int, int, int]
"""A user, and the first and the end of the positions that are learned."""


class Batch(NamedTuple):
    """Windows of sequences, each position with what came next.

    tokens: (B, L) int64 read at each position; padded at the end.
    targets: (B, L) int64 item that came next; -1 at padding.
    seen_from: (B, n_items) int16, the first position of the window before which the user had
        chosen the item: where position >= seen_from, the item was seen.
    """

    tokens: Tensor
    targets: Tensor
    seen_from: Tensor


def _batches(
    sequences: Sequence[NDArray[np.integer]], size: int, history: int, rng: np.random.Generator
) -> list[list[Window]]:
    """Every position of every sequence once, in windows of at most `history`, shuffled."""
    windows: list[Window] = []
    for user, own in enumerate(sequences):
        # Short sequences stay whole; where a long one is cut changes from epoch to epoch.
        first = int(rng.integers(1, history + 1)) if len(own) > history else len(own)
        cuts = [*range(first, len(own), history), len(own)]
        windows += [(user, start, end) for start, end in pairwise([0, *cuts]) if end > start]
    order = rng.permutation(len(windows))
    return [
        [windows[place] for place in order[start : start + size]]
        for start in range(0, len(order), size)
    ]


def _collate(
    windows: Sequence[Window], sequences: Sequence[NDArray[np.integer]], n_items: int
) -> Batch:
    length = max(end - start for _, start, end in windows)
    tokens = np.full((len(windows), length), n_items)
    targets = np.full((len(windows), length), -1)
    seen_from = np.full((len(windows), n_items), length, np.int16)
    for row, (user, start, end) in enumerate(windows):
        own = sequences[user]
        read = own[start - 1 : end - 1] if start else np.append(n_items, own[: end - 1])
        tokens[row, : end - start] = read
        targets[row, : end - start] = own[start:end]
        seen_from[row, own[start:end]] = np.arange(1, end - start + 1)
        seen_from[row, own[:start]] = 0
    return Batch(*(torch.from_numpy(array) for array in (tokens, targets, seen_from)))


def next_item_loss(model: SasRec | Gru4Rec, batch: Batch, *, leave_out_seen: bool) -> Tensor:
    """Mean cross-entropy of what came next over all positions: a scalar.

    With `leave_out_seen` the softmax of a position leaves out the items chosen before it, never
    the target.
    """
    real = batch.targets >= 0
    targets = batch.targets[real]
    logits = model(batch.tokens)[real] @ model.items.weight[:-1].T
    if leave_out_seen:
        row, position = real.nonzero(as_tuple=True)
        seen = batch.seen_from[row] <= position[:, None]
        seen.scatter_(1, targets[:, None], False)
        logits = logits.masked_fill(seen, -torch.inf)
    return functional.cross_entropy(logits, targets)


def _train(
    model: SasRec | Gru4Rec,
    sequences: Sequence[NDArray[np.int64]],
    settings: Settings,
    rng: np.random.Generator,
    leave_out_seen: bool,
) -> None:
    """Adam; the learning rate rises over WARM_UP of the training, then falls to 0."""
    n_items = model.items.num_embeddings - 1
    device = model.items.weight.device
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.learning_rate)
    model.train()
    for epoch in range(settings.epochs):
        batches = _batches(sequences, settings.batch, settings.history, rng)
        total = 0.0
        for number, windows in enumerate(batches):
            done = (epoch + (number + 1) / len(batches)) / settings.epochs
            share = min(done / WARM_UP, (1 - done) / (1 - WARM_UP))
            optimizer.param_groups[0]["lr"] = settings.learning_rate * share
            batch = Batch(*(part.to(device) for part in _collate(windows, sequences, n_items)))
            loss = next_item_loss(model, batch, leave_out_seen=leave_out_seen)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        log.info("epoch %d of %d: loss %.4f", epoch + 1, settings.epochs, total / len(batches))


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
