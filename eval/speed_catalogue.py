"""What larger catalogues cost: ranking them, finding the best of them, loading them."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cf.factors import Factors
from eval.speed import OURS, Figure, Goal, Setting, alternate
from eval.speed_ranking import seconds
from ilm.ranking_head import RankingHead

SIZES = (1_700, 20_000, 200_000, 1_000_000)
WIDTH, FACTORS = 256, 64  # of the shipped ranking head, and of drawn factors
VIEWERS = 100
BEST = 100
LOADED_WITHIN = 5.0  # seconds


def growth(setting: Setting, sizes: tuple[int, ...] = SIZES) -> list[Figure]:
    """The ranking head over larger catalogues of drawn factors, beside the product that it holds.

    The LLM's part does not depend on the catalogue and is left out.
    """
    product = "exact matrix product"
    taken: dict[int, dict[str, list[float]]] = {}
    for size in sizes:
        taken[size] = alternate(_head(size, setting, product), setting.repeats)
    first, last = taken[sizes[0]], taken[sizes[-1]]
    grown = {name: np.divide(last[name], first[name]).tolist() for name in last}
    details: dict[str, Any] = {
        f"{size}": {name: float(f"{np.median(t):.4g}") for name, t in sides.items()}
        for size, sides in taken.items()
    }
    return [
        Figure(
            "growth",
            f"top 10 of {sizes[-1]:,} items, times that of {sizes[0]:,}",
            "times",
            grown,
            (Goal(product, least=1),),
            {"seconds": details, "factors": FACTORS, "rank_width": WIDTH},
        )
    ]


def _head(size: int, setting: Setting, product: str) -> dict[str, Callable[[], float]]:
    width = setting.model.llm.width
    torch.manual_seed(0)
    with torch.inference_mode():
        head = RankingHead(width, WIDTH, FACTORS, size).eval()
        head.free.data.normal_(std=1 / math.sqrt(WIDTH))
        vectors, query = head.item_vectors(torch.randn(size, FACTORS)), torch.randn(1, WIDTH)
        features = head.features(torch.randn(1, 1, width), torch.randn(1, 1, width))[:, -1]

    @torch.inference_mode()
    def ours() -> None:
        head(features, vectors, "next").topk(10)

    @torch.inference_mode()
    def exact() -> None:
        (query @ head.free.T).topk(10)

    return {OURS: seconds(ours), product: seconds(exact)}


def nearest(setting: Setting, sizes: tuple[int, ...] = SIZES[-2:]) -> list[Figure]:
    """The best items of large catalogues by drawn factors, with an index (`cf.nearest`) and by the
    exact product; and loading the largest of them.

    Drawn factors are the hardest case: nothing of them is alike.
    """
    with tempfile.TemporaryDirectory() as folder:
        figures = [_indexed(size, Path(folder) / f"{size}", setting) for size in sizes]
        return [*figures, _loading(sizes[-1], Path(folder) / f"{sizes[-1]}", setting)]


def _indexed(size: int, folder: Path, setting: Setting) -> Figure:
    rng = np.random.default_rng(0)
    items, users = (rng.standard_normal((n, FACTORS), np.float32) for n in (size, VIEWERS))
    drawn = Factors(items, users, np.ones(size, np.bool_), "als", {"regularization": 1.0})
    start = time.perf_counter()
    drawn.save(folder)
    saving = time.perf_counter() - start
    loaded = Factors.load(folder)

    def exact(user: np.ndarray) -> np.ndarray:
        scores = items @ user
        best = np.argpartition(-scores, BEST)[:BEST]
        return best[np.argsort(-scores[best])]

    def each(work: Callable[[np.ndarray], object]) -> Callable[[], float]:
        return seconds(lambda: [work(user) for user in users], 1000 / VIEWERS)

    found = [{item for item, _ in loaded.best(user, BEST)} for user in users]
    kept = [len(mine & set(exact(user).tolist())) for mine, user in zip(found, users, strict=True)]
    product = "exact product"
    sides = {OURS: each(lambda user: loaded.best(user, BEST)), product: each(exact)}
    recall = float(np.mean(kept)) / BEST
    return Figure(
        f"nearest-{size}",
        f"the best {BEST} of {size:,} items by their factors, {100 * recall:.1f} % of them found",
        "ms",
        alternate(sides, setting.repeats),
        (Goal(product, least=1),),
        {"recall": recall, "viewers": VIEWERS, "factors": FACTORS, "saving_s": round(saving, 2)},
    )


def _loading(size: int, folder: Path, setting: Setting) -> Figure:
    def load() -> None:
        factors = Factors.load(folder)
        factors.best(factors.fold_in([1, 2, 3]), BEST)

    return Figure(
        "loading",
        f"loading {size:,} items and finding the best {BEST} for a new viewer",
        "s",
        alternate({OURS: seconds(load)}, setting.repeats),
        (Goal(most=LOADED_WITHIN),),
        {"factors": FACTORS},
    )
