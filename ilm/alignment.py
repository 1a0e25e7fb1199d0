"""Stage 1: the Q-Former learns to read item signals against texts and against who chose what.

Item-text batches (ITC, ITM, ITG) alternate with pair batches (II, UI).
Source: BLIP-2 (2301.12597) §3.1; ILM (2406.02844) §3.2.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from data.catalogue import Catalogue
from data.errors import IlmChatError
from data.interactions import Interactions
from ilm.config import AlignmentConfig
from ilm.losses import (
    VARIANTS,
    contrastive,
    hard_negatives,
    item_item_similarity,
    matching,
    next_token,
    query_text_similarity,
)
from ilm.model import ItemLanguageModel
from ilm.qformer import QFormer, TextBatch, tokenise
from ilm.signals import Signals, user_signals
from ilm.training import batch_generator

UNSEEN = 0.01
"""What a word that stands in none of the texts counts as."""


@dataclass(frozen=True)
class AlignmentData:
    """What stage 1 reads.

    Attributes:
        texts: one a catalogue item.
        train_items, held_out_items: items whose texts are learned, or kept for evaluation.
        successive: (n, 2) items chosen in succession by one user (training interactions).
        chosen: (n, 2) user and item of each training interaction.
        user_factors: (n_users, d).
    """

    texts: TextBatch
    train_items: NDArray[np.int64]
    held_out_items: NDArray[np.int64]
    successive: NDArray[np.int64]
    chosen: NDArray[np.int64]
    user_factors: NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """What one step reads.

    Attributes:
        name: IT, II or UI.
        left: B items, or users.
        right: the items' texts, or B items that go with what is on the left.
        same: (B, B) bool; True where the right one of another row would be right as well.
    """

    name: str
    left: Signals
    right: Signals | TextBatch
    same: Tensor


def alignment_data(
    config: AlignmentConfig,
    catalogue: Catalogue,
    train: Interactions,
    user_factors: NDArray[np.float32],
    tokenizer: PreTrainedTokenizerBase,
    seed: int,
    *,
    silent: Collection[int] = (),
) -> AlignmentData:
    """Texts and pairs; `train` must hold no validation or test interaction.

    silent: items whose texts are neither learned nor kept for evaluation.
    """
    source = "catalogue" if config.text == "none" else config.text
    texts = [catalogue.text(index, source) for index in range(len(catalogue))]
    items = np.setdiff1d(train.active_items(), np.fromiter(silent, np.int64)).astype(np.int64)
    items = np.random.default_rng([seed, 1]).permutation(items)
    kept = round(config.held_out * len(items))
    pairs = [np.stack([s[:-1], s[1:]], 1) for s in train.sequences() if len(s) > 1]
    return AlignmentData(
        texts=tokenise(tokenizer, texts, config.max_tokens),
        train_items=items[kept:],
        held_out_items=items[:kept],
        successive=np.concatenate(pairs).astype(np.int64),
        chosen=np.stack([train.users, train.items], 1).astype(np.int64),
        user_factors=user_factors,
    )


class Alignment:
    """The steps of stage 1 for one model."""

    def __init__(
        self, model: ItemLanguageModel, config: AlignmentConfig, data: AlignmentData, seed: int
    ) -> None:
        if not isinstance(model.encoder, QFormer):
            raise IlmChatError("Stage 1 aligns a Q-Former; this model has another encoder.")
        self.model, self.config, self.data, self.seed = model, config, data, seed
        self.qformer: QFormer = model.encoder
        # Item-text batches and those of each pair loss take turns.
        self.turns = [*(["IT"] if config.text != "none" else []), *VARIANTS[config.variant]]
        self.batches = max(1, len(data.train_items) // config.batch_size)

    @property
    def steps(self) -> int:
        return self.config.epochs * self.batches * len(self.turns)

    @torch.no_grad()
    def start_at_base_rates(self) -> None:
        """Before the first step: words as frequent as in the texts to be learned.

        Otherwise their frequencies are what generation asks of the whole network first: its loss on
        kept-out texts was 6.11 after 160 steps, and 6.34 from even ones.
        """
        items = torch.from_numpy(self.data.train_items)
        words = self.data.texts.ids[items][self.data.texts.mask[items]]
        counts = torch.bincount(words, minlength=len(self.qformer.word_bias)) + UNSEEN
        self.qformer.word_bias.copy_((counts / counts.sum()).log())

    def groups(self) -> list[dict[str, object]]:
        """Parameters that came from the text encoder, and those that start fresh.

        At one rate for both the fresh cross-attention stays blind, or all item tokens become one:
        with what was copied at 2e-4 and the rest at 1e-3 the queries of an item were the same after
        20 steps (`spread`: 0.0003), at 2e-5 and 1e-3 they are not (0.04), and the right text is
        found for a fifth of the items kept out in place of an eighth.
        """
        copied, fresh = self.qformer.copied_and_fresh_parameters()
        decay = self.config.weight_decay
        return [
            {"params": copied, "lr": self.config.learning_rate, "weight_decay": decay},
            {"params": fresh, "lr": self.config.fresh_learning_rate, "weight_decay": decay},
        ]

    def step(self, number: int) -> dict[str, Tensor]:
        """Losses by name of step `number`: item-text, then each pair loss in turn."""
        return self.losses(self.batch(number))

    def batch(self, number: int) -> Batch:
        """What step `number` reads."""
        batch, turn = divmod(number, len(self.turns))
        name = self.turns[turn]
        if name == "IT":
            return self.items_with_texts(self._items(batch))
        return self.pairs(name, batch_generator(self.seed, 2, number))

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """ITC, ITM and ITG of items with their texts, or the one loss of pairs."""
        vectors = self.qformer.item_vectors(self.qformer.item_tokens(batch.left))
        if isinstance(batch.right, TextBatch):
            return self._item_text_losses(batch.left, vectors, batch.right, batch.same)
        right = self.qformer.item_vectors(self.qformer.item_tokens(batch.right))
        similarity = item_item_similarity(vectors, right)
        return {batch.name: contrastive(similarity, self.qformer.temperature, batch.same)}

    def _items(self, batch: int) -> Tensor:
        epoch, position = divmod(batch, self.batches)
        order = batch_generator(self.seed, 3, epoch).permutation(self.data.train_items)
        size = self.config.batch_size
        return torch.from_numpy(order[position * size : (position + 1) * size])

    def items_with_texts(self, items: Tensor) -> Batch:
        """A batch of (B,) distinct items."""
        device = self.model.device
        same = torch.eye(len(items), dtype=torch.bool, device=device)
        signals = self.model.signals.select(items.to(device))
        return Batch("IT", signals, self._texts(items), same)

    def pairs(self, name: str, rng: np.random.Generator) -> Batch:
        """II (items chosen in succession) or UI (users with an item they chose), drawn."""
        table = self.data.successive if name == "II" else self.data.chosen
        rows = table[rng.choice(len(table), min(self.config.pair_batch_size, len(table)))]
        left_ids, right_ids = torch.from_numpy(rows).to(self.model.device).unbind(1)
        if name == "II":
            left = self.model.signals.select(left_ids)
        else:
            vectors = self.data.user_factors[rows[:, 0]]
            left = user_signals(vectors, self.model.user_standard).to(self.model.device)
        same = (left_ids[:, None] == left_ids) | (right_ids[:, None] == right_ids)
        return Batch(name, left, self.model.signals.select(right_ids), same)

    def _item_text_losses(
        self, signals: Signals, vectors: Tensor, text: TextBatch, same: Tensor
    ) -> dict[str, Tensor]:
        similarity = query_text_similarity(vectors, self.qformer.text_vectors(text))
        losses = {"ITC": contrastive(similarity, self.qformer.temperature, same)}

        wrong_text = hard_negatives(similarity, same)
        wrong_item = hard_negatives(similarity.T, same)
        positive = self.qformer.match_logits(signals, text)
        shuffled = TextBatch(text.ids[wrong_text], text.mask[wrong_text])
        negative = torch.cat(
            [
                self.qformer.match_logits(signals, shuffled),
                self.qformer.match_logits(signals.select(wrong_item), text),
            ]
        )
        rows = torch.arange(len(same), device=same.device).repeat(2)
        valid = torch.cat([wrong_text, wrong_item]) != rows
        losses["ITM"] = matching(positive, negative, valid)
        losses["ITG"] = self._generation_loss(signals, text)
        return losses

    def _generation_loss(self, signals: Signals, text: TextBatch) -> Tensor:
        logits = self.qformer.generation_logits(signals, text)
        return next_token(logits, text.ids, text.mask)

    def _texts(self, items: Tensor) -> TextBatch:
        ids, mask = self.data.texts.ids[items], self.data.texts.mask[items]
        longest = int(mask.sum(1).max())
        device = self.model.device
        return TextBatch(ids[:, :longest].to(device), mask[:, :longest].to(device))

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Item-text generation loss per token on held-out items, and on as many trained ones, and
        retrieval of the right text among the held-out ones.

        The losses are what Table 5 of the ILM paper reports.
        """
        self.model.eval()
        held_out = torch.from_numpy(self.data.held_out_items)
        if not len(held_out) or self.config.text == "none":
            return {}
        vectors, texts = [], []
        for part in held_out.split(self.config.batch_size):
            signals = self.model.signals.select(part.to(self.model.device))
            vectors.append(self.qformer.item_vectors(self.qformer.item_tokens(signals)))
            texts.append(self.qformer.text_vectors(self._texts(part)))
        similarity = query_text_similarity(torch.cat(vectors), torch.cat(texts))
        hit = similarity.argmax(1).cpu() == torch.arange(len(held_out))
        return {
            "ITG": self._mean_generation_loss(held_out),
            "ITG train": self._mean_generation_loss(
                torch.from_numpy(self.data.train_items[: len(held_out)])
            ),
            "retrieval@1": hit.float().mean().item(),
        }

    def _mean_generation_loss(self, items: Tensor) -> float:
        """Over the tokens of these items' texts."""
        total, tokens = 0.0, 0
        for part in items.split(self.config.batch_size):
            text = self._texts(part)
            count = int(text.mask[:, 1:].sum())
            signals = self.model.signals.select(part.to(self.model.device))
            total += self._generation_loss(signals, text).item() * count
            tokens += count
        return total / tokens
