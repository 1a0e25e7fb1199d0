"""The order of ML-100K's interactions that share a second, frozen.

44 % of the users have their last two interactions in the same second, so the order of ties decides
who the test items are. OpenP5's files have the order that an unstable sort of the 5-core's
timestamps, in the row order of `u.data`, gives where numpy has no SIMD sorts; with them, only
about 71 % of the test items are the same. The order is therefore a resource: for each row of the
canonical order (user id, time, item id, as numbers) how far away in it the row stands that takes
its place.
"""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from data.errors import DataError
from data.interactions import Interactions
from data.reading import RESOURCES

RESOURCE = RESOURCES / "ml-100k-tie-order.npz"

# `Interactions.digest` of the rows the order was made from, in canonical order.
CORE_DIGEST = "6164b32c0dc68cc63a0970af02bcf3decbbf37ce94d97649d2e6f4d49c846819"

_ARGSORT = """
import sys, numpy
times = numpy.frombuffer(sys.stdin.buffer.read(), dtype=numpy.int64)
sys.stdout.buffer.write(numpy.argsort(times, kind="quicksort").astype(numpy.int64).tobytes())
"""


def load_order(path: Path = RESOURCE) -> NDArray[np.intp]:
    """(n,) for each place, the canonical row that belongs there. DataError for a damaged file."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            offsets = arrays["offsets"]
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise DataError(f"{path.name} cannot be read ({error}); restore the file.") from error
    places = np.arange(len(offsets))
    if not np.array_equal(np.sort(places + offsets), places):
        raise DataError(f"{path.name} is no permutation; restore the file.")
    return places + offsets


def save_order(order: NDArray[np.intp], path: Path) -> None:
    """The inverse of `load_order`."""
    offsets = order - np.arange(len(order))
    np.savez_compressed(path, offsets=offsets.astype(np.int8))


def apply_order(core: Interactions) -> Interactions:
    """ML-100K's 5-core in canonical order -> in the frozen order. DataError for any other data."""
    if core.digest != CORE_DIGEST:
        raise DataError(
            "These are not the interactions of MovieLens-100K: they differ from the published ones "
            f"(after 5-core {core.n_users} users and {len(core):,} rows, published: 943 and "
            "99,287)."
        )
    return core.select(load_order())


def make_order(
    users: NDArray[np.int64], items: NDArray[np.int64], times: NDArray[np.int64]
) -> NDArray[np.intp]:
    """The order from the 5-core's rows in the row order of `u.data`, sorted as OpenP5 did.

    It comes out right only where numpy's SIMD sorts can be switched off (x86).
    """
    simd = np.show_config(mode="dicts")["SIMD Extensions"]
    result = subprocess.run(
        [sys.executable, "-c", _ARGSORT],
        input=times.tobytes(),
        env={**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(simd.get("found", []))},
        capture_output=True,
        check=True,
    )
    by_time = np.frombuffer(result.stdout, np.int64)
    frozen = by_time[np.argsort(users[by_time], kind="stable")]
    canonical_place = np.empty(len(users), np.intp)
    canonical_place[np.lexsort((items, times, users))] = np.arange(len(users))
    return canonical_place[frozen]
