"""Prompts with placeholders -> embeddings: item tokens laid between words, at any position."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ilm.llm import FrozenLLM
from prompts.templates import Placeholder, Segment

Lookup = Callable[[Placeholder], Tensor]
"""A placeholder -> its token embeddings, (tokens, LLM width)."""


@dataclass(frozen=True)
class Spliced:
    """A batch of prompts as embeddings.

    Attributes:
        embeds: (B, T, width) float32; padding is zero.
        mask: (B, T) bool; True where a token (word or item token) stands.
        ids: (B, T); the word's id, or the pad id under item tokens and padding.
        target: (B, T) bool; True on tokens of the answer (which a loss is taken on).
        item: (B, T) bool; True on item tokens.
    """

    embeds: Tensor
    mask: Tensor
    ids: Tensor
    target: Tensor
    item: Tensor

    def lengths(self) -> Tensor:
        return self.mask.sum(1)


def splice(
    llm: FrozenLLM,
    prompts: Sequence[Sequence[Segment]],
    lookup: Lookup,
    *,
    answers: Sequence[str] | None = None,
    pad_left: bool = False,
) -> Spliced:
    """Lay the placeholders' tokens between the words of each prompt.

    Args:
        answers: texts that follow the prompts and are to be learned; each ends with the model's
            end token.
        pad_left: pad on the left, as generation in a batch needs.
    """
    rows = []
    for number, segments in enumerate(prompts):
        pieces = [_piece(llm, segment, lookup) for segment in segments]
        if answers is not None:
            words = [*llm.token_ids(answers[number]), llm.eos_id]
            pieces.append((torch.tensor(words, device=llm.device), None, True))
        rows.append(_join(llm, pieces))
    length = max(len(row[0]) for row in rows)
    batch = [_pad(row, length, llm, pad_left) for row in rows]
    embeds, mask, ids, target, item = (torch.stack(parts) for parts in zip(*batch, strict=True))
    return Spliced(embeds, mask, ids, target, item)


_Piece = tuple[Tensor, Tensor | None, bool]
"""Word ids (or pad ids under item tokens), item-token embeddings, and whether it is an answer."""


def _piece(llm: FrozenLLM, segment: Segment, lookup: Lookup) -> _Piece:
    if isinstance(segment, Placeholder) and segment.items:
        tokens = lookup(segment)
        ids = torch.full((len(tokens),), llm.pad_id, device=llm.device)
        return ids, tokens, False
    text = "" if isinstance(segment, Placeholder) else segment  # a history may be empty
    words = torch.tensor(llm.token_ids(text), dtype=torch.long, device=llm.device)
    return words, None, False


def _join(llm: FrozenLLM, pieces: list[_Piece]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    embeds, ids, target, item = [], [], [], []
    for piece_ids, tokens, answer in pieces:
        embeds.append(llm.embed(piece_ids).float() if tokens is None else tokens.float())
        ids.append(piece_ids)
        target.append(torch.full_like(piece_ids, answer, dtype=torch.bool))
        item.append(torch.full_like(piece_ids, tokens is not None, dtype=torch.bool))
    return torch.cat(embeds), torch.cat(ids), torch.cat(target), torch.cat(item)


def _pad(
    row: tuple[Tensor, Tensor, Tensor, Tensor], length: int, llm: FrozenLLM, left: bool
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    embeds, ids, target, item = row
    missing = length - len(ids)
    before, after = (missing, 0) if left else (0, missing)
    pad = torch.nn.functional.pad
    mask = torch.ones_like(ids, dtype=torch.bool)
    return (
        pad(embeds, (0, 0, before, after)),
        pad(mask, (before, after), value=False),
        pad(ids, (before, after), value=llm.pad_id),
        pad(target, (before, after), value=False),
        pad(item, (before, after), value=False),
    )
