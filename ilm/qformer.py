"""The Q-Former: an item's signals -> a few item tokens, aligned with language.

The network is `transformers.Blip2QFormerModel`, initialised from a BERT-like text encoder
(MiniLM); ours are the signal projections, the queries, the masks and the heads.
Source: BLIP-2 (arXiv 2301.12597) §3.1; ILM (arXiv 2406.02844) §3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import (
    AutoModel,
    Blip2QFormerConfig,
    Blip2QFormerModel,
    PreTrainedTokenizerBase,
)
from transformers.models.blip_2.modeling_blip_2 import Blip2TextEmbeddings

from ilm.signals import Signals

PROJECTION_WIDTH = 256
"""Width of the space that items, users and texts are compared in (as in BLIP-2)."""


@dataclass(frozen=True)
class TextBatch:
    """Tokenised texts: ids (B, T), mask (B, T) where True means that a token stands there."""

    ids: Tensor
    mask: Tensor


class QFormer(nn.Module):
    """Queries that cross-attend to an item's signals, with a text branch beside them.

    Args:
        config: shape of the network; `use_qformer_text_input` must be set.
        widths: modality -> width of its signal vectors.
        num_queries: item tokens that come out per item (K).
    """

    def __init__(
        self, config: Blip2QFormerConfig, widths: dict[str, int], num_queries: int
    ) -> None:
        super().__init__()
        self.config = config
        self.num_queries: int = num_queries
        self.width: int = config.hidden_size
        width = self.width
        self.network = Blip2QFormerModel(config)
        # transformers starts queries at zero, where all would stay equal to each other.
        self.queries = nn.Parameter(torch.randn(num_queries, width) * config.initializer_range)
        self.projections = nn.ModuleDict({n: nn.Linear(w, width) for n, w in widths.items()})
        self.modality = nn.ParameterDict(
            {n: nn.Parameter(torch.randn(width) * config.initializer_range) for n in widths}
        )
        self.words = Blip2TextEmbeddings(config).requires_grad_(False)
        self.item_head = nn.Linear(width, PROJECTION_WIDTH)
        self.text_head = nn.Linear(width, PROJECTION_WIDTH)
        self.match_head = nn.Linear(width, 2)
        self.temperature = nn.Parameter(torch.tensor(0.07))
        self.word_transform = nn.Sequential(
            nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width, eps=config.layer_norm_eps)
        )
        self.word_bias = nn.Parameter(torch.zeros(config.vocab_size))

    def copied_and_fresh_parameters(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Trained parameters that came from a text encoder, and those that started fresh."""
        copied: list[nn.Parameter] = []
        fresh: list[nn.Parameter] = []
        for name, parameter in self.named_parameters():
            if parameter.requires_grad:
                old = name.startswith("network.") and "crossattention" not in name
                (copied if old else fresh).append(parameter)
        return copied, fresh

    def encode_signals(self, signals: Signals) -> tuple[Tensor, Tensor]:
        """Encoder states (B, vectors, width) and their mask (B, vectors), True = present."""
        states, mask = [], []
        for name, vectors in signals.vectors.items():
            states.append(self.projections[name](vectors) + self.modality[name])
            mask.append(signals.present[name][:, None].expand(-1, vectors.shape[1]))
        return torch.cat(states, 1), torch.cat(mask, 1)

    def item_tokens(self, signals: Signals) -> Tensor:
        """Query outputs for each item, (B, K, width)."""
        states, mask = self.encode_signals(signals)
        return self.network(
            query_embeds=self.queries.expand(len(signals), -1, -1),
            encoder_hidden_states=states,
            encoder_attention_mask=additive_mask(mask[:, None, None, :]),
        ).last_hidden_state

    def text_states(self, text: TextBatch) -> Tensor:
        """Output of the text branch alone, (B, T, width)."""
        return self.network(
            query_embeds=self.words(text.ids),
            query_length=0,
            attention_mask=additive_mask(text.mask[:, None, None, :]),
        ).last_hidden_state

    def _joint(self, signals: Signals, text: TextBatch, mask: Tensor) -> Tensor:
        states, present = self.encode_signals(signals)
        queries = self.queries.expand(len(signals), -1, -1)
        return self.network(
            query_embeds=self.words(input_ids=text.ids, query_embeds=queries),
            query_length=queries.shape[1],
            attention_mask=additive_mask(mask),
            encoder_hidden_states=states,
            encoder_attention_mask=additive_mask(present[:, None, None, :]),
        ).last_hidden_state

    def match_logits(self, signals: Signals, text: TextBatch) -> Tensor:
        """ITM: does this text belong to this item? (B, 2) logits, mean over queries."""
        count = self.queries.shape[0]
        seen = torch.cat([text.mask.new_ones(len(text.mask), count), text.mask], 1)
        joint = self._joint(signals, text, seen[:, None, None, :])
        return self.match_head(joint[:, :count]).mean(1)

    def generation_logits(self, signals: Signals, text: TextBatch) -> Tensor:
        """ITG: next-word logits at every text position, (B, T, vocabulary).

        Queries see queries only; a text position sees the queries and the text up to itself.
        """
        count, length = self.queries.shape[0], text.ids.shape[1]
        visible = torch.ones(
            count + length, count + length, dtype=torch.bool, device=text.ids.device
        ).tril()
        visible[:count, :count] = True
        seen = torch.cat([text.mask.new_ones(len(text.mask), count), text.mask], 1)
        joint = self._joint(signals, text, visible[None, None] & seen[:, None, None, :])
        words = self.word_transform(joint[:, count:])
        return words @ self.words.word_embeddings.weight.T + self.word_bias

    def forget_texts(self) -> None:
        """Drop what reads texts, a third of all weights: item tokens do without it."""
        del self.words
        for layer in self.network.encoder.layer:
            del layer.intermediate, layer.output

    def item_vectors(self, tokens: Tensor) -> Tensor:
        """Item tokens (B, K, width) -> unit vectors (B, K, PROJECTION_WIDTH)."""
        return F.normalize(self.item_head(tokens), dim=-1)

    def text_vectors(self, text: TextBatch) -> Tensor:
        """Texts -> unit vectors (B, PROJECTION_WIDTH).

        Mean over the words and not BLIP-2's first token: it is the mean that MiniLM was trained to
        put a sentence's meaning into.
        """
        states, mask = self.text_states(text), text.mask[..., None]
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
        return F.normalize(self.text_head(mean), dim=-1)


def tokenise(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_tokens: int
) -> TextBatch:
    """Texts -> padded ids and their mask, for the Q-Former's text branch."""
    encoded = tokenizer(
        list(texts), padding=True, truncation=True, max_length=max_tokens, return_tensors="pt"
    )
    return TextBatch(encoded.input_ids, encoded.attention_mask.bool())


def additive_mask(visible: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """Boolean mask (True = may be attended to) -> what is added to attention scores.

    A float mask means the same to every attention kernel; a boolean or 0/1 one does not (eager
    would add it to the scores).
    """
    mask = torch.zeros(visible.shape, dtype=dtype, device=visible.device)
    return mask.masked_fill(~visible, torch.finfo(mask.dtype).min)


def from_text_encoder(folder: str, widths: dict[str, int], num_queries: int) -> QFormer:
    """A Q-Former whose text branch is the BERT-like encoder in `folder`.

    Self-attention and feed-forward weights are copied (the latter to the query branch as well);
    cross-attention, projections, queries and heads start fresh.
    """
    bert: Any = AutoModel.from_pretrained(folder, dtype=torch.float32)
    config = Blip2QFormerConfig(
        vocab_size=bert.config.vocab_size,
        hidden_size=bert.config.hidden_size,
        num_hidden_layers=bert.config.num_hidden_layers,
        num_attention_heads=bert.config.num_attention_heads,
        intermediate_size=bert.config.intermediate_size,
        hidden_act=bert.config.hidden_act,
        max_position_embeddings=bert.config.max_position_embeddings,
        layer_norm_eps=bert.config.layer_norm_eps,
        pad_token_id=bert.config.pad_token_id,
        encoder_hidden_size=bert.config.hidden_size,
        cross_attention_frequency=2,
        use_qformer_text_input=True,
        # Dropout inside the network costs a third of a step's time on a CPU (and sdpa its fast
        # path); what is dropped instead is item tokens, in stage 2.
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = QFormer(config, widths, num_queries)
    # A handful of queries: for such short rows a CPU's fused kernel is the slower one.
    model.network.set_attn_implementation("eager")
    load_text_embeddings(model, bert)
    state = model.network.state_dict()
    source = bert.state_dict()
    for name in state:
        if "crossattention" in name:
            continue
        origin = (
            name.replace(".attention.attention.", ".attention.self.")
            .replace("intermediate_query", "intermediate")
            .replace("output_query", "output")
        )
        origin = origin.replace("layernorm.", "embeddings.LayerNorm.", 1)
        state[name] = source[origin].clone()
    model.network.load_state_dict(state)
    return model


def load_text_embeddings(model: QFormer, bert: Any) -> None:
    """Copy word and position embeddings, which are frozen and never saved with the model."""
    table = bert.embeddings
    with torch.no_grad():
        model.words.word_embeddings.weight.copy_(table.word_embeddings.weight)
        # There is no token-type table here, and BERT adds its first row to every position.
        model.words.position_embeddings.weight.copy_(
            table.position_embeddings.weight + table.token_type_embeddings.weight[0]
        )
