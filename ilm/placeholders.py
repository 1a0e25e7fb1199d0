"""The tokens of a batch's placeholders, every distinct item through the encoder once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from data.errors import IlmChatError
from prompts.templates import Placeholder, Segment

STYLE = Placeholder("style", (0,))
"""Where the model's style vectors go; they are of no item."""
Users = Mapping[int, NDArray[np.float32]]


class TokenSource(Protocol):
    """What makes the tokens; LLM width wide, each."""

    @property
    def device(self) -> torch.device: ...

    def laid_in(self, items: Tensor) -> list[Tensor]: ...

    def spoken_of(self, items: Tensor) -> list[Tensor]: ...

    def adapt(self, tokens: Tensor) -> Tensor: ...

    def style_tokens(self) -> Tensor: ...

    def user_tokens(self, vectors: NDArray[np.float32]) -> Tensor: ...


class PlaceholderTokens:
    """A placeholder of these prompts -> its tokens, (tokens, LLM width).

    Args:
        source: makes the tokens.
        prompts: all that will be asked for.
        users: vectors of the users that the prompts name by number.
    """

    def __init__(
        self, source: TokenSource, prompts: Sequence[Sequence[Segment]], users: Users | None
    ) -> None:
        self._source, self._users = source, users or {}
        found = [part for prompt in prompts for part in prompt if isinstance(part, Placeholder)]
        histories = [part for part in found if part.name == "history"]
        others = [part for part in found if part.name not in ("history", "user", STYLE.name)]
        self._short = self._table(histories, source.laid_in)
        self._whole = self._table(others, source.spoken_of)

    def _table(
        self, parts: Sequence[Placeholder], make: Callable[[Tensor], list[Tensor]]
    ) -> dict[int, Tensor]:
        wanted = sorted({item for part in parts for item in part.items})
        if not wanted:
            return {}
        items = torch.tensor(wanted, device=self._source.device)
        return dict(zip(wanted, make(items), strict=True))

    def __call__(self, placeholder: Placeholder) -> Tensor:
        """Raises IlmChatError for a user whose vector was not given."""
        if placeholder.name == "user":
            if any(number not in self._users for number in placeholder.items):
                raise IlmChatError("The prompt has a {user} and no vector was given for it.")
            vectors = np.stack([self._users[number] for number in placeholder.items])
            return self._source.adapt(self._source.user_tokens(vectors)).flatten(0, 1)
        if placeholder == STYLE:
            return self._source.style_tokens()
        table = self._short if placeholder.name == "history" else self._whole
        return torch.cat([table[item] for item in placeholder.items])
