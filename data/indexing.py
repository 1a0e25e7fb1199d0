"""OpenP5's three ways to turn items into text ids (arXiv 2306.11134), from training data alone.

Every function takes the training interactions and the items that need an id (dense indices, among
them all that occur in training) and returns {item: id}. `make_indexing` puts OpenP5's `item_`
before the ids; `read_text_ids` does the same with an indexing that OpenP5 published.
"""

from collections.abc import Sequence
from importlib.resources.abc import Traversable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr, svd
from scipy.sparse import csr_matrix, diags
from scipy.sparse.linalg import eigsh

from data.catalogue import Catalogue
from data.errors import DataError
from data.interactions import Interactions
from data.openp5 import read_indexing

IndexingKind = Literal["random", "sequential", "collaborative"]

FIRST_ID = 1001
"""First number of the random and the sequential indexing."""
PREFIX = "item_"


def make_indexing(
    kind: IndexingKind,
    train: Interactions,
    items: Sequence[int] | NDArray[np.integer],
    *,
    seed: int,
) -> dict[int, str]:
    """The text id of each of `items`, such as `item_1204` or `item_<CI3><CI17>`.

    Args:
        seed: of the random indexing; the others are the same whatever it is.

    Raises:
        DataError: for an unknown kind, for no items, for a repeated item, and for a training item
            that is not among `items`.
    """
    wanted = [int(item) for item in items]
    if not wanted:
        raise DataError("An empty catalogue cannot be indexed.")
    if len(set(wanted)) < len(wanted):
        raise DataError("An item that is to get an id is named twice.")
    unknown = set(train.active_items().tolist()).difference(wanted)
    if unknown:
        raise DataError(
            f"The item with index {min(unknown)} occurs in training and is not among the items "
            "that are to get an id."
        )
    if kind == "random":
        indexing = random_indexing(wanted, seed=seed)
    elif kind == "sequential":
        indexing = sequential_indexing(train, wanted)
    elif kind == "collaborative":
        indexing = collaborative_indexing(train, wanted)
    else:
        raise DataError(
            f"There is no {kind} indexing; known are random, sequential, collaborative."
        )
    return {item: PREFIX + id for item, id in indexing.items()}


def read_text_ids(
    path: Traversable, catalogue: Catalogue, items: Sequence[int] | NDArray[np.integer]
) -> dict[int, str]:
    """One of OpenP5's indexing files -> the text id of each of `items`, by dense index.

    DataError for a damaged file, for an item outside the catalogue, and for one of `items` that the
    file does not name.
    """
    indexing = {catalogue.index_of(item): PREFIX + id for item, id in read_indexing(path).items()}
    missing = [int(item) for item in items if int(item) not in indexing]
    if missing:
        raise DataError(
            f"{path.name} has no id for {len(missing)} items of this catalogue, among them "
            f"{catalogue[missing[0]].id}: take the indexing of the same data set."
        )
    return {int(item): indexing[int(item)] for item in items}


def random_indexing(items: Sequence[int], *, seed: int) -> dict[int, str]:
    """Numbers from 1001 on in random order."""
    order = np.random.default_rng([seed, 40]).permutation(len(items))
    return {item: str(FIRST_ID + int(at)) for item, at in zip(items, order, strict=True)}


def sequential_indexing(train: Interactions, items: Sequence[int]) -> dict[int, str]:
    """Numbers from 1001 on in the order of first appearance, so that neighbours in a history get
    neighbouring numbers; items that do not occur in training follow in their order.
    """
    return {item: str(FIRST_ID + at) for at, item in enumerate(_in_order(train, items))}


def collaborative_indexing(
    train: Interactions, items: Sequence[int], *, clusters: int = 20, leaf_size: int = 500
) -> dict[int, str]:
    """A path of cluster tokens such as `<CI3><CI24><CI7>`, so that items chosen by the same users
    share the beginning of their ids.

    The items are clustered by how often a user has both; clusters of more than `leaf_size` items
    are clustered again. Clusters are numbered breadth first, modulo `leaf_size`; the last token
    numbers the items inside their cluster, and alone those that do not occur in training. Inside
    a level, clusters and items come in the order of first appearance.

    Raises:
        DataError: unless 2 <= `clusters` <= `leaf_size`.
    """
    if not 2 <= clusters <= leaf_size:
        raise DataError(f"{clusters} clusters need to be at least 2 and at most {leaf_size}.")
    order = _in_order(train, items)
    counts = np.bincount(train.items, minlength=train.n_items)
    seen = np.array([item for item in order if counts[item]], np.int64)
    chosen = train.matrix().astype(np.float64)[:, seen]
    together = (chosen.T @ chosen).tocsr()
    together.setdiag(0)
    together.eliminate_zeros()

    paths = [""] * len(seen)
    indexing: dict[int, str] = {}
    queue, number = [np.arange(len(seen))], 0
    while queue:
        group = queue.pop(0)
        if paths[group[0]] and len(group) <= leaf_size:
            for place, row in enumerate(group):
                indexing[int(seen[row])] = f"{paths[row]}<CI{place}>"
            continue
        for part in _split(together[group][:, group], clusters):
            for row in group[part]:
                paths[row] += f"<CI{number % leaf_size}>"
            number += 1
            queue.append(group[part])
    remaining = [item for item in order if not counts[item]]
    return indexing | {item: f"<CI{place}>" for place, item in enumerate(remaining)}


def _in_order(train: Interactions, items: Sequence[int]) -> list[int]:
    """The items in the order of first appearance, then those that do not appear.

    Users are walked through by the time of their first interaction, as OpenP5's files have them;
    where times are positions all users begin at once and keep their order.
    """
    sequences = train.sequences()
    starts = np.cumsum([0, *(len(sequence) for sequence in sequences)])
    users = [user for user, sequence in enumerate(sequences) if len(sequence)]
    users.sort(key=lambda user: train.times[starts[user]])
    walk = (item for user in users for item in sequences[user].tolist())
    return list(dict.fromkeys([*walk, *items]))


def _split(affinity: csr_matrix, clusters: int) -> list[NDArray[np.intp]]:
    """Rows of a symmetric affinity matrix, parted by spectral clustering; at least two parts where
    there are two rows.

    Eigenvectors of the normalised affinity and cluster QR (Damle, Minden and Ying 2019), as in
    scikit-learn's `SpectralClustering(assign_labels="cluster_qr")`, which OpenP5 uses. Its
    shift-invert solver factorises the matrix: dense, 4 GB for 23,000 items. The largest
    eigenvalues of the same matrix need its products with vectors alone.
    """
    n = affinity.shape[0]
    k = min(clusters, n - 1)
    labels = np.zeros(n, np.intp)
    if k > 1 and affinity.nnz:
        degrees = np.asarray(affinity.sum(1)).ravel()
        scale = 1 / np.sqrt(np.where(degrees > 0, degrees, 1))
        normalised = diags(scale) @ affinity @ diags(scale)
        rng = np.random.default_rng(0)
        start = rng.uniform(-1, 1, n)
        vectors = eigsh(normalised, k=k, which="LA", v0=start, rng=rng)[1] * scale[:, None]
        pivots = qr(vectors.T, mode="economic", pivoting=True)[2]
        left, _, right = svd(vectors[pivots[:k]].T)
        labels = np.abs(vectors @ (left @ right)).argmax(1)
    if labels.min() == labels.max():  # nothing to tell them apart by: parts of one size
        return [part for part in np.array_split(np.arange(n), clusters) if len(part)]
    parts = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return sorted(parts, key=lambda part: int(part[0]))
