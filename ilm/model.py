"""The item-language model: signals -> item tokens -> adapter -> frozen LLM -> ranking or words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from data.errors import IlmChatError
from ilm import decoding
from ilm.config import ModelConfig
from ilm.llm import FrozenLLM, load_llm
from ilm.mlp import MlpEncoder
from ilm.qformer import QFormer, TextBatch, from_text_encoder
from ilm.ranking_head import RankingHead
from ilm.signals import Signals, Standardisation, user_signals
from ilm.splice import Spliced, splice
from ilm.text import encoder_folder
from prompts.templates import FILES, Placeholder, Segment, load_template

RANK_BATCH = 32
HEAD_SHARE = {"text": 0.15}
"""Strength of a modality in the ranking head's item vectors. At full strength 384 numbers of text
drown 64 of who-chose-what: training loss after 24 steps was 6.14, and 5.99 with this share."""
MLP_WIDTH = 384


class ItemLanguageModel(nn.Module):
    """An item-language model over one catalogue.

    The frozen LLM is no submodule: `parameters()` and `state_dict()` are exactly what is trained.

    Args:
        config: shape of the model.
        llm: the frozen language model.
        encoder: Q-Former or MLP.
        signals: of every item of the catalogue.
        rankable: (n_items,) bool; True for items that `rank` may return.
        user_standard: brings user factors to the scale of the `user` signal.
    """

    rankable: Tensor
    flat_signals: Tensor

    def __init__(
        self,
        config: ModelConfig,
        llm: FrozenLLM,
        encoder: QFormer | MlpEncoder,
        signals: Signals,
        rankable: Tensor,
        user_standard: Standardisation,
    ) -> None:
        super().__init__()
        if config.rank_layers > llm.layers:
            raise IlmChatError(
                f"rank_layers is {config.rank_layers} and {llm.name} has {llm.layers} layers: "
                "lower rank_layers."
            )
        self.config = config
        self.encoder = encoder
        self._llm = (llm,)  # in a tuple, so that nn.Module does not register it
        self.user_standard = user_standard
        self.n_items = len(signals)
        self.adapter = nn.Linear(encoder.width, llm.width)
        self.history_adapter = nn.Linear(config.num_queries * encoder.width, llm.width)
        # Tokens start on the scale of word embeddings and may find their own.
        self.gain = nn.Parameter(torch.tensor(llm.embedding_rms))
        self.dropout = nn.Dropout(config.dropout)
        for name, vectors in signals.vectors.items():
            self.register_buffer(f"signal_{name}", vectors, persistent=False)
            self.register_buffer(f"present_{name}", signals.present[name], persistent=False)
        self.register_buffer("rankable", rankable, persistent=False)
        flat = self._flat_signals(signals)
        self.register_buffer("flat_signals", flat, persistent=False)
        self.ranking = RankingHead(llm.width, config.rank_width, flat.shape[1], self.n_items)
        self._catalogue_tokens: Tensor | None = None
        self._rank_template = load_template(FILES / "rank.txt")

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
        return self._scale(self.adapter(tokens))

    def adapt_history(self, tokens: Tensor) -> Tensor:
        """Query outputs (B, K, width) -> one `{history}` token an item, (B, LLM width)."""
        return self._scale(self.history_adapter(self.dropout(tokens.flatten(1))))

    def _scale(self, tokens: Tensor) -> Tensor:
        return F.layer_norm(tokens.float(), tokens.shape[-1:]) * self.gain

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
        users: dict[int, NDArray[np.float32]] | None = None,
        pad_left: bool = False,
    ) -> Spliced:
        """Prompts -> embeddings, every distinct item through the encoder once.

        `history` placeholders become one token an item, `user` placeholders K tokens of the user
        vector that `users` holds under their number, all others K tokens an item.
        """
        found = [part for prompt in prompts for part in prompt if isinstance(part, Placeholder)]
        wanted = sorted({i for part in found if part.name != "user" for i in part.items})
        position = {item: row for row, item in enumerate(wanted)}
        if wanted:
            tokens = self._tokens_of(torch.tensor(wanted, device=self.device))
            whole, short = self.adapt(tokens), self.adapt_history(tokens)

        def lookup(placeholder: Placeholder) -> Tensor:
            if placeholder.name == "user":
                if users is None or any(number not in users for number in placeholder.items):
                    raise IlmChatError("The prompt has a {user} and no vector was given for it.")
                vectors = np.stack([users[number] for number in placeholder.items])
                return self.adapt(self.user_tokens(vectors)).flatten(0, 1)
            rows = [position[item] for item in placeholder.items]
            if not rows:
                return torch.zeros(0, self.llm.width, device=self.device)
            return short[rows] if placeholder.name == "history" else whole[rows].flatten(0, 1)

        return splice(self.llm, prompts, lookup, answers=answers, pad_left=pad_left)

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
        """Training moves the item tokens, so that they are computed anew afterwards."""
        if mode:
            self._catalogue_tokens = None
        return super().train(mode)

    # -- ranking --------------------------------------------------------------------------------

    def rank_logits(self, histories: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Scores of all items after every prefix of each history.

        The LLM is causal, so one pass over a history yields a ranking before its first item, after
        its first, and so on.

        Returns:
            logits (B, T + 1, n_items) for the longest history of T items, and mask (B, T + 1) bool,
            True where the prefix exists. Position t has seen the first t items.
        """
        prompts = [self._rank_template.render(history=list(history)) for history in histories]
        batch = self.splice(prompts)
        states = self.llm.hidden(batch.embeds, batch.mask, self.config.rank_layers).float()
        longest = max(len(history) for history in histories)
        start = self._first_item(batch, histories)
        offsets = torch.arange(longest + 1, device=self.device)
        lengths = torch.tensor([len(history) for history in histories], device=self.device)
        mask = offsets[None] <= lengths[:, None]
        index = (start - 1 + offsets)[None].expand(len(histories), -1)
        index = index.clamp(max=states.shape[1] - 1)
        rows = torch.arange(len(histories), device=self.device)[:, None]
        newest = (batch.embeds / self.gain * batch.item[..., None])[rows, index]
        states = self.dropout(states[rows, index])
        return self.ranking(states, newest, self.flat_signals), mask

    def _first_item(self, batch: Spliced, histories: Sequence[Sequence[int]]) -> int:
        """Position of the first history item: the same in every row, behind the same words."""
        for row, history in enumerate(histories):
            if len(history):
                return int(batch.item[row].int().argmax())
        return int(batch.lengths().max())

    @torch.no_grad()
    def rank(self, histories: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """One-step ranking of the whole catalogue after each history (oldest item first).

        Returns:
            (B, n_items) logits; -inf for items outside the trained catalogue. An empty history is
            allowed and gives what a new viewer most likely chooses.
        """
        self.eval()
        # Sorted by length, for little padding.
        order = sorted(range(len(histories)), key=lambda row: len(histories[row]))
        scores = np.empty((len(histories), self.n_items), dtype=np.float32)
        for start in range(0, len(order), RANK_BATCH):
            rows = order[start : start + RANK_BATCH]
            newest = [[int(i) for i in histories[row]][-self.config.history :] for row in rows]
            logits, mask = self.rank_logits(newest)
            last = mask.sum(1) - 1
            final = logits[torch.arange(len(rows), device=self.device), last]
            final = final.masked_fill(~self.rankable, -torch.inf)
            scores[rows] = final.float().cpu().numpy()
        return scores

    # -- words ----------------------------------------------------------------------------------

    @torch.no_grad()
    def generate(
        self,
        segments: Sequence[Segment],
        *,
        users: dict[int, NDArray[np.float32]] | None = None,
        max_new_tokens: int = 96,
        stop: Callable[[], bool] | None = None,
    ) -> Iterator[str]:
        """Stream the LLM's answer to a prompt, greedily, in pieces of text."""
        self.eval()
        batch = self.splice([segments], users=users)
        return decoding.stream(self.llm, batch, max_new_tokens=max_new_tokens, stop=stop)

    @torch.no_grad()
    def generate_ids(
        self, segments: Sequence[Segment], ids: dict[str, int], *, beams: int = 10
    ) -> list[tuple[int, float]]:
        """Beam search over id texts under a trie: distinct (item, log probability), best first."""
        self.eval()
        return decoding.constrained_beams(self.llm, self.splice([segments]), ids, beams=beams)

    @property
    def text_tokenizer(self) -> PreTrainedTokenizerBase:
        if not hasattr(self, "_text_tokenizer"):
            folder = encoder_folder(self.config.text_encoder)
            self._text_tokenizer = AutoTokenizer.from_pretrained(folder)
        return self._text_tokenizer

    # -- saving ---------------------------------------------------------------------------------

    def save_pretrained(
        self, folder: Path, metadata: Mapping[str, Any], dtype: torch.dtype = torch.float32
    ) -> None:
        """Write what was trained, the signals, the configuration and `metadata` into `folder`.

        The LLM's weights and the text encoder's frozen word embeddings are never among them.
        """
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {
            f"trained.{name}": value.to(dtype).contiguous()
            for name, value in self.state_dict().items()
            if not name.startswith("encoder.words.")
        }
        for name, value in self.named_buffers():
            if name.startswith(("signal_", "present_", "rankable")):
                kept = value if value.dtype == torch.bool else value.to(dtype)
                tensors[f"given.{name}"] = kept.contiguous()
        tensors["given.user_mean"] = torch.from_numpy(self.user_standard.mean)
        tensors["given.user_spread"] = torch.from_numpy(self.user_standard.spread)
        save_file(tensors, folder / "model.safetensors")
        settings = {"n_items": self.n_items, "model": self.config.model_dump(mode="json")}
        (folder / "config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
        (folder / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n", "utf-8")

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
        folder = Path(folder)
        for name in ("config.json", "model.safetensors"):
            if not (folder / name).is_file():
                raise IlmChatError(
                    f"{folder} holds no trained model ({name} is missing): run `make train`, or "
                    "name a folder that `python -m ilm train` wrote."
                )
        try:
            settings = json.loads((folder / "config.json").read_text("utf-8"))
            config, n_items = ModelConfig.model_validate(settings["model"]), settings["n_items"]
            tensors = load_file(folder / "model.safetensors")
            given = _under("given.", tensors)
            signals = Signals(
                {name: given[f"signal_{name}"].float() for name in config.modalities},
                {name: given[f"present_{name}"] for name in config.modalities},
            )
            standard = Standardisation(given["user_mean"].numpy(), given["user_spread"].numpy())
            rankable = given["rankable"]
            trained = {name: value.float() for name, value in _under("trained.", tensors).items()}
            width = len(trained["adapter.weight"])
        except (ValueError, KeyError, TypeError, SafetensorError) as error:
            raise IlmChatError(
                f"{folder} holds a damaged model ({type(error).__name__}): fetch or train it again."
            ) from error
        if len(signals) != n_items:
            raise IlmChatError(
                f"{folder} says {n_items} items and its weights hold {len(signals)}: "
                "the files are of two different models."
            )
        if not isinstance(llm, FrozenLLM):
            llm = load_llm(llm or config.llm)
        if width != llm.width:
            raise IlmChatError(
                f"{folder} was trained for a language model {width} wide and {llm.name} is "
                f"{llm.width} wide: train for it, or name the other one."
            )
        model = build(config, llm, signals, rankable, standard)
        own = {n: v for n, v in model.state_dict().items() if not n.startswith("encoder.words.")}
        differ = sorted(
            name
            for name in own.keys() | trained.keys()
            if name not in own or name not in trained or own[name].shape != trained[name].shape
        )
        if differ:
            raise IlmChatError(
                f"{folder} does not fit its configuration (tensors {', '.join(differ[:3])}): fetch "
                "or train it again."
            )
        model.load_state_dict(trained, strict=False)
        return model.eval()


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }


def tokenise(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_tokens: int
) -> TextBatch:
    """Texts -> padded ids and their mask, for the Q-Former's text branch."""
    encoded = tokenizer(
        list(texts), padding=True, truncation=True, max_length=max_tokens, return_tensors="pt"
    )
    return TextBatch(encoded.input_ids, encoded.attention_mask.bool())


def build(
    config: ModelConfig,
    llm: FrozenLLM,
    signals: Signals,
    rankable: Tensor,
    user_standard: Standardisation,
) -> ItemLanguageModel:
    """A fresh model; its Q-Former's text branch is the text encoder."""
    signals = signals.only(config.modalities)
    widths = signals.widths | {"user": len(user_standard.mean)}
    encoder: QFormer | MlpEncoder
    if config.encoder == "qformer":
        folder = encoder_folder(config.text_encoder)
        encoder = from_text_encoder(folder, widths, config.num_queries)
    else:
        encoder = MlpEncoder(widths, MLP_WIDTH, config.num_queries)
    return ItemLanguageModel(config, llm, encoder, signals, rankable, user_standard)
