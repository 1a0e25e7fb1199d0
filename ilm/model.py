"""The item-language model: signals -> item tokens -> adapter -> frozen LLM -> ranking or words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from data.errors import IlmChatError
from ilm import decoding, storage
from ilm.config import ModelConfig
from ilm.id_words import IdWords
from ilm.llm import FrozenLLM, load_llm
from ilm.mlp import MlpEncoder
from ilm.placeholders import PlaceholderTokens
from ilm.qformer import QFormer, from_text_encoder
from ilm.ranking_head import Question, RankingHead
from ilm.signals import Signals, Standardisation, user_signals
from ilm.splice import Spliced, splice
from ilm.storage import ItemIds
from ilm.text import encoder_folder
from prompts.openp5 import Kind, load_openings
from prompts.templates import Segment

RANK_BATCH = 32
HEAD_SHARE = {"text": 0.15}
"""Strength of a modality in the ranking head's item vectors. At full strength 384 numbers of text
drown 64 of who-chose-what: training loss after 24 steps was 6.14, and 5.99 with this share."""
MLP_WIDTH = 384
NOT_SAVED = re.compile(r"encoder\.(words\.|network\.encoder\.layer\.\d+\.(intermediate|output)\.)")

Encoder = QFormer | MlpEncoder | IdWords


class ItemLanguageModel(nn.Module):
    """An item-language model over one catalogue.

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
        # Small, so that the first steps turn them: what is laid in has the scale of `gain`.
        self.style = nn.ParameterList(
            torch.randn(llm.width) * 0.02 for _ in range(config.style_vectors)
        )
        self.dropout = nn.Dropout(config.dropout)
        for name, vectors in signals.vectors.items():
            self.register_buffer(f"signal_{name}", vectors, persistent=False)
            self.register_buffer(f"present_{name}", signals.present[name], persistent=False)
        self.register_buffer("rankable", rankable, persistent=False)
        flat = self._flat_signals(signals)
        self.register_buffer("flat_signals", flat, persistent=False)
        self.ranking = RankingHead(
            llm.width,
            config.rank_width,
            flat.shape[1],
            self.n_items,
            trail=config.trail,
            free_vectors=config.free_vectors,
        )
        self._catalogue_tokens: Tensor | None = None
        self._ranked: Tensor | None = None

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

    # -- tokens ---------------------------------------------------------------------------------

    def adapt(self, tokens: Tensor) -> Tensor:
        """Query outputs (B, K, width) -> tokens of `{item}` and `{user}`, (B, K, LLM width)."""
        return _unit(self.adapter(tokens)) * self.gain

    def history_tokens(self, items: Tensor) -> Tensor:
        """One token an item of a history that is ranked after, (B, LLM width), before the gain."""
        whole = self._tokens_of(items).flatten(1)
        direct = self.direct(self.flat_signals[items])
        return _unit(self.history_adapter(whole) + direct + self.free[items])

    def writing_tokens(self, items: Tensor) -> Tensor:
        """One token an item of a `{history}`, (B, LLM width), before the gain."""
        with torch.no_grad():  # the encoder is ranking's
            whole = self._tokens_of(items).flatten(1)
        return _unit(self.writing_adapter(whole))

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
        return _unit(torch.stack([*self.style])) * self.gain

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

    def train(self, mode: bool = True) -> ItemLanguageModel:
        """Training moves what is computed once at rest, so that it is computed anew afterwards."""
        if mode:
            self._catalogue_tokens = self._ranked = None
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
        longest = max(len(history) for history in histories)
        items = np.zeros((len(histories), longest), dtype=np.int64)
        for row, history in enumerate(histories):
            items[row, : len(history)] = history
        words = self._words(opening).expand(len(histories), -1, -1)
        if isinstance(self.encoder, IdWords):
            return self._text_features(torch.from_numpy(items).to(self.device), words)
        distinct, place = np.unique(items, return_inverse=True)
        table = self.history_tokens(torch.from_numpy(distinct).to(self.device))
        tokens = self.dropout(table[torch.from_numpy(place.reshape(items.shape)).to(self.device)])
        embeds = torch.cat([words, tokens * self.gain], 1)
        states = self.llm.hidden(embeds, None, self.config.rank_layers)[:, words.shape[1] - 1 :]
        newest = F.pad(tokens, (0, 0, 1, 0))  # no item is the newest before the first
        return self.ranking.features(self.dropout(states.float()), newest)

    def _text_features(self, items: Tensor, words: Tensor) -> Tensor:
        """`rank_features` of a text-only model: the states at the last word of each id."""
        assert isinstance(self.encoder, IdWords)
        pieces, mask = self.encoder.words[items], self.encoder.mask[items]
        embeds = torch.cat([words, self.llm.embed(pieces).float().flatten(1, 2)], 1)
        seen = torch.cat([mask.new_ones(words.shape[:2]), mask.flatten(1)], 1)
        states = self.llm.hidden(embeds, seen, self.config.rank_layers).float()
        ends = states[:, words.shape[1] - 1 :: pieces.shape[2]]
        return self.ranking.features(self.dropout(ends), torch.zeros_like(ends))

    def user_features(self, vectors: NDArray[np.float32], opening: str) -> Tensor:
        """What the ranking head reads of users given by their factors (B, d), (B, features)."""
        tokens = self.dropout(_unit(self.adapter(self.user_tokens(vectors))))
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
                holds then mean nothing and are for the caller to remove.
            prompt: "unseen" asks in words that training never used.

        Returns:
            (B, n_items) logits; -inf for items outside the trained catalogue. An empty history is
            allowed and gives what a new viewer most likely chooses.
        """
        self.eval()
        opening = load_openings("sequential")[prompt][0]
        # Sorted by length, for little padding.
        order = sorted(range(len(histories)), key=lambda row: len(histories[row]))
        scores = np.empty((len(histories), self.n_items), dtype=np.float32)
        for start in range(0, len(order), RANK_BATCH):
            rows = order[start : start + RANK_BATCH]
            newest = [np.asarray(histories[r], np.int64)[-self.config.history :] for r in rows]
            features = self.rank_features(newest, opening)
            last = torch.tensor([len(history) for history in newest], device=self.device)
            final = features[torch.arange(len(rows), device=self.device), last]
            scores[rows] = self._scores(final, "new" if new_only else "next")
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

    def _scores(self, features: Tensor, question: Question) -> NDArray[np.float32]:
        logits = self.rank_logits(features, question).float()
        return logits.masked_fill(~self.rankable, -torch.inf).cpu().numpy()

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
        """Load a folder written by `save_pretrained`.

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
        storage.load_trained(model, model._trained(), saved, Path(folder))
        return model.eval()


def _unit(tokens: Tensor) -> Tensor:
    return F.layer_norm(tokens.float(), tokens.shape[-1:])


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
