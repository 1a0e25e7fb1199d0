"""Parts from a folder of trained weights."""

from __future__ import annotations

import ctypes
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np

from app.parts import Encoder, Parts, Vector
from cf.popularity import mean_ratings, popularity
from data.catalogue import Catalogue
from data.errors import IlmChatError
from data.fetch import cache_dir
from data.registry import load
from data.splits import leave_one_out

DEFAULT_WEIGHTS = Path(__file__).resolve().parent.parent / "weights" / "ml-100k"
RANKER = "ranker"

log = logging.getLogger(__name__)


def check_weights(weights: Path) -> dict[str, object]:
    """The metadata of a folder of weights, before anything slow is loaded.

    Raises:
        IlmChatError: when it is no such folder.
    """
    needed = ("config.json", "ids.json", "model.safetensors")
    missing = [name for name in needed if not (weights / name).is_file()]
    if missing:
        raise IlmChatError(
            f"{weights} holds no trained model ({missing[0]} is missing): run `make train`, or "
            "name another folder with --weights."
        )
    path = weights / "metadata.json"
    if not path.is_file():
        return {}
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise IlmChatError(f"{path} cannot be read ({error}): run `make train` again.") from error
    return metadata if isinstance(metadata, dict) else {}


def check_catalogue(weights: Path, catalogue: Catalogue) -> None:
    """Whether this folder's model ranks these films.

    Raises:
        IlmChatError: when it is no folder of weights, or they are of other films.
    """
    trained = check_weights(weights).get("catalogue", catalogue.digest)
    if trained != catalogue.digest:
        raise IlmChatError(
            f"{weights} was trained on other films than those of {catalogue.name} that are talked "
            "about here: name weights of the same data."
        )


def load_parts(weights: Path, *, fast: bool = True) -> Parts:
    """Everything the engine needs; the model and the text encoder are loaded side by side.

    fast: False leaves the language model to the library's forward.
    """
    metadata = check_weights(weights)
    dataset = load(str(metadata.get("dataset", "ml-100k")))
    catalogue = dataset.catalogue
    from cf.factors import Factors
    from cf.ranker import Ranker
    from ilm.model import ItemLanguageModel
    from ilm.text import TextEncoder

    with ThreadPoolExecutor(max_workers=1) as beside:
        loading = beside.submit(ItemLanguageModel.from_pretrained, weights)
        factors = Factors.load(weights / "factors", n_items=len(catalogue))
        ranker = Ranker.load(weights / RANKER) if (weights / RANKER).is_dir() else None
        encoder = TextEncoder()
        stories = story_embeddings(catalogue, encoder)
        model = loading.result()
    model.llm.fast = fast
    _give_back()
    train = leave_one_out(dataset.interactions).train
    chosen, ratings = popularity(train), mean_ratings(train)
    return Parts(catalogue, chosen, factors, model, encoder, stories, ranker, ratings)


def _give_back() -> None:
    """Hand what loading needed for a moment back to the system, which glibc would keep."""
    with suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def story_embeddings(catalogue: Catalogue, encoder: Encoder) -> Vector:
    """(n_items, width) unit embeddings of the items' stories, made once and then cached.

    Without titles, which would drown the rest: "a plot twist" found Twister.
    """
    path = cache_dir() / "stories" / f"{catalogue.digest[:16]}.npy"
    if path.is_file():
        try:
            held = np.load(path)
            if held.shape[0] == len(catalogue):
                return np.asarray(held, dtype=np.float32)
        except (OSError, ValueError):
            log.warning("The embeddings in the cache are damaged and are made again.")
    log.info(
        "Reading the catalogue's %s texts once; the next start will be faster.", len(catalogue)
    )
    made = encoder.encode([catalogue.text(i, "story") for i in range(len(catalogue))])
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.npy")
    np.save(unfinished, made)
    unfinished.replace(path)
    return made
