"""Where the adapter starts after stage 1: each item's tokens among the words of its text.

Stage 1 ties item tokens to texts in a space of the Q-Former's own, of which the frozen LLM knows
nothing. What is nearest to it in the LLM's is found in closed form, by ridge regression onto the
mean embedding of an item's telling words, so that stage 2 need not begin with an adapter that says
nothing (a linear map from one embedding space to another: Mikolov et al. 2013, 1309.4168).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from data.errors import IlmChatError
from ilm.item_tokens import unit
from ilm.llm import FrozenLLM
from ilm.model import ItemLanguageModel

RIDGE = 0.01
"""Added to the tokens' covariance, in units of its mean variance."""
COMMONEST = 0.15
"""Share of the texts from which on a word tells nothing; so does one that stands in one alone."""


@torch.no_grad()
def start_at_words(model: ItemLanguageModel, items: Tensor, texts: Sequence[str]) -> None:
    """Set adapter and places of a model with `centred_tokens`, which must be at rest.

    Args:
        items: (n,) whose texts these are; others' tokens lie where those of items like them do.

    Raises:
        IlmChatError: when the texts share no word that tells any of them apart.
    """
    words = mean_words(model.llm, texts).to(model.device)
    common = words.mean(0)
    tokens = model.catalogue_tokens()
    centred = tokens[items] - tokens[model.rankable].mean(0)
    weight = ridge(centred, words - common)
    told = centred @ weight.T
    model.adapter.weight.copy_(weight / told.square().mean().sqrt())
    model.adapter.bias.zero_()
    model.places.copy_(unit(common).expand_as(model.places))


def ridge(tokens: Tensor, targets: Tensor) -> Tensor:
    """The map (width, d) that takes each of an item's tokens (n, K, d) nearest to its target
    (n, width)."""
    rows = tokens.double().flatten(0, 1)
    wanted = targets.double().repeat_interleave(tokens.shape[1], 0)
    covariance = rows.T @ rows
    covariance += RIDGE * covariance.diagonal().mean() * torch.eye(len(covariance)).to(covariance)
    return torch.linalg.solve(covariance, rows.T @ wanted).T.to(tokens)


def mean_words(llm: FrozenLLM, texts: Sequence[str]) -> Tensor:
    """Mean embeddings of the texts' telling words, each weighted by its inverse document
    frequency, (n, width); the mean over the texts where one has none."""
    words = [torch.tensor(llm.token_ids(f" {text}"), device=llm.device).unique() for text in texts]
    every, counts = torch.cat(words).unique(return_counts=True)
    telling = every[(counts > 1) & (counts <= COMMONEST * len(texts))]
    weights = torch.zeros(int(every.max()) + 1, device=llm.device)
    weights[every] = (len(texts) / counts).log()
    rows = []
    for row in words:
        row = row[torch.isin(row, telling)]
        rows.append(weights[row] @ llm.embed(row).float() / weights[row].sum())
    found = torch.stack(rows)
    none = found.isnan().any(1)
    if bool(none.all()):
        raise IlmChatError(
            "The items' texts share no telling word: train with no alignment.adapter_learning_rate."
        )
    found[none] = found[~none].mean(0)
    return found
