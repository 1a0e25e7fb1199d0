"""OpenP5's prompt files: one `task; seen|unseen; input; target` a line (arXiv 2306.11134)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from prompts.templates import FILES, PromptError, Template, read_file

Kind = Literal["seen", "unseen"]


@dataclass(frozen=True)
class OpenP5Prompt:
    """`seen` prompts are trained on, unseen ones only tested; `target` is what should be written.

    Placeholders used: `dataset`, `user_id`, `history` (in `input`), `target` (in `target`).
    """

    task: str
    seen: bool
    input: Template
    target: Template


def load_templates(path: Path | None = None) -> tuple[OpenP5Prompt, ...]:
    """The prompts of a file, in its order; OpenP5's own file can be read as it is. None: ours.

    PromptError with the line's number when it has not four fields, neither seen nor unseen, a stray
    brace, or its input already holds the target.
    """
    path = path or FILES / "openp5.txt"
    prompts = []
    for number, line in enumerate(read_file(path).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        fields = [field.strip() for field in line.split(";")]
        if len(fields) != 4:
            raise PromptError(
                f"{where}: expected `task; seen|unseen; input; target`, found {len(fields)} fields."
            )
        task, seen, source, target = fields
        if seen not in ("seen", "unseen"):
            raise PromptError(f"{where}: the second field must be seen or unseen, not {seen!r}.")
        try:
            prompt = OpenP5Prompt(task, seen == "seen", Template(source), Template(target))
        except PromptError as error:
            raise PromptError(f"{where}: {error}") from error
        if "target" in prompt.input.placeholders:
            raise PromptError(f"{where}: the input must not hold the {{target}}.")
        prompts.append(prompt)
    return tuple(prompts)


@cache
def load_openings(task: str, path: Path = FILES / "rank.txt") -> dict[Kind, tuple[str, ...]]:
    """The words that one-step ranking begins with, before a history or a user's tokens.

    A causal LLM ranks from the state at the newest item, so a prompt for it ends there: the file
    has the form that `load_templates` reads, each input ends with its one placeholder, and there
    is no target.

    Raises:
        PromptError: for an input that does not, or a kind that is missing.
    """
    openings: dict[Kind, list[str]] = {"seen": [], "unseen": []}
    for prompt in load_templates(path):
        if prompt.task != task:
            continue
        words, _, rest = prompt.input.text.partition("{")
        if not words or "{" in rest or not rest.endswith("}"):
            raise PromptError(
                f"{path.name}: {prompt.input.text!r} must be words and one placeholder at its end."
            )
        openings["seen" if prompt.seen else "unseen"].append(words)
    if not all(openings.values()):
        raise PromptError(f"{path.name} needs seen and unseen prompts for the task {task}.")
    return {kind: tuple(texts) for kind, texts in openings.items()}
