"""The rows of a matrix with the largest products with a vector: exact, or from an index.

Up to LARGE rows a product with all of them is as fast as anything. Above, every number of a row is
kept in four bits (product quantisation with one number a part, scanned in the processor's own
registers: Jégou et al. 2011; André et al., arXiv 1704.07355) and what that scan puts first is
multiplied exactly: of a million drawn rows it finds 99.9 % of the best hundred.
"""

from __future__ import annotations

import importlib.util
import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cf.errors import CfError

log = logging.getLogger(__name__)

LARGE = 100_000
"""Rows above which there is an index."""
SHORTLIST = 10
"""Rows that are multiplied exactly for each wanted one."""
TRAINED_ON = 65_536
CHUNK = 65_536


class Nearest:
    """Rows by their product with a vector, or by their cosine.

    Args:
        rows: (n, d) float32; may be mapped from a file.
        wanted: (n,) bool; the others are never found.
        cosine: whether lengths are left out.
        index: the file that `write_index` wrote of the same rows; only asked for above LARGE rows.
    """

    def __init__(
        self,
        rows: NDArray[np.float32],
        wanted: NDArray[np.bool_],
        *,
        cosine: bool = False,
        index: Path | None = None,
    ) -> None:
        self._rows, self._cosine = rows, cosine
        self._wanted = np.flatnonzero(wanted)
        self._index = (
            _opened(index, len(self._wanted), rows.shape[1]) if len(rows) > LARGE else None
        )

    def top(
        self, vector: NDArray[np.float32], k: int, *, without: NDArray[np.integer] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k best rows and their products (or cosines), best first; fewer where there are fewer.

        Args:
            vector: (d,).
            without: rows that are left out.
        """
        left_out = np.unique(without) if without is not None else np.empty(0, np.int64)
        if self._index is None:
            found = self._wanted[~np.isin(self._wanted, left_out)]
            scores = self._scores(self._rows, vector)[found]  # no copy of nearly all rows
        else:
            count = min(SHORTLIST * k + len(left_out), len(self._wanted))
            (places,) = self._index.search(np.ascontiguousarray(vector)[None], count)[1]
            found = self._wanted[np.sort(places[places >= 0])]
            found = found[~np.isin(found, left_out)]
            scores = self._scores(self._rows[found], vector)
        if k < len(found) // 2:  # sorting all of them takes longer than the product
            # Of equal ones the first rows, as a sort would have it.
            least = np.partition(scores, len(scores) - k)[len(scores) - k]
            near = scores >= least
            found, scores = found[near], scores[near]
        order = np.lexsort((found, -scores))[:k]
        return found[order], scores[order]

    def _scores(self, rows: NDArray[np.float32], vector: NDArray[np.float32]) -> Any:
        products = rows @ vector
        if not self._cosine:
            return products
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
        return products / np.where(lengths == 0, 1, lengths)


def write_index(
    path: Path, rows: NDArray[np.float32], wanted: NDArray[np.bool_], *, cosine: bool = False
) -> None:
    """Index the wanted rows into a file, if there are so many that one is of use; else there is no
    file afterwards. Without `faiss` there is none either."""
    path.unlink(missing_ok=True)
    if len(rows) <= LARGE or not _has_faiss(len(rows)):
        return
    faiss = _faiss()
    places = np.flatnonzero(wanted)
    index = faiss.index_factory(rows.shape[1], f"PQ{rows.shape[1]}x4fs", faiss.METRIC_INNER_PRODUCT)
    sample = places[:: max(1, len(places) // TRAINED_ON)]
    index.train(_laid(rows[sample], cosine))
    for start in range(0, len(places), CHUNK):
        index.add(_laid(rows[places[start : start + CHUNK]], cosine))
    faiss.write_index(index, str(path))


def _laid(rows: NDArray[np.float32], cosine: bool) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True) if cosine else np.ones((len(rows), 1))
    return np.ascontiguousarray(rows / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def _opened(path: Path | None, rows: int, width: int) -> Any:
    if path is None or not path.is_file() or not _has_faiss(rows):
        return None
    faiss = _faiss()
    try:
        index = faiss.read_index(str(path))
    except RuntimeError as error:
        raise CfError(f"The index {path} cannot be read: save the factors again.") from error
    if (index.ntotal, index.d) != (rows, width):
        raise CfError(
            f"The index {path} is of {index.ntotal:,} items {index.d} wide, and the factors beside "
            f"it are of {rows:,} items {width} wide: save them again."
        )
    return index


def _faiss() -> Any:
    logging.getLogger("faiss").setLevel(logging.WARNING)  # else it tells of every way it tried
    import faiss

    return faiss


def _has_faiss(rows: int) -> bool:
    if importlib.util.find_spec("faiss") is not None:
        return True
    log.warning(
        "%s items are compared one by one: `pip install faiss-cpu` and save the factors again, and "
        "it takes a tenth of the time.",
        f"{rows:,}",
    )
    return False
