"""ELM-24's predictions: what a method writes about films, one line a text, resumable.

Methods that are trained write from item tokens. Beside them stand controls, which show what a
figure is worth: another film's text, one text for all films, the language model that is told the
title, the catalogue's synopsis.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from data.catalogue import Catalogue
from data.elm24 import Elm24, Example, Split
from eval.errors import EvalError
from eval.progress import tracked
from eval.transcripts import Record, Transcripts

BATCH = 40
WORDS_TO_TOKENS = 1.6
"""Tokens that a text may have for each word of its task's upper limit; our references have 1.3."""


@dataclass(frozen=True)
class Written:
    """What was written for one example.

    ended: False where the limit of tokens cut it off.
    loss, tokens: sum of the reference's losses under the model, and its tokens; 0 tokens where the
        method is no language model.
    """

    task: str
    item: int
    text: str
    ended: bool = True
    loss: float = 0.0
    tokens: int = 0


Writer = Callable[[Sequence[Example]], list[Written]]


def batches(elm: Elm24, part: Split) -> list[list[Example]]:
    """The part's examples in the order in which they are written: one task a batch."""
    found = []
    for task in elm.tasks:
        mine = [example for example in elm.of(part) if example.task == task]
        found += [mine[start : start + BATCH] for start in range(0, len(mine), BATCH)]
    return found


def complete(
    path: Path,
    about: Mapping[str, Any],
    parts: Sequence[Sequence[Example]],
    writer: Callable[[], Writer],
    *,
    again: bool = False,
) -> None:
    """Write the batches that the file lacks, each on a line of its own.

    A run that was killed goes on after its last batch, and writes what it would have written.

    Args:
        about: what the run is; a file of another one is an error.
        writer: called once, and only if something is missing.
        again: begin anew whatever is there.
    """
    # As a file gives it back, lists in place of tuples.
    same = json.loads(json.dumps(dict(about)))
    by_name = {f"{part[0].task}-{number}": part for number, part in enumerate(parts)}
    held = Transcripts.at(path, same, {}, "batch", again=again)
    if missing := held.missing(list(by_name)):
        held.add(_written(missing, by_name, writer()), {})


def _written(
    names: Sequence[str], parts: Mapping[str, Sequence[Example]], write: Writer
) -> Iterator[Record]:
    for name in tracked(names, "batches of texts"):
        texts = [asdict(text) for text in write(parts[name])]
        if len(texts) != len(parts[name]):
            raise EvalError(f"{len(texts)} texts were written for {len(parts[name])} prompts.")
        yield {"batch": name, "texts": texts}


def load(path: Path) -> list[Written]:
    """The texts of a file that `complete` wrote, in its order."""
    try:
        lines = [json.loads(line) for line in path.read_text("utf-8").split("\n")[1:-1]]
        return [Written(**text) for line in lines for text in line["texts"]]
    except (ValueError, TypeError, KeyError) as error:
        raise EvalError(
            f"{path} is no file of ELM-24 texts ({error}): make it again with --again."
        ) from error


# -- writers -------------------------------------------------------------------------------------


def model_writer(folder: Path, elm: Elm24) -> Writer:
    """The texts of a saved item-language model, in the precision that it was trained in."""
    from eval.scorers import SavedModel
    from ilm.writing import answer_sums, elm_prompt, write_texts

    model = SavedModel(folder, "sequential", "seen", as_trained=True).model

    def write(examples: Sequence[Example]) -> list[Written]:
        import torch

        prompts = [elm_prompt(model, elm, example) for example in examples]
        with torch.no_grad():
            before = model.splice(prompts, pad_left=True)
            texts = write_texts(model.llm, before, max_new_tokens=_limit(elm, examples))
            whole = model.splice(prompts, answers=[example.text for example in examples])
            return _joined(examples, texts, answer_sums(model.llm, whole))

    return write


def title_writer(elm: Elm24, catalogue: Catalogue) -> Writer:
    """The default language model alone, told the films' titles and years."""
    import torch

    from ilm.llm import load_llm
    from ilm.splice import splice
    from ilm.writing import answer_sums, elm_prompt_in_words, write_texts

    llm = load_llm(dtype=torch.bfloat16)
    llm.to(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    names = {n: f"{item.title} ({item.year})" for n, item in enumerate(catalogue)}

    def no_items(placeholder: object) -> torch.Tensor:
        raise EvalError(f"{placeholder} has no tokens: this model is told titles.")

    def write(examples: Sequence[Example]) -> list[Written]:
        prompts = [elm_prompt_in_words(llm, elm, example, names) for example in examples]
        answers = [example.text for example in examples]
        with torch.no_grad():
            before = splice(llm, prompts, no_items, pad_left=True)
            texts = write_texts(llm, before, max_new_tokens=_limit(elm, examples))
            sums = answer_sums(llm, splice(llm, prompts, no_items, answers=answers))
        return _joined(examples, texts, sums)

    return write


def reference_writer() -> Writer:
    """The references themselves: what a figure is at best."""
    return lambda examples: [_plain(example, example.text) for example in examples]


def other_film_writer(elm: Elm24, seed: int) -> Writer:
    """A training film's text of the same task, drawn anew for each: the mean reference."""

    def write(examples: Sequence[Example]) -> list[Written]:
        found = []
        for example in examples:
            choices = [e.text for e in elm.learned() if e.task == example.task]
            number = list(elm.tasks).index(example.task)
            rng = np.random.default_rng([seed, number, example.items["item"]])
            found.append(_plain(example, choices[rng.integers(len(choices))]))
        return found

    return write


def constant_writer(elm: Elm24, encode: Callable[[Sequence[str]], np.ndarray]) -> Writer:
    """One training text a task for all films: the one that is most like the others."""
    best: dict[str, str] = {}

    def of(task: str) -> str:
        if task not in best:
            texts = [example.text for example in elm.learned() if example.task == task]
            vectors = encode(texts)
            best[task] = texts[int((vectors @ vectors.sum(0)).argmax())]
        return best[task]

    return lambda examples: [_plain(example, of(example.task)) for example in examples]


def synopsis_writer(catalogue: Catalogue) -> Writer:
    """The catalogue's own text of the film, whatever is asked."""
    return lambda examples: [
        _plain(example, catalogue.text(example.items["item"], "catalogue")) for example in examples
    ]


def _plain(example: Example, text: str) -> Written:
    return Written(example.task, example.items["item"], text)


def _limit(elm: Elm24, examples: Sequence[Example]) -> int:
    return round(WORDS_TO_TOKENS * max(elm.tasks[example.task].words[1] for example in examples))


def _joined(
    examples: Sequence[Example], texts: tuple[list[str], list[bool]], sums: tuple[Any, Any]
) -> list[Written]:
    columns = zip(examples, *texts, sums[0].tolist(), sums[1].tolist(), strict=True)
    return [
        Written(example.task, example.items["item"], text, ended, round(loss, 4), int(tokens))
        for example, text, ended, loss, tokens in columns
    ]
