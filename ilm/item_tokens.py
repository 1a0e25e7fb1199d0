"""From what is known of items to tokens between words: signals -> encoder -> adapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from data.errors import IlmChatError
from ilm.config import ModelConfig
from ilm.id_words import IdWords
from ilm.llm import FrozenLLM
from ilm.mlp import MlpEncoder
from ilm.placeholders import PlaceholderTokens
from ilm.qformer import QFormer
from ilm.signals import Signals, Standardisation, user_signals
from ilm.splice import Spliced, splice
from ilm.storage import ItemIds
from prompts.templates import Segment

HEAD_SHARE = {"text": 0.15}
"""Strength of a modality in the ranking head's item vectors. At full strength 384 numbers of text
drown 64 of who-chose-what: training loss after 24 steps was 6.14, and 5.99 with this share."""

CENTRED_ON = 64
"""Items that stand for the catalogue in a training step."""

Encoder = QFormer | MlpEncoder | IdWords


class ItemTokens(nn.Module):
    """Lays the items of one catalogue between the words of a frozen LLM.

    The frozen LLM is no submodule: `parameters()` and `state_dict()` are exactly what is trained
    (LoRA matrices among them, where there are any).

    Args:
        config: shape of the model.
        llm: the frozen language model.
        encoder: Q-Former or MLP, or the ids in text of a text-only model.
        signals: of every item of the catalogue.
        rankable: (n_items,) bool; True for items that `rank` may return.
        user_standard: brings user factors to the scale of the `user` signal.
        ids: the text ids that it learns to write.
    """

    rankable: Tensor
    flat_signals: Tensor

    def __init__(
        self,
        config: ModelConfig,
        llm: FrozenLLM,
        encoder: Encoder,
        signals: Signals,
        rankable: Tensor,
        user_standard: Standardisation,
        ids: ItemIds,
    ) -> None:
        super().__init__()
        if config.rank_layers > llm.layers:
            raise IlmChatError(
                f"rank_layers is {config.rank_layers} and {llm.name} has {llm.layers} layers: "
                "lower rank_layers."
            )
        self.config, self.ids = config, ids
        self.encoder = encoder
        self._llm = (llm,)  # in a tuple, so that nn.Module does not register it
        self.lora = nn.ParameterDict(llm.lora)
        self.user_standard = user_standard
        self.n_items = len(signals)
        self.adapter = nn.Linear(encoder.width, llm.width)
        self.history_adapter = nn.Linear(encoder.num_queries * encoder.width, llm.width)
        # In prompts that are answered in words a history item has another token than in ranking:
        # learning ids through the encoder goes with worse ranking (seen with an MLP, one run each,
        # and not at one learning rate: validation HR@10 0.236 filtered, 0.257 without).
        self.writing_adapter = nn.Linear(encoder.num_queries * encoder.width, llm.width)
        # A short way past the encoder: what the signals say as they stand, learned in a few steps.
        self.direct = nn.Linear(
            sum(vectors.shape[1] * vectors.shape[2] for vectors in signals.vectors.values()),
            llm.width,
            bias=False,
        )
        # What signals do not say of an item; zero for items that nobody chose.
        self.free = nn.Parameter(
            torch.zeros(self.n_items, llm.width), requires_grad=config.free_vectors
        )
        # Tokens start on the scale of word embeddings and may find their own.
        self.gain = nn.Parameter(torch.tensor(llm.embedding_rms))
        if config.centred_tokens:  # as much of a token as what tells its item from others
            self.places = nn.Parameter(torch.randn(encoder.num_queries, llm.width))
        # Small, so that the first steps turn them: what is laid in has the scale of `gain`.
        self.style = nn.ParameterList(
            torch.randn(llm.width) * 0.02 for _ in range(config.style_vectors)
        )
        self.dropout = nn.Dropout(config.dropout)
        for name, vectors in signals.vectors.items():
            self.register_buffer(f"signal_{name}", vectors, persistent=False)
            self.register_buffer(f"present_{name}", signals.present[name], persistent=False)
        self.register_buffer("rankable", rankable, persistent=False)
        self.register_buffer("flat_signals", self._flat_signals(signals), persistent=False)
        self._catalogue_tokens: Tensor | None = None
        self._history_tokens: Tensor | None = None

    @property
    def llm(self) -> FrozenLLM:
        return self._llm[0]

    @property
    def device(self) -> torch.device:
        return self.gain.device

    @property
    def signals(self) -> Signals:
        names = self.config.modalities
        return Signals(
            {name: getattr(self, f"signal_{name}") for name in names},
            {name: getattr(self, f"present_{name}") for name in names},
        )

    @staticmethod
    def _flat_signals(signals: Signals) -> Tensor:
        parts = [
            vectors.flatten(1) * signals.present[name][:, None] * HEAD_SHARE.get(name, 1.0)
            for name, vectors in signals.vectors.items()
        ]
        return torch.cat(parts, 1)

    def adapt(self, tokens: Tensor) -> Tensor:
        """Query outputs (B, K, width) -> tokens of `{item}` and `{user}`, (B, K, LLM width)."""
        return self.adapted(tokens) * self.gain

    def adapted(self, tokens: Tensor) -> Tensor:
        """`adapt` before the gain."""
        if not self.config.centred_tokens:
            return unit(self.adapter(tokens))
        return unit(unit(self.adapter(tokens - self._centre())) + self.places)

    def _centre(self) -> Tensor:
        """Mean tokens of the catalogue, (K, width); while training of a few items, through which
        gradients go: then moving all items alike changes nothing and is not learned.

        Mean-only batch normalisation (Salimans and Kingma 2016, 1602.07868, section 4).
        """
        items = self.rankable.nonzero()[:, 0]
        if self.training:
            items = items[torch.randperm(len(items))[:CENTRED_ON].to(items.device)]
        return self._tokens_of(items).mean(0)

    def history_tokens(self, items: Tensor) -> Tensor:
        """One token an item of a history that is ranked after, (B, LLM width), before the gain."""
        whole = self._tokens_of(items).flatten(1)
        direct = self.direct(self.flat_signals[items])
        return unit(self.history_adapter(whole) + direct + self.free[items])

    def tokens_of_history(self, items: Tensor) -> Tensor:
        """`history_tokens`, which at rest are computed once for the whole catalogue."""
        if self.training or torch.is_grad_enabled():
            return self.history_tokens(items)
        if self._history_tokens is None:
            self._history_tokens = self.history_tokens(
                torch.arange(self.n_items, device=self.device)
            )
        return self._history_tokens[items]

    def writing_tokens(self, items: Tensor) -> Tensor:
        """One token an item of a `{history}`, (B, LLM width), before the gain."""
        with torch.no_grad():  # the encoder is ranking's
            whole = self._tokens_of(items).flatten(1)
        return unit(self.writing_adapter(whole))

    def item_tokens(self, items: Tensor) -> Tensor:
        """Query outputs of these items, (B, K, width)."""
        return self.encoder.item_tokens(self.signals.select(items))

    def user_tokens(self, vectors: NDArray[np.float32]) -> Tensor:
        """Query outputs of users given by their factors (B, d), (B, K, width)."""
        signals = user_signals(vectors, self.user_standard).to(self.device)
        return self.encoder.item_tokens(signals)

    def splice(
        self,
        prompts: Sequence[Sequence[Segment]],
        *,
        answers: Sequence[str] | None = None,
        users: Mapping[int, NDArray[np.float32]] | None = None,
        pad_left: bool = False,
    ) -> Spliced:
        """Prompts -> embeddings, every distinct item through the encoder once.

        `history` placeholders become one token an item (which trains nothing but its adapter: the
        encoder is ranking's), `user` placeholders K tokens of the user vector that `users` holds
        under their number, all others K tokens an item. For a text-only model a history is its ids
        in words.
        """
        lookup = PlaceholderTokens(self, prompts, users)
        return splice(self.llm, prompts, lookup, answers=answers, pad_left=pad_left)

    def laid_in(self, items: Tensor) -> list[Tensor]:
        """What stands in a `{history}` for each item, (tokens of the item, LLM width) each."""
        if isinstance(self.encoder, IdWords):
            words = self.llm.embed(self.encoder.words[items]).float()
            return [row[mask] for row, mask in zip(words, self.encoder.mask[items], strict=True)]
        tokens = self.dropout(self.writing_tokens(items))[:, None] * self.gain
        return list(tokens.unbind(0))

    def spoken_of(self, items: Tensor) -> list[Tensor]:
        """What stands for each item in any other placeholder, (K, LLM width) each."""
        return list(self.adapt(self._tokens_of(items)).unbind(0))

    def style_tokens(self) -> Tensor:
        """What stands before a prompt for a text about items, (style_vectors, LLM width)."""
        return unit(torch.stack([*self.style])) * self.gain

    def _tokens_of(self, items: Tensor) -> Tensor:
        if self.training or torch.is_grad_enabled():
            return self.item_tokens(items)
        return self.catalogue_tokens()[items]

    def catalogue_tokens(self) -> Tensor:
        """Query outputs of the whole catalogue, (n_items, K, width), computed once at rest."""
        if self._catalogue_tokens is None:
            with torch.no_grad():
                everything = torch.arange(self.n_items, device=self.device)
                chunks = [self.item_tokens(part) for part in everything.split(256)]
            self._catalogue_tokens = torch.cat(chunks)
        return self._catalogue_tokens

    def train(self, mode: bool = True) -> Self:
        """Training moves what is computed once at rest, so that it is computed anew afterwards."""
        if mode:
            self._catalogue_tokens = self._history_tokens = None
        return super().train(mode)


@torch.no_grad()
def spread(tokens: Tensor) -> dict[str, float]:
    """How far tokens tell items apart: whether an encoder has collapsed.

    Args:
        tokens: query outputs of n items, (n, K, width).

    Returns:
        items: the share of the tokens' squares that lies between items (the rest is the same for
        all); queries: that between an item's K tokens; dimensions: in how many directions items
        differ (effective rank, Roy and Vetterli 2007).
    """
    tokens = tokens.float()
    total = tokens.square().sum()
    between = (tokens - tokens.mean(0)).flatten(1)
    energy = torch.linalg.svdvals(between).square()
    share = energy / energy.sum()
    return {
        "items": (energy.sum() / total).item(),
        "queries": ((tokens - tokens.mean(1, keepdim=True)).square().sum() / total).item(),
        "dimensions": torch.special.entr(share).sum().exp().item(),
    }


def unit(tokens: Tensor) -> Tensor:
    """Tokens on one scale, before the gain."""
    return F.layer_norm(tokens.float(), tokens.shape[-1:])
