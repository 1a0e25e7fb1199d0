"""What went on behind an answer, for whoever shows the system: scores, filters, prompt, map, words.

Nothing here is needed for an answer; it asks the engine again what it was asked for one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from app.engine import Engine
from app.filters import allowed, barred
from app.parts import LanguageModel, Vector
from app.ranking import POOL, ranks
from app.session import Filters, Question, State
from ilm.id_words import IdWords
from ilm.model import ItemLanguageModel
from prompts.openp5 import load_openings
from prompts.templates import Placeholder, Segment

SHOWN = POOL  # the cards are among them
_BESIDE = "beside "  # before the name of a model among the sources', which it may share


@dataclass(frozen=True)
class Candidate:
    """A film of the final order, with its place in every source's own order (1 = first) among the
    films that were allowed; a source that has nothing to say of it is absent."""

    item: int
    place: int
    places: dict[str, int]


@dataclass(frozen=True)
class Insight:
    """One state of a conversation, seen from behind.

    Attributes:
        prompt: what the language model read to rank, words and item placeholders in their order.
        candidates: the first of the engine's own order, before near copies of a card were passed
            over.
        removed: what was taken out, in words, and how many films that was.
        seconds: how long each stage took now, by name.
        beside: names of the models that have no say, by what their places go under.
    """

    prompt: list[Segment]
    candidates: list[Candidate]
    removed: list[tuple[str, int]]
    seconds: dict[str, float]
    beside: Mapping[str, str] = field(default_factory=dict)


class Observer:
    """Looks behind the answers of one engine.

    Args:
        beside: other models by name, which have no say in the answers; their places are shown with
            the sources'.
    """

    def __init__(self, engine: Engine, beside: Mapping[str, LanguageModel] | None = None) -> None:
        self.engine, self.parts, self._beside = engine, engine.parts, beside or {}

    def look(self, question: Question) -> Insight:
        """What is behind the films that are recommended in answer to `question`."""
        state, named = question.state, question.named
        found = self.engine.chooser.ranked(state, named)
        columns = dict(found.columns)
        for name, model in self._beside.items() if found.items else ():
            columns[_BESIDE + name] = model.rank([found.history], new_only=True)[0]
        own = {name: ranks(column[found.allowed]) for name, column in columns.items()}
        row = {int(item): at for at, item in enumerate(found.allowed)}
        candidates = [
            Candidate(
                item,
                place,
                {
                    name: int(own[name][row[item]])
                    for name, column in columns.items()
                    if np.isfinite(column[item])
                },
            )
            for place, item in enumerate(found.items[:SHOWN], 1)
        ]
        removed = self._removed(state, barred(state, named, self.parts.catalogue))
        return Insight(
            self._prompt(found.history),
            candidates,
            removed,
            found.seconds,
            {_BESIDE + name: name for name in self._beside},
        )

    def _prompt(self, history: Sequence[int]) -> list[Segment]:
        """As `ItemLanguageModel.rank` lays it out: an opening, then a token an item."""
        opening = load_openings("sequential")["seen"][0]
        most = len(history) if self._model is None else self._model.config.history
        newest = history[max(0, len(history) - most) :]
        return [opening, *(Placeholder("history", (int(item),)) for item in newest)]

    def _removed(self, state: State, bar: set[int]) -> list[tuple[str, int]]:
        """Each constraint by itself: films that fit all others and not this one."""
        catalogue, filters = self.parts.catalogue, state.filters
        everything = len(allowed(catalogue, Filters(), set()))
        found = [
            ("liked, seen, shown or refused", everything - len(allowed(catalogue, Filters(), bar)))
        ]
        kept = len(allowed(catalogue, filters, bar))
        # Genres of which a film needs one are one constraint: without one they are all dropped.
        wanted = sorted(filters.genres_in)
        whole = () if filters.genres_joint else wanted[1:]
        names = [name for name in filters.constraints() if name not in whole]
        for name in names:
            shown = " or ".join(wanted) if name in wanted and whole else name
            found.append((shown, len(allowed(catalogue, filters.without(name), bar)) - kept))
        return [(name, count) for name, count in found if count]

    @property
    def _model(self) -> ItemLanguageModel | None:
        """What is ranked with, where it is the real one and can be looked into."""
        model = self.parts.model
        return model if isinstance(model, ItemLanguageModel) else None

    # -- the catalogue as a map ------------------------------------------------------------------

    @cached_property
    def _plane(self) -> tuple[Vector, Vector]:
        """Mean (d,) and the two main directions (d, 2) of the films' unit factors."""
        units = self.engine.chooser.sources.directions[self.parts.factors.known]
        mean = units.mean(0)
        _, _, axes = np.linalg.svd(units - mean, full_matrices=False)
        return mean, axes[:2].T

    def map(self) -> Vector:
        """(n_items, 2) places of the films by who chose them (two principal components of the unit
        factors); NaN for films that nobody chose."""
        mean, axes = self._plane
        places = (self.engine.chooser.sources.directions - mean) @ axes
        places[~self.parts.factors.known] = np.nan
        return np.asarray(places, dtype=np.float32)

    def viewer(self, state: State) -> NDArray[np.float32] | None:
        """(2,) where the viewer's folded-in vector lies on the map; None without a liked film."""
        known = [item for item in state.likes if self.parts.factors.known[item]]
        if not known:
            return None
        vector = self.parts.factors.fold_in_recent(known)
        length = float(np.linalg.norm(vector))
        mean, axes = self._plane
        return np.asarray((vector / max(length, 1e-9) - mean) @ axes, dtype=np.float32)

    # -- item tokens in words --------------------------------------------------------------------

    @torch.no_grad()
    def words(self, item: int, count: int = 8) -> list[tuple[str, float]]:
        """Words of the language model whose embeddings are nearest to the film's history token, and
        their cosines. The token was trained to be ranked after, not to be read: what it says is for
        curiosity."""
        model = self._model
        if model is None or isinstance(model.encoder, IdWords):
            return []
        token = model.history_tokens(torch.tensor([item], device=model.device))[0]
        table = model.llm.model.get_input_embeddings().weight.float()
        cosines = table @ token.to(table) / (table.norm(dim=1) * token.norm()).clamp_min(1e-9)
        best = cosines.topk(min(8 * count, len(cosines)))
        found: dict[str, float] = {}
        for id, cosine in zip(best.indices.tolist(), best.values.tolist(), strict=True):
            word = model.llm.tokenizer.decode([id]).strip()
            if word.isalpha() and len(word) > 2:
                found.setdefault(word.lower(), cosine)
        return list(found.items())[:count]
