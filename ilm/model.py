"""The item-language model: item tokens -> frozen LLM -> ranking or words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from data.errors import IlmChatError
from ilm import decoding, storage
from ilm.config import ModelConfig
from ilm.id_words import IdWords
from ilm.item_tokens import Encoder, ItemTokens
from ilm.llm import FrozenLLM, Turn, load_llm
from ilm.mlp import MlpEncoder
from ilm.qformer import QFormer, from_text_encoder
from ilm.ranking_head import Question, RankingHead
from ilm.signals import Signals, Standardisation
from ilm.storage import ItemIds
from ilm.text import encoder_folder
from prompts.openp5 import Kind, load_openings
from prompts.templates import Segment

RANK_BATCH = 32
MLP_WIDTH = 384
NOT_SAVED = re.compile(r"encoder\.(words\.|network\.encoder\.layer\.\d+\.(intermediate|output)\.)")


class ItemLanguageModel(ItemTokens):
    """An item-language model over one catalogue: it ranks it and speaks of it.

    Args: those of `ItemTokens`.

    Attributes:
        demonstrations: by ELM task what stands before its questions.
    """

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
        super().__init__(config, llm, encoder, signals, rankable, user_standard, ids)
        self.ranking = RankingHead(
            llm.width,
            config.rank_width,
            self.flat_signals.shape[1],
            self.n_items,
            trail=config.trail,
            free_vectors=config.free_vectors,
        )
        self.demonstrations: Mapping[str, Sequence[Turn]] = {}
        self._ranked: Tensor | None = None

    def train(self, mode: bool = True) -> Self:
        if mode:
            self._ranked = None
        return super().train(mode)

    # -- ranking --------------------------------------------------------------------------------

    def rank_features(self, histories: Sequence[NDArray[np.integer]], opening: str) -> Tensor:
        """What the ranking head reads after every prefix of each history, (B, T + 1, features).

        The LLM is causal, so one pass over a history yields a ranking before its first item, after
        its first, and so on: position t has seen the first t of at most T items. Positions behind
        a shorter history mean nothing.

        Args:
            histories: item indices, oldest first.
            opening: the words before the history, the same for all.
        """
        words = self._words(opening).expand(len(histories), -1, -1)
        if isinstance(self.encoder, IdWords):
            return self._text_features(_padded(histories), words)
        table, places = self._distinct(histories)
        tokens = self.dropout(table[places])
        embeds, newest = torch.cat([words, tokens * self.gain], 1), _newest(tokens)
        states = self.llm.hidden(embeds, None, self.config.rank_layers)[:, words.shape[1] - 1 :]
        return self.ranking.features(self.dropout(states.float()), newest)

    def _last_features(self, histories: Sequence[NDArray[np.integer]], opening: str) -> Tensor:
        """`rank_features` where each history ends, (B, features), at rest."""
        lengths = torch.tensor([len(history) for history in histories], device=self.device)
        if isinstance(self.encoder, IdWords):
            every = self.rank_features(histories, opening)
            return every[torch.arange(len(histories), device=self.device), lengths]
        table, places = self._distinct(histories)
        words, layers = self._words(opening), self.config.rank_layers
        states = self.llm.states_at(words, table * self.gain, places, lengths.tolist(), layers)
        return self.ranking.last_features(states, _newest(table[places]), lengths)

    def _distinct(self, histories: Sequence[NDArray[np.integer]]) -> tuple[Tensor, Tensor]:
        """Tokens of the distinct items, (n, width) before the gain, and (B, T) whose stands where;
        behind a shorter history stands anybody's."""
        items = _padded(histories)
        distinct, places = np.unique(items, return_inverse=True)
        table = self.tokens_of_history(torch.from_numpy(distinct).to(self.device))
        return table, torch.from_numpy(places.reshape(items.shape)).to(self.device)

    def _text_features(self, padded: NDArray[np.int64], words: Tensor) -> Tensor:
        """`rank_features` of a text-only model: the states at the last word of each id."""
        assert isinstance(self.encoder, IdWords)
        items = torch.from_numpy(padded).to(self.device)
        pieces, mask = self.encoder.words[items], self.encoder.mask[items]
        embeds = torch.cat([words, self.llm.embed(pieces).float().flatten(1, 2)], 1)
        seen = torch.cat([mask.new_ones(words.shape[:2]), mask.flatten(1)], 1)
        states = self.llm.hidden(embeds, seen, self.config.rank_layers).float()
        ends = states[:, words.shape[1] - 1 :: pieces.shape[2]]
        return self.ranking.features(self.dropout(ends), torch.zeros_like(ends))

    def user_features(self, vectors: NDArray[np.float32], opening: str) -> Tensor:
        """What the ranking head reads of users given by their factors (B, d), (B, features)."""
        tokens = self.dropout(self.adapted(self.user_tokens(vectors)))
        words = self._words(opening).expand(len(vectors), -1, -1)
        embeds = torch.cat([words, tokens * self.gain], 1)
        states = self.llm.hidden(embeds, None, self.config.rank_layers)[:, -1]
        return self.ranking.user_features(self.dropout(states.float()), tokens.mean(1))

    def rank_logits(self, features: Tensor, question: Question) -> Tensor:
        """Scores of all items, (..., n_items), from what `rank_features` gave."""
        return self.ranking(features, self._item_vectors(), question)

    def _item_vectors(self) -> Tensor:
        """What the ranking head holds queries against, (n_items, width), computed once at rest."""
        if self.training or torch.is_grad_enabled():
            return self.ranking.item_vectors(self.flat_signals)
        if self._ranked is None:
            self._ranked = self.ranking.item_vectors(self.flat_signals)
        return self._ranked

    def _words(self, text: str) -> Tensor:
        """Embeddings of a text, (T, LLM width)."""
        return self.llm.embed(torch.tensor(self.llm.token_ids(text), device=self.device)).float()

    @torch.no_grad()
    def rank(
        self,
        histories: Sequence[Sequence[int]],
        *,
        new_only: bool = False,
        prompt: Kind = "seen",
    ) -> NDArray[np.float32]:
        """One-step ranking of the whole catalogue after each history (oldest item first).

        Args:
            new_only: ask for items that the history does not hold; the scores of those that it
                holds then mean nothing and are for the caller to remove. Else what it holds is
                ranked too, as high as training has seen things chosen again.
            prompt: "unseen" asks in words that training never used.

        Returns:
            (B, n_items) logits or log probabilities; -inf for items outside the trained catalogue.
            An empty history is allowed and gives what a new viewer most likely chooses.
        """
        self.eval()
        opening = load_openings("sequential")[prompt][0]
        # Sorted by length, for little padding.
        order = sorted(range(len(histories)), key=lambda row: len(histories[row]))
        scores = np.empty((len(histories), self.n_items), dtype=np.float32)
        for start in range(0, len(order), RANK_BATCH):
            rows = order[start : start + RANK_BATCH]
            newest = [np.asarray(histories[r], np.int64)[-self.config.history :] for r in rows]
            features = self._last_features(newest, opening)
            if new_only or not self.config.repeats:
                scores[rows] = self._scores(features, "new" if new_only else "next")
                continue
            seen = torch.zeros(len(rows), self.n_items, dtype=torch.bool, device=self.device)
            for at, row in enumerate(rows):
                seen[at, list(histories[row])] = True
            again, new = self._logits(features, "next"), self._logits(features, "new")
            scores[rows] = self.ranking.log_probabilities(again, new, seen).cpu().numpy()
        return scores

    @torch.no_grad()
    def rank_users(
        self, vectors: NDArray[np.float32], *, new_only: bool = False, prompt: Kind = "seen"
    ) -> NDArray[np.float32]:
        """`rank` for users known by their factors (B, d) alone, in no order."""
        self.eval()
        opening = load_openings("straightforward")[prompt][0]
        question: Question = "user-new" if new_only else "user-next"
        chunks = [
            self._scores(self.user_features(vectors[start : start + RANK_BATCH], opening), question)
            for start in range(0, len(vectors), RANK_BATCH)
        ]
        return np.concatenate(chunks) if chunks else np.empty((0, self.n_items), np.float32)

    def _logits(self, features: Tensor, question: Question) -> Tensor:
        logits = self.rank_logits(features, question).float()
        return logits.masked_fill(~self.rankable, -torch.inf)

    def _scores(self, features: Tensor, question: Question) -> NDArray[np.float32]:
        return self._logits(features, question).cpu().numpy()

    # -- words ----------------------------------------------------------------------------------

    @torch.no_grad()
    def generate(
        self,
        segments: Sequence[Segment],
        *,
        users: Mapping[int, NDArray[np.float32]] | None = None,
        max_new_tokens: int = 96,
        stop: Callable[[], bool] | None = None,
    ) -> Iterator[str]:
        """Stream the LLM's answer to a prompt, greedily, in pieces of text."""
        self.eval()
        batch = self.splice([segments], users=users)
        return decoding.stream(self.llm, batch, max_new_tokens=max_new_tokens, stop=stop)

    @property
    def text_tokenizer(self) -> PreTrainedTokenizerBase:
        if not hasattr(self, "_text_tokenizer"):
            folder = encoder_folder(self.config.text_encoder)
            self._text_tokenizer = AutoTokenizer.from_pretrained(folder)
        return self._text_tokenizer

    # -- saving ---------------------------------------------------------------------------------

    def _trained(self) -> dict[str, Tensor]:
        return {n: v for n, v in self.state_dict().items() if not NOT_SAVED.match(n)}

    def save_pretrained(
        self, folder: Path, metadata: Mapping[str, Any], dtype: torch.dtype = torch.float32
    ) -> None:
        """Write what was trained, the signals, the configuration and `metadata` into `folder`.

        The LLM's weights and the text encoder's frozen word embeddings are never among them, nor
        is the feed-forward part of the Q-Former's text branch: a scaffold of stage 1, which stage 2
        pulls the shared attention away from.
        """
        given = {
            name: value
            for name, value in self.named_buffers()
            if name.startswith(("signal_", "present_", "rankable"))
        }
        storage.write(
            folder,
            config=self.config,
            ids=self.ids,
            demonstrations=self.demonstrations,
            state=self._trained(),
            given=given,
            user_standard=self.user_standard,
            metadata=metadata,
            dtype=dtype,
        )

    @classmethod
    def from_pretrained(
        cls, folder: Path, *, llm: FrozenLLM | str | None = None
    ) -> ItemLanguageModel:
        """Load a folder written by `save_pretrained`, to be used and not to be aligned again.

        Args:
            llm: the frozen LLM to use, by object, Hugging Face id or folder; None: the one it was
                trained with.

        Raises:
            IlmChatError: when a file is missing or does not fit, naming what differs.
        """
        saved = storage.read(Path(folder))
        if not isinstance(llm, FrozenLLM):
            llm = load_llm(llm or saved.config.llm)
        if saved.llm_width != llm.width:
            raise IlmChatError(
                f"{folder} was trained for a language model {saved.llm_width} wide and {llm.name} "
                f"is {llm.width} wide: train for it, or name the other one."
            )
        standard = saved.user_standard
        model = build(saved.config, llm, saved.signals, saved.rankable, standard, saved.ids)
        model.demonstrations = saved.demonstrations
        storage.load_trained(model, model._trained(), saved, Path(folder))
        if isinstance(model.encoder, QFormer):
            model.encoder.forget_texts()
        return model.eval()


def _newest(tokens: Tensor) -> Tensor:
    """(B, T, width) tokens of histories -> the newest one at T + 1 places, none at the first."""
    return F.pad(tokens, (0, 0, 1, 0))


def _padded(histories: Sequence[NDArray[np.integer]]) -> NDArray[np.int64]:
    """(B, T) items, each history at the beginning of its row and any item behind it."""
    items = np.zeros((len(histories), max(map(len, histories))), dtype=np.int64)
    for row, history in enumerate(histories):
        items[row, : len(history)] = history
    return items


def build(
    config: ModelConfig,
    llm: FrozenLLM,
    signals: Signals,
    rankable: Tensor,
    user_standard: Standardisation,
    ids: ItemIds,
) -> ItemLanguageModel:
    """A fresh model; its Q-Former's text branch is the text encoder."""
    signals = signals.only(config.modalities)
    widths = signals.widths | {"user": len(user_standard.mean)}
    if config.lora_rank:
        llm = llm.with_lora(config.lora_rank)
    encoder: Encoder
    if config.encoder == "qformer":
        folder = encoder_folder(config.text_encoder)
        encoder = from_text_encoder(folder, widths, config.num_queries)
    elif config.encoder == "mlp":
        encoder = MlpEncoder(widths, MLP_WIDTH, config.num_queries)
    else:
        encoder = IdWords(llm, len(signals), ids.texts)
    return ItemLanguageModel(config, llm, encoder, signals, rankable, user_standard, ids)
