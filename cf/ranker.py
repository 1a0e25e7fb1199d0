"""Rank candidates by what several sources say of them: weights for the sources, then LightGBM."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import rankdata

from cf.errors import CfError

SETTINGS: dict[str, Any] = {
    "num_leaves": 4,
    "learning_rate": 0.01,
    "n_trees": 30,
    "min_child_samples": 200,
    "reg_lambda": 10.0,
}
MAX_CANDIDATES = 10_000  # LightGBM refuses longer queries
RIDGE = 1.0
MODEL = "ranker.txt"
DESCRIPTION = "ranker.json"

Columns = Mapping[str, NDArray[np.floating]]


@dataclass(frozen=True)
class Ranker:
    """Weights over named score columns, and gradient-boosted trees that begin where these end.

    It knows the columns' names, not where they come from. Each is (n_queries, n_candidates); a
    score of -inf or NaN means that the source has nothing to say about this candidate. The weights
    are those of a conditional logit (McFadden 1974) over scores standardised within the query: a
    number a column, which a few hundred queries can teach. The trees see each score, and the
    candidate's rank by it within the query. Alone they need more queries than MovieLens-100K has
    users (validation NDCG@10 of the chat's columns 0.129; weights 0.142, both 0.142).

    weights: by column.
    """

    weights: Mapping[str, float]
    booster: lgb.Booster
    columns: tuple[str, ...]
    settings: Mapping[str, Any]

    @classmethod
    def fit(
        cls,
        columns: Columns,
        targets: NDArray[np.integer],
        *,
        candidates: NDArray[np.bool_] | None = None,
        seed: int = 0,
        **settings: float,
    ) -> Ranker:
        """Learn to put the target first (the trees by LambdaRank, Burges et al. 2006).

        targets: (n_queries,) position of the right candidate; queries whose target is no
            candidate (also -1) teach nothing and are left out.
        candidates: (n_queries, n_candidates) bool, True where there is a candidate; default all.
        settings: what replaces SETTINGS, by name.

        Raises:
            CfError: for columns of different shapes, no usable query, too many candidates, or an
                unknown setting.
        """
        unknown = settings.keys() - SETTINGS.keys()
        if unknown:
            raise CfError(
                f"The ranker has no setting '{min(unknown)}'; it has {', '.join(SETTINGS)}."
            )
        names = tuple(columns)
        unusable = [name for name in names if not re.fullmatch(r"[\w-]+", name)]
        if unusable:
            raise CfError(f"Column names are letters, digits, _ and - only; got '{unusable[0]}'.")
        mask = _candidate_mask(columns, candidates)
        n_queries, n_candidates = mask.shape
        targets = np.asarray(targets)
        if targets.shape != (n_queries,) or np.any(targets >= n_candidates):
            raise CfError(
                f"There must be one target below {n_candidates} for each of {n_queries} queries; "
                f"got {targets.shape[0]}, the largest {targets.max(initial=-1)}."
            )
        if mask.sum(axis=1).max(initial=0) > MAX_CANDIDATES:
            raise CfError(f"A query may have at most {MAX_CANDIDATES:,} candidates to rank.")
        usable = (targets >= 0) & mask[np.arange(n_queries), targets]
        if not usable.any():
            raise CfError(
                "No query has its target among the candidates, so nothing can be learned."
            )

        mask = mask[usable]
        labels = np.zeros(mask.shape, dtype=np.int32)
        labels[np.arange(len(labels)), targets[usable]] = 1
        chosen_columns = {name: columns[name][usable] for name in names}
        features = _features(chosen_columns, names, mask)
        linear = _standardised(chosen_columns, names, mask)
        weights = _conditional_logit(linear, labels[mask].astype(bool), mask.sum(axis=1))
        chosen = {**SETTINGS, **settings}
        parameters = {name: value for name, value in chosen.items() if name != "n_trees"}
        booster = lgb.train(
            {
                **parameters,
                "objective": "lambdarank",
                "seed": seed,
                "deterministic": True,
                "force_row_wise": True,
                "verbosity": -1,
            },
            lgb.Dataset(
                features,
                label=labels[mask],
                group=mask.sum(axis=1),
                init_score=linear @ weights,
                feature_name=_feature_names(names),
            ),
            num_boost_round=int(chosen["n_trees"]),
        )
        by_name = dict(zip(names, weights.tolist(), strict=True))
        return cls(by_name, booster, names, {**chosen, "seed": seed})

    def predict(
        self, columns: Columns, *, candidates: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float32]:
        """Scores (n_queries, n_candidates) float32; -inf where `candidates` is False.

        Raises:
            CfError: when the columns are not, by name, those it was fitted on.
        """
        missing = [name for name in self.columns if name not in columns]
        unexpected = [name for name in columns if name not in self.columns]
        if missing or unexpected:
            raise CfError(
                f"The ranker was fitted on the columns {', '.join(self.columns)}; missing: "
                f"{', '.join(missing) or 'none'}, unexpected: {', '.join(unexpected) or 'none'}."
            )
        mask = _candidate_mask(columns, candidates)
        scores = np.full(mask.shape, -np.inf, dtype=np.float32)
        if mask.any():
            weights = np.array([self.weights[name] for name in self.columns])
            refined = self.booster.predict(_features(columns, self.columns, mask), raw_score=True)
            scores[mask] = _standardised(columns, self.columns, mask) @ weights + refined
        return scores

    def importance(self) -> dict[str, float]:
        """Share of the trees' gain by feature ("als", "als_rank", ...), largest first."""
        gain = self.booster.feature_importance("gain")
        shares = gain / max(gain.sum(), 1e-12)
        by_name = zip(_feature_names(self.columns), shares.tolist(), strict=True)
        return dict(sorted(by_name, key=lambda pair: -pair[1]))

    def save(self, folder: Path) -> None:
        """Write ranker.txt (LightGBM's own text form) and ranker.json into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MODEL).write_text(self.booster.model_to_string())
        description = {
            "columns": self.columns,
            "weights": dict(self.weights),
            "settings": dict(self.settings),
        }
        (folder / DESCRIPTION).write_text(json.dumps(description, indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Ranker:
        """Read what `save` wrote; CfError when it is missing or damaged."""
        if not (folder / MODEL).is_file() or not (folder / DESCRIPTION).is_file():
            raise CfError(f"There is no ranker in {folder}: it holds no {MODEL} and {DESCRIPTION}.")
        try:
            description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
            booster = lgb.Booster(model_str=(folder / MODEL).read_text(encoding="utf-8"))
            columns = tuple(description["columns"])
            weights = {name: float(description["weights"][name]) for name in columns}
            ranker = cls(weights, booster, columns, description["settings"])
        except (ValueError, KeyError, TypeError, lgb.basic.LightGBMError) as error:
            raise CfError(
                f"The ranker in {folder} cannot be read ({error}): fit it again."
            ) from error
        if booster.feature_name() != _feature_names(ranker.columns):
            raise CfError(
                f"The files in {folder} do not belong together: {MODEL} was fitted on "
                f"{', '.join(booster.feature_name())}, {DESCRIPTION} names "
                f"{', '.join(ranker.columns)}."
            )
        return ranker


def _candidate_mask(columns: Columns, candidates: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """(n_queries, n_candidates) bool, checked against every column's shape."""
    shapes = {name: np.shape(column) for name, column in columns.items()}
    if candidates is not None:
        shapes["candidates"] = candidates.shape
    if not columns or len(set(shapes.values())) > 1 or len(next(iter(shapes.values()))) != 2:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise CfError(
            f"Columns must all be of one shape (n_queries, n_candidates); got {listed or 'none'}."
        )
    if candidates is None:
        return np.ones(next(iter(shapes.values())), dtype=np.bool_)
    return candidates


def _feature_names(columns: tuple[str, ...]) -> list[str]:
    return [f"{name}{suffix}" for name in columns for suffix in ("", "_rank")]


def _features(
    columns: Columns, names: tuple[str, ...], mask: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """(number of candidates, 2 x columns): score and within-query rank of each column."""
    features = np.empty((int(mask.sum()), 2 * len(names)), dtype=np.float32)
    for position, name in enumerate(names):
        score = np.where(mask & np.isfinite(columns[name]), columns[name], -np.inf)
        # Ties share their worst rank, so that "nothing to say" is never a good place.
        rank = rankdata(-score, method="max", axis=1)
        absent = (~mask).sum(axis=1, keepdims=True)
        rank = np.where(np.isneginf(score), rank - absent, rank)
        features[:, 2 * position] = np.where(np.isfinite(score), score, np.nan)[mask]
        features[:, 2 * position + 1] = rank[mask]
    return features


def _standardised(
    columns: Columns, names: tuple[str, ...], mask: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """(number of candidates, columns): scores with mean 0 and deviation 1 within each query; where
    a source has nothing to say, its lowest score there."""
    found = np.empty((int(mask.sum()), len(names)))
    count = np.maximum(mask.sum(axis=1, keepdims=True), 1)
    for position, name in enumerate(names):
        said = mask & np.isfinite(columns[name])
        score = np.where(said, columns[name], np.inf).astype(np.float64)
        lowest = score.min(axis=1, keepdims=True)
        score = np.where(said, score, np.where(np.isfinite(lowest), lowest, 0.0))
        mean = (score * mask).sum(axis=1, keepdims=True) / count
        spread = np.sqrt((np.square(score - mean) * mask).sum(axis=1, keepdims=True) / count)
        found[:, position] = ((score - mean) / np.where(spread > 0, spread, 1.0))[mask]
    return found


def _conditional_logit(
    features: NDArray[np.float64], target: NDArray[np.bool_], sizes: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Weights (n_features,) of the softmax over each query's candidates, ridge RIDGE.

    features: (n_candidates in all, n_features), query after query; target: True once a query;
    sizes: candidates of each query.
    """
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    query = np.repeat(np.arange(len(sizes)), sizes)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score = features @ weights
        score -= np.maximum.reduceat(score, starts)[query]
        share = np.exp(score)
        total = np.add.reduceat(share, starts)
        surprise = np.log(total).sum() - score[target].sum() + RIDGE * weights @ weights
        expected = (share / total[query]) @ features
        return float(surprise), expected - features[target].sum(axis=0) + 2 * RIDGE * weights

    return minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B").x
