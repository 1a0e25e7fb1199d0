"""Recommenders that are one matrix: what each item of a history says about every other item.

The defaults are the best found on the validation items of ML-100K (leave-one-out in OpenP5's
order, seen items removed, by NDCG@10); around them lies a plateau.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from scipy.sparse.linalg import svds

from cf.errors import CfError
from cf.factors import check_items, recency
from cf.popularity import popularity
from data.interactions import Interactions

Weighting = Literal["bm25", "cosine"]


@dataclass(frozen=True, eq=False)
class ItemItem:
    """The score of an item is the sum, over the history, of what each of its items says of it.

    weights: (n_items, n_items) float32; row = an item of the history, column = the item scored.
        Sparse, or dense and C-contiguous.
    known: (n_items,) bool; True where somebody chose the item in the fitted interactions.
    decay: items until an item of the history weighs 1/e of the newest; None = all weigh 1.
    """

    weights: sparse.csr_matrix | NDArray[np.float32]
    known: NDArray[np.bool_]
    decay: float | None

    def scores(
        self, histories: Sequence[Sequence[int] | NDArray[np.integer]]
    ) -> NDArray[np.float32]:
        """Scores (B, n_items) float32 of every item after each history (oldest first).

        Items not known score -inf: nothing was learned about them, and a 0 would put them above
        every item that the history speaks against. After an empty history all known items
        score 0.

        Raises:
            CfError: for an item outside the catalogue.
        """
        n_items = len(self.known)
        chosen = np.concatenate(
            [np.empty(0, np.int64), *(np.asarray(history, np.int64) for history in histories)]
        )
        check_items(chosen, n_items)
        starts = np.cumsum([0, *(len(history) for history in histories)])
        # float32 throughout: anything wider would copy a dense matrix at every call.
        weights = np.concatenate(
            [np.empty(0), *(recency(len(history), self.decay) for history in histories)]
        ).astype(np.float32)
        rows = sparse.csr_matrix((weights, chosen, starts), shape=(len(histories), n_items))
        product = rows @ self.weights
        scores: NDArray[np.float32] = product.toarray() if sparse.issparse(product) else product
        scores[:, ~self.known] = -np.inf
        return scores


def transitions(
    interactions: Interactions,
    *,
    steps: int = 3,
    power: float = 0.25,
    decay: float | None = 5.0,
) -> ItemItem:
    """Counts of what users chose within `steps` steps after what, damped by popularity.

    A count is divided by the square root of the earlier item's popularity and by the later
    item's to the `power`: 0 favours popular items, 0.5 treats both ends alike.

    Raises:
        CfError: for less than 1 step.
    """
    if steps < 1:
        raise CfError(f"Transitions look at least 1 step ahead; got {steps}.")
    sequences = interactions.sequences()
    n = interactions.n_items
    earlier = [s[:-step] for step in range(1, steps + 1) for s in sequences]
    later = [s[step:] for step in range(1, steps + 1) for s in sequences]
    rows, columns = np.concatenate(earlier), np.concatenate(later)
    counts = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    popular = popularity(interactions)
    damping = np.maximum(popular.astype(np.float64), 1)
    damped = sparse.diags(damping**-0.5) @ counts @ sparse.diags(damping**-power)
    return ItemItem(damped.tocsr().astype(np.float32), popular > 0, decay)


def transition_factors(interactions: Interactions, *, factors: int) -> NDArray[np.float32]:
    """What each item leads to and what leads to it, (n_items, 2 * factors) float32.

    The truncated singular value decomposition of `transitions`: the inner product of the first half
    of one item's row with the second half of another's is nearly the weight from the one to the
    other. Rows of items nobody chose are zero, and so are columns beyond the rank of the weights.
    """
    weights = sparse.csr_matrix(transitions(interactions).weights, dtype=np.float64)
    n = len(interactions.active_items())
    found = np.zeros((2, weights.shape[0], factors), np.float32)
    count = min(factors, n - 1)
    if count > 0 and weights.nnz:
        # A start of its own and a sign for each column: the same factors in every run.
        start = np.random.default_rng(0).uniform(-1, 1, weights.shape[0])
        left, values, right = svds(weights, k=count, v0=start)
        sign = np.sign(left[np.abs(left).argmax(0), np.arange(count)])
        scale = sign * np.sqrt(values)
        found[0, :, :count] = (left * scale)[:, ::-1]
        found[1, :, :count] = (right.T * scale)[:, ::-1]
    return np.concatenate(found, axis=1)


def item_knn(
    interactions: Interactions,
    *,
    neighbours: int = 300,
    weighting: Weighting = "bm25",
    decay: float | None = 3.0,
) -> ItemItem:
    """Similarity of the users who chose two items, kept for each item's nearest (implicit's).

    neighbours: how many are kept, as implicit counts: an item is among its own neighbours there.
        It is left out here, so that a history does not recommend itself.
    weighting: "cosine", or "bm25" (Robertson & Zaragoza 2009), which makes less of users who
        chose much and of items much chosen.

    Raises:
        CfError: for less than 1 neighbour or an unknown weighting.
    """
    if neighbours < 1:
        raise CfError(f"There must be at least 1 neighbour; got {neighbours}.")
    if weighting not in get_args(Weighting):
        raise CfError(
            f"There is no weighting '{weighting}'; choose one of {', '.join(get_args(Weighting))}."
        )
    # implicit takes two seconds to import, and other recommenders of this module do without.
    from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight, normalize

    # Fitted on the known items alone: BM25 takes means over items, which those that nobody chose
    # would shift.
    active = interactions.active_items()
    item_users = interactions.matrix()[:, active].T
    # Weighed here with the settings of implicit's BM25Recommender, which warns of its own matrix.
    weighed = (
        bm25_weight(item_users, K1=1.2, B=0.75) if weighting == "bm25" else normalize(item_users)
    )
    model = ItemItemRecommender(K=neighbours, num_threads=1)
    model.fit(weighed.T.tocsr(), show_progress=False)
    near = model.similarity.tocoo()
    others = near.row != near.col
    n = interactions.n_items
    weights = sparse.csr_matrix(
        (
            near.data[others].astype(np.float32),
            (active[near.row[others]], active[near.col[others]]),
        ),
        shape=(n, n),
    )
    return ItemItem(weights, popularity(interactions) > 0, decay)


def ease(
    interactions: Interactions,
    *,
    regularization: float = 400.0,
    decay: float | None = 10.0,
) -> ItemItem:
    """The ridge regression of each item on all others, in closed form (dense).

    Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (2019): with P the inverse of
    XᵀX + λI, the weights are -P_ij / P_jj, and 0 on the diagonal. Memory is about
    12 bytes x n², for n items that somebody chose (8 GB for 25,000).

    Raises:
        CfError: for a regularization that is not positive.
    """
    if not regularization > 0:
        raise CfError(f"EASE needs a positive regularization; got {regularization:g}.")
    active = interactions.active_items()
    chosen = interactions.matrix()[:, active]
    gram = (chosen.T @ chosen).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += regularization
    inverse = linalg.inv(gram, overwrite_a=True, check_finite=False, assume_a="pos")
    inverse /= -np.diag(inverse).copy()
    np.fill_diagonal(inverse, 0)
    n = interactions.n_items
    weights = np.zeros((n, n), np.float32)
    weights[np.ix_(active, active)] = inverse
    return ItemItem(weights, popularity(interactions) > 0, decay)
