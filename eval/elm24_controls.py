"""ELM-24's controls: texts of no item-language model, which show what a figure is worth.

Another film's text, one text for all films, the training text that a film's factors (or its
synopsis) point to, the language model that is told the title (or nothing of the film), the
catalogue's synopsis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from data.catalogue import Catalogue
from data.elm24 import Elm24, Example, Split
from eval.elm24_scores import ridge, with_one
from eval.elm24_texts import Writer, Written, joined, limit, plain, swapped
from eval.errors import EvalError
from prompts.templates import Segment

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
UNNAMED = "a film"
PENALTIES = (0.1, 1.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
"""Tried for the way from what is known of a film to its texts; the validation films choose."""


def told_writer(
    elm: Elm24, catalogue: Catalogue, encode: Encode, shown: int, *, titles: bool
) -> Writer:
    """The default language model as it comes.

    Args:
        shown: how many demonstrations stand before a question.
        titles: whether it is told the films' titles and years, or no more than that they are films.
    """
    import torch

    from ilm.demonstrations import demonstrations, film_names, in_words
    from ilm.llm import load_llm
    from ilm.splice import splice
    from ilm.writing import answer_sums, chat_segments, write_texts

    llm = load_llm(dtype=torch.bfloat16)
    llm.to(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    turns = demonstrations(elm, catalogue, shown, encode)
    names = film_names(catalogue) if titles else dict.fromkeys(range(len(catalogue)), UNNAMED)

    def no_items(placeholder: object) -> torch.Tensor:
        raise EvalError(f"{placeholder} has no tokens: this model is told words.")

    def asking(examples: Sequence[Example]) -> list[list[Segment]]:
        return [
            chat_segments(llm, [in_words(elm, example, names)], turns[example.task])
            for example in examples
        ]

    def write(examples: Sequence[Example]) -> list[Written]:
        prompts = asking(examples)
        answers = [example.text for example in examples]
        with torch.no_grad():
            asked = splice(llm, prompts, no_items)
            texts = write_texts(llm, asked, max_new_tokens=limit(elm, examples))
            sums = answer_sums(llm, splice(llm, prompts, no_items, answers=answers))
            misled = None
            if titles:
                others = asking(swapped(examples))
                misled, _ = answer_sums(llm, splice(llm, others, no_items, answers=answers))
        return joined(examples, texts, sums, misled)

    return write


def reference_writer() -> Writer:
    """The references themselves: what a figure is at best."""
    return lambda examples: [plain(example, example.text) for example in examples]


def other_film_writer(elm: Elm24, seed: int) -> Writer:
    """A training film's text of the same task, drawn anew for each: the mean reference."""

    def write(examples: Sequence[Example]) -> list[Written]:
        found = []
        for example in examples:
            choices = [e.text for e in elm.learned() if e.task == example.task]
            number = list(elm.tasks).index(example.task)
            rng = np.random.default_rng([seed, number, example.items["item"]])
            found.append(plain(example, choices[rng.integers(len(choices))]))
        return found

    return write


def constant_writer(elm: Elm24, encode: Encode) -> Writer:
    """One training text a task for all films: the one that is most like the others."""
    best: dict[str, str] = {}

    def of(task: str) -> str:
        if task not in best:
            texts = [example.text for example in elm.learned() if example.task == task]
            vectors = encode(texts)
            best[task] = texts[int((vectors @ vectors.sum(0)).argmax())]
        return best[task]

    return lambda examples: [plain(example, of(example.task)) for example in examples]


def picked_writer(elm: Elm24, encode: Encode, known: NDArray[np.floating]) -> Writer:
    """The training text of the task that a linear reader of a film expects its reference to be
    like: what can be told of the wanted text by whoever knows this much of a film.

    A ridge regression a task leads from what is known of a film to the embedding of its text.

    Args:
        known: (n_items, d) what is known of each item, its columns on one scale.
    """
    vectors = encode([example.text for example in elm.examples]).astype(np.float64)
    x = with_one(known)

    def rows(task: str, split: Split) -> tuple[list[int], NDArray[np.int64]]:
        found = [n for n, e in enumerate(elm.examples) if (e.task, e.split) == (task, split)]
        return found, np.array([elm.examples[n].items["item"] for n in found], dtype=np.int64)

    def fits(penalty: float) -> dict[str, NDArray[np.float64]]:
        found = {}
        for task in elm.tasks:
            train, items = rows(task, "train")
            found[task] = ridge(x[items], vectors[train], penalty)
        return found

    def likeness(weights: Mapping[str, NDArray[np.float64]]) -> float:
        """Mean cosine of what is expected of the validation films and what was written of them."""
        cosines = []
        for task in elm.tasks:
            held, items = rows(task, "validation")
            cosines += _cosines(x[items] @ weights[task], vectors[held]).tolist()
        return float(np.mean(cosines))

    best = max((fits(penalty) for penalty in PENALTIES), key=likeness)

    def write(examples: Sequence[Example]) -> list[Written]:
        found = []
        for example in examples:
            train, _ = rows(example.task, "train")
            expected = x[example.items["item"]] @ best[example.task]
            nearest = train[int((vectors[train] @ expected).argmax())]
            found.append(plain(example, elm.examples[nearest].text))
        return found

    return write


def _cosines(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.floating]:
    """Row by row; those of `other` have length 1."""
    return (one * other).sum(1) / np.maximum(np.linalg.norm(one, axis=1), 1e-9)


def synopsis_writer(catalogue: Catalogue) -> Writer:
    """The catalogue's own text of the film, whatever is asked."""
    return lambda examples: [
        plain(example, catalogue.text(example.items["item"], "catalogue")) for example in examples
    ]
