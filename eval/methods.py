"""Every method of the tables by name, with the settings chosen for each kind of ranking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cf.factors import DEFAULTS, Factors, fit
from cf.item_item import ease, item_knn, transitions
from cf.popularity import popularity
from data.interactions import Interactions
from eval.errors import EvalError
from eval.protocol import Histories, Scorer, Task

Settings = Mapping[str, Any]

ITEM_LANGUAGE_MODELS = (
    "text-only",
    "mlp",
    "ilm-rand",
    "ilm-it",
    "ilm-it-ii",
    "ilm-it-ui",
    "ilm-it-ii-ui",
)
STACKS = ("stack", "stack-without-ilm")


@dataclass(frozen=True)
class Popular:
    """The same ranking for everybody."""

    counts: NDArray[np.float32]

    def scores(self, histories: Histories) -> NDArray[np.float32]:
        return np.tile(self.counts, (len(histories), 1))


@dataclass(frozen=True)
class FoldedIn:
    """Factors, each user folded in from the history, evenly or (with `decay`) by recency."""

    factors: Factors
    decay: float | None

    def scores(self, histories: Histories) -> NDArray[np.float32]:
        if self.decay is None:
            users = [self.factors.fold_in(history) for history in histories]
        else:
            users = [self.factors.fold_in_recent(h, decay=self.decay) for h in histories]
        return self.factors.scores(np.stack(users))


def _als(
    train: Interactions, seed: int, *, decay: float | None = None, **settings: Any
) -> FoldedIn:
    return FoldedIn(fit(train, method="als", seed=seed, **settings), decay)


def _network(name: Literal["sasrec", "gru4rec"]) -> Callable[..., Scorer]:
    @lru_cache(maxsize=16)  # the stack asks for the networks that were just measured alone
    def make(train: Interactions, seed: int, **settings: Any) -> Scorer:
        from cf.sequential import fit_sequential  # torch, which the others do without

        return fit_sequential(train, network=name, seed=seed, **settings)

    return make


def _network_defaults(name: Literal["sasrec", "gru4rec"]) -> Callable[[], Settings]:
    def defaults() -> Settings:
        from cf.sequential import DEFAULTS as NETWORKS

        return asdict(NETWORKS[name])

    return defaults


def _als_defaults() -> Settings:
    return {**DEFAULTS["als"]}


def _without_seed(make: Callable[..., Scorer]) -> Callable[..., Scorer]:
    return lambda train, seed, **settings: make(train, **settings)


@dataclass(frozen=True)
class Recommender:
    """How to make a scorer of training interactions, and the settings for each task and ranking.

    The two rankings reward different models (unfiltered, a model that repeats what was seen
    loses), so each has its own settings, tuned on the validation items of ML-100K.

    straightforward: (unfiltered, filtered) settings of that task, in which histories have no
        order and nothing may decay; None: the method is about order and does not exist there.
    random: whether the seed changes anything.
    defaults: what the settings replace, for the record.
    """

    make: Callable[..., Scorer]
    unfiltered: Settings
    filtered: Settings
    straightforward: tuple[Settings, Settings] | None = None
    random: bool = False
    defaults: Callable[[], Settings] = dict

    def described(self, settings: Settings) -> dict[str, Any]:
        """All settings of one fit, as a row holds them."""
        return {**self.defaults(), **settings}

    def settings(self, task: Task, filtered: bool) -> Settings | None:
        """None: there is no such method in this task."""
        if task == "sequential":
            return self.filtered if filtered else self.unfiltered
        return None if self.straightforward is None else self.straightforward[filtered]


_ALS_EVEN = (
    {"factors": 32, "regularization": 1.0, "alpha": 40.0},
    {"factors": 32, "regularization": 1.0, "alpha": 1.0},
)
RECOMMENDERS: dict[str, Recommender] = {
    "popularity": Recommender(
        lambda train, seed: Popular(popularity(train)), {}, {}, straightforward=({}, {})
    ),
    "item-knn": Recommender(
        _without_seed(item_knn),
        {"neighbours": 50, "weighting": "cosine", "decay": 1.0},
        {"neighbours": 50, "weighting": "cosine", "decay": 3.0},
        straightforward=(
            {"neighbours": 1000, "weighting": "cosine", "decay": None},
            {"neighbours": 20, "weighting": "cosine", "decay": None},
        ),
    ),
    "als": Recommender(
        _als, *_ALS_EVEN, straightforward=_ALS_EVEN, random=True, defaults=_als_defaults
    ),
    "als-recent": Recommender(
        _als,
        {"factors": 32, "regularization": 100.0, "alpha": 20.0, "decay": 2.0},
        {"factors": 32, "regularization": 10.0, "alpha": 5.0, "decay": 5.0},
        random=True,
        defaults=_als_defaults,
    ),
    "ease": Recommender(
        _without_seed(ease),
        {"regularization": 1600.0, "decay": 2.0},
        {"regularization": 400.0, "decay": 10.0},
        straightforward=(
            {"regularization": 3200.0, "decay": None},
            {"regularization": 200.0, "decay": None},
        ),
    ),
    "transitions": Recommender(
        _without_seed(transitions),
        {"steps": 5, "power": 0.5, "decay": 3.0},
        {"steps": 5, "power": 0.25, "decay": 3.0},
    ),
    "sasrec": Recommender(
        _network("sasrec"),
        {"leave_out_seen": False},
        {"leave_out_seen": True},
        random=True,
        defaults=_network_defaults("sasrec"),
    ),
    "gru4rec": Recommender(
        _network("gru4rec"),
        {"leave_out_seen": False},
        {"leave_out_seen": True},
        random=True,
        defaults=_network_defaults("gru4rec"),
    ),
}


def recommender(name: str) -> Recommender:
    """EvalError for an unknown name."""
    if name not in RECOMMENDERS:
        raise EvalError(
            f"There is no recommender '{name}'; choose one of {', '.join(RECOMMENDERS)}."
        )
    return RECOMMENDERS[name]


def named(wanted: list[str], task: Task, *, writing: bool) -> list[str]:
    """Method names as typed -> methods; `all`, `recommenders` and `models` stand for several.

    writing: only item-language models write ids.

    Raises:
        EvalError: for an unknown name, or a method that the task or the decoding has not.
    """
    ranking = [n for n, r in RECOMMENDERS.items() if r.settings(task, True) is not None]
    stacks = list(STACKS) if task == "sequential" else []
    groups = {
        "recommenders": ranking,
        "models": list(ITEM_LANGUAGE_MODELS),
        "all": list(ITEM_LANGUAGE_MODELS)
        if writing
        else [*ranking, *ITEM_LANGUAGE_MODELS, *stacks],
    }
    known = (*RECOMMENDERS, *ITEM_LANGUAGE_MODELS, *STACKS)
    methods = list(dict.fromkeys(m for name in wanted for m in groups.get(name, [name])))
    for method in methods:
        if method not in known:
            raise EvalError(
                f"There is no method '{method}'; choose one of {', '.join(known)}, or "
                f"{', '.join(groups)}."
            )
        if method in ITEM_LANGUAGE_MODELS:
            continue
        if writing:
            raise EvalError(f"{method} ranks the whole catalogue and writes no ids.")
        if method not in (*ranking, *stacks):
            raise EvalError(
                f"{method} lives on the order of the history, which the {task} task has not: "
                f"choose among {', '.join(ranking)}."
            )
    return methods
