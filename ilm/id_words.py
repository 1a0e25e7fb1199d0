"""Items as OpenP5 shows them (arXiv 2306.11134): their ids in text, and no item tokens."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from data.errors import IlmChatError
from ilm.llm import FrozenLLM
from ilm.signals import Signals


class IdWords(nn.Module):
    """Stands where an encoder stands in a text-only model; nothing in it is trained.

    Attributes:
        words: (n_items, P) word ids of ` ID,`, padded on the left, so that an item always ends at
            the last of its P places.
        mask: (n_items, P) bool; True where a word stands.
    """

    words: Tensor
    mask: Tensor

    def __init__(self, llm: FrozenLLM, n_items: int, texts: Mapping[int, str]) -> None:
        super().__init__()
        self.width: int = 1
        self.num_queries: int = 1
        pieces = [llm.token_ids(f" {texts.get(item, 'unknown')},") for item in range(n_items)]
        longest = max(map(len, pieces))
        words = torch.full((n_items, longest), llm.pad_id)
        mask = torch.zeros(n_items, longest, dtype=torch.bool)
        for item, piece in enumerate(pieces):
            words[item, longest - len(piece) :] = torch.tensor(piece)
            mask[item, longest - len(piece) :] = True
        self.register_buffer("words", words, persistent=False)
        self.register_buffer("mask", mask, persistent=False)

    def item_tokens(self, signals: Signals) -> Tensor:
        """There are none.

        Raises:
            IlmChatError: always.
        """
        raise IlmChatError(
            "A text-only model knows items by their ids in text: it has no tokens for an item or a "
            "user."
        )
