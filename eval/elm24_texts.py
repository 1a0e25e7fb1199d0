"""ELM-24's predictions: what a method writes about films, one line a text, resumable."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

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
    misled: sum of the reference's losses where the prompt has another film (`swapped`); None where
        the method is told of no film.
    """

    task: str
    item: int
    text: str
    ended: bool = True
    loss: float = 0.0
    tokens: int = 0
    misled: float | None = None


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


def model_writer(folder: Path, elm: Elm24) -> Writer:
    """The texts of a saved item-language model, in the precision that it was trained in."""
    from eval.scorers import SavedModel
    from ilm.writing import answer_sums, elm_prompt, write_texts

    model = SavedModel(folder, "sequential", "seen", as_trained=True).model

    def write(examples: Sequence[Example]) -> list[Written]:
        import torch

        prompts = [elm_prompt(model, elm, example) for example in examples]
        with torch.no_grad():
            asked = model.splice(prompts)
            texts = write_texts(model.llm, asked, max_new_tokens=limit(elm, examples))
            answers = [example.text for example in examples]
            sums = answer_sums(model.llm, model.splice(prompts, answers=answers))
            others = [elm_prompt(model, elm, example) for example in swapped(examples)]
            misled, _ = answer_sums(model.llm, model.splice(others, answers=answers))
            return joined(examples, texts, sums, misled)

    return write


def swapped(examples: Sequence[Example]) -> list[Example]:
    """The same questions and texts, each about the film half a batch away."""
    half = len(examples) // 2
    others = [*examples[half:], *examples[:half]]
    return [
        replace(example, items={**example.items, "item": other.items["item"]})
        for example, other in zip(examples, others, strict=True)
    ]


def plain(example: Example, text: str) -> Written:
    """A text that no language model of ours wrote."""
    return Written(example.task, example.items["item"], text)


def limit(elm: Elm24, examples: Sequence[Example]) -> int:
    return round(WORDS_TO_TOKENS * max(elm.tasks[example.task].words[1] for example in examples))


def joined(
    examples: Sequence[Example],
    texts: tuple[list[str], list[bool]],
    sums: tuple[Any, Any],
    misled: Any = None,
) -> list[Written]:
    """Examples, their texts and whether each ended, losses and tokens of the references, and the
    losses where the prompt has another film."""
    losses = [round(loss, 4) for loss in sums[0].tolist()]
    others = [None] * len(losses) if misled is None else [round(x, 4) for x in misled.tolist()]
    columns = zip(examples, *texts, losses, sums[1].tolist(), others, strict=True)
    return [
        Written(example.task, example.items["item"], text, ended, loss, int(tokens), other)
        for example, text, ended, loss, tokens, other in columns
    ]
