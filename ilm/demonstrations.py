"""Texts of a task that stand before its question, as earlier turns of the talk.

In-context learning (Brown et al. 2020, 2005.14165) for a frozen LLM: what it is shown it need not
be taught, and item tokens are left to say what a film is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from data.catalogue import Catalogue
from data.elm24 import Elm24, Example
from ilm.llm import Turn
from prompts.templates import Template

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts -> unit vectors, (n, width)."""


def demonstrations(
    elm: Elm24, catalogue: Catalogue, count: int, encode: Encode
) -> dict[str, tuple[Turn, ...]]:
    """By task the `count` training texts that are most like all of its training texts, the most
    typical one first; their films are named, for a frozen LLM knows films by their titles."""
    names, learned = film_names(catalogue), elm.learned()
    found = {}
    for task in elm.tasks:
        mine = [example for example in learned if example.task == task]
        vectors = encode([example.text for example in mine])
        likeness = vectors @ vectors.mean(0)
        typical = [mine[n] for n in np.argsort(-likeness, kind="stable")[:count]]
        found[task] = tuple((in_words(elm, example, names), example.text) for example in typical)
    return found


def film_names(catalogue: Catalogue) -> dict[int, str]:
    """Item -> title and year."""
    return {number: f"{item.title} ({item.year})" for number, item in enumerate(catalogue)}


def in_words(elm: Elm24, example: Example, names: Mapping[int, str]) -> str:
    """The question of an example for a language model that is told the items' names."""
    told = {place: names[item] for place, item in example.items.items()}
    return "".join(map(str, Template(elm.tasks[example.task].prompt).render(**told)))
