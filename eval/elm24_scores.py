"""ELM-24's metrics, computed from a texts file.

Semantic consistency (SC) and behavioural consistency (BC) are ELM's (Tennenholtz et al.,
2310.04475, section 4); the paper's embedder is Sentence-T5, ours MiniLM unless another is named.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from data.elm24 import Elm24, Example
from eval.elm24_texts import Written

RIDGE = (0.1, 1.0, 10.0, 100.0, 1000.0)
"""Penalties tried for the way back from text to factors; the validation films choose."""
Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Texts -> unit vectors (n, width); see `ilm.text.TextEncoder`."""

    def encode(self, texts: Sequence[str]) -> Vectors: ...


class Remembering:
    """An encoder that keeps what it has encoded in a folder: the references are asked for by every
    run, and take a CPU minutes."""

    def __init__(self, load: Callable[[], Encoder], folder: Path, name: str) -> None:
        self._load, self._folder, self._name = load, folder, name
        self._encoder: Encoder | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n, width) of these texts together, from the folder if they were asked for before."""
        digest = hashlib.sha256("\0".join([self._name, *texts]).encode()).hexdigest()[:16]
        path = self._folder / f"{digest}.npy"
        if path.is_file():
            return np.load(path, allow_pickle=False)
        self._encoder = self._encoder or self._load()
        vectors = self._encoder.encode(texts)
        self._folder.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".part.npy")
        np.save(scratch, vectors)
        scratch.replace(path)
        return vectors


@dataclass(frozen=True)
class Yardstick:
    """What texts are measured with, the same for every method.

    Attributes:
        vectors: embedding of every reference, by (task, item).
        among: items that the right one has to be told from by its text.
        weights: (width + 1, d) from an embedding (and 1) to standardised factors.
        factors: (n_items, d) unit vectors of the standardised item factors; `known` says of which
            items there are any.
    """

    elm: Elm24
    encoder: Encoder
    vectors: Mapping[tuple[str, int], Vectors]
    among: tuple[int, ...]
    weights: NDArray[np.float64]
    factors: NDArray[np.float64]
    known: NDArray[np.bool_]


def yardstick(
    elm: Elm24, encoder: Encoder, factors: NDArray[np.float32], known: NDArray[np.bool_]
) -> Yardstick:
    """Embed the references, and fit the way back from a text to its film's factors.

    Args:
        factors: (n_items, d) of the training interactions; rows that are not `known` mean nothing.
    """
    encoded = encoder.encode([example.text for example in elm.examples])
    vectors = {_key(e): v for e, v in zip(elm.examples, encoded, strict=True)}
    scaled = standardised(factors, known)
    units = scaled / np.maximum(np.linalg.norm(scaled, axis=1, keepdims=True), 1e-6)
    units = units.astype(np.float64)

    def pairs(split: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        mine = [e for e in elm.examples if e.split == split and is_about_one(elm, e.task)]
        return (
            with_one(np.stack([vectors[_key(e)] for e in mine])),
            np.array([e.items["item"] for e in mine]),
        )

    (x, items), (x_held, held) = pairs("train"), pairs("validation")
    fits = [ridge(x, units[items], penalty) for penalty in RIDGE]
    medians = [np.median(back_ranks(x_held @ w, held, units, known)) for w in fits]
    among = sorted({e.items["item"] for e in elm.examples if e.split != "train"})
    best = fits[int(np.argmin(medians))]
    return Yardstick(elm, encoder, vectors, tuple(among), best, units, known)


def standardised(factors: NDArray[np.floating], known: NDArray[np.bool_]) -> NDArray[np.floating]:
    """(n_items, d) with mean 0 and deviation 1 over the known rows."""
    return (factors - factors[known].mean(0)) / np.maximum(factors[known].std(0), 1e-6)


def ridge(x: NDArray[np.float64], y: NDArray[np.float64], penalty: float) -> NDArray[np.float64]:
    """Least squares with an L2 penalty on all but the last row (the constant), (width, d)."""
    penalties = np.full(x.shape[1], penalty)
    penalties[-1] = 0.0
    return np.asarray(np.linalg.solve(x.T @ x + np.diag(penalties), x.T @ y))


def with_one(x: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n, width) with a column of ones behind it."""
    return np.hstack([x, np.ones((len(x), 1))])


def back_ranks(
    found: NDArray[np.float64],
    items: NDArray[np.int64],
    units: NDArray[np.float64],
    known: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Place of each text's film, 1 = first, among all known ones by cosine to (n, d) factors."""
    scores = found @ units.T
    own = scores[np.arange(len(items)), items][:, None]
    return ((scores >= own) & known).sum(1)


def is_about_one(elm: Elm24, task: str) -> bool:
    """Texts about two films say nothing certain of one of them."""
    return elm.tasks[task].second is None


@dataclass(frozen=True)
class Measured:
    """Figures of one run.

    figures: by name; what a control has not (a loss) is absent.
    by_task: SC by task.
    by_film: SC by item, the mean over its tasks.
    loss_by_film: `loss` by item; empty for a method that is no language model.
    gain_by_film: `film gain` by item; empty for a method that is told of no film.
    """

    figures: dict[str, float]
    by_task: dict[str, float]
    by_film: dict[int, float]
    loss_by_film: dict[int, float]
    gain_by_film: dict[int, float]


def measure(stick: Yardstick, written: Sequence[Written]) -> Measured:
    """All figures of one run's texts.

    SC: mean cosine of a text and its reference; an empty text has 0. BC: median place of the true
    film among all, from a text about one film, and from the mean of all its texts. retrieval@1:
    how often the text is nearer to its film's reference than to those of the same task of any other
    validation or test film. loss: per token of the references, under the model. film gain: how much
    higher that is where the prompt has another film: what the model takes from this one.
    """
    elm = stick.elm
    vectors = stick.encoder.encode([w.text for w in written])
    empty = np.array([not w.text.strip() for w in written])
    vectors[empty] = 0.0
    references = np.stack([stick.vectors[w.task, w.item] for w in written])
    cosines = (vectors * references).sum(1)
    one = np.array([is_about_one(elm, w.task) for w in written])
    items = np.array([w.item for w in written])
    ranks = back_ranks(
        with_one(vectors[one]) @ stick.weights, items[one], stick.factors, stick.known
    )
    films = np.unique(items)
    means = np.stack([vectors[one & (items == film)].mean(0) for film in films])
    film_ranks = back_ranks(with_one(means) @ stick.weights, films, stick.factors, stick.known)
    found = [_found(stick, w, v) for w, v in zip(written, vectors, strict=True)]
    figures = {
        "SC": float(cosines.mean()),
        "BC median rank": float(np.median(ranks)),
        "BC median rank of a film": float(np.median(film_ranks)),
        "retrieval@1": float(np.mean(found)),
        **style(written),
    }
    losses: dict[int, float] = {}
    if any(w.tokens for w in written):
        figures["loss"] = _loss(written)
        losses = {int(f): _loss([w for w in written if w.item == f]) for f in films}
    by_task = {
        task: float(cosines[[w.task == task for w in written]].mean())
        for task in elm.tasks
        if any(w.task == task for w in written)
    }
    gains: dict[int, float] = {}
    if all(w.misled is not None for w in written):
        figures["film gain"] = _gain(written)
        gains = {int(f): _gain([w for w in written if w.item == f]) for f in films}
    by_film = {int(film): float(cosines[items == film].mean()) for film in films}
    return Measured(figures, by_task, by_film, losses, gains)


def _loss(written: Sequence[Written]) -> float:
    return sum(w.loss for w in written) / sum(w.tokens for w in written)


def _gain(written: Sequence[Written]) -> float:
    higher = sum((w.misled or 0.0) - w.loss for w in written)
    return higher / sum(w.tokens for w in written)


def _found(stick: Yardstick, written: Written, vector: Vectors) -> bool:
    same = [item for item in stick.among if (written.task, item) in stick.vectors]
    scores = np.stack([stick.vectors[written.task, item] for item in same]) @ vector
    own = scores[same.index(written.item)]
    return bool((scores >= own).sum() == 1)


def style(written: Sequence[Written]) -> dict[str, float]:
    """What shows generic or broken writing.

    distinct-n: different n-grams among all of a task's, the mean over tasks. words: mean length.
    empty, endless, looping: shares of texts without a word, cut off by the limit, and with a run of
    four words that returns.
    """
    words = [w.text.lower().split() for w in written]
    figures = {}
    for n in (1, 2):
        shares = []
        for task in dict.fromkeys(w.task for w in written):
            grams = [
                gram
                for w, text in zip(written, words, strict=True)
                if w.task == task
                for gram in ngrams(text, n)
            ]
            shares.append(len(set(grams)) / max(1, len(grams)))
        figures[f"distinct-{n}"] = float(np.mean(shares))
    return figures | {
        "words": float(np.mean([len(text) for text in words])),
        "empty": float(np.mean([not text for text in words])),
        "endless": float(np.mean([not w.ended for w in written])),
        "looping": float(
            np.mean([max(Counter(ngrams(t, 4)).values(), default=0) > 1 for t in words])
        ),
    }


def ngrams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """All runs of n words."""
    return [tuple(words[at : at + n]) for at in range(len(words) - n + 1)]


def _key(example: Example) -> tuple[str, int]:
    return example.task, example.items["item"]
