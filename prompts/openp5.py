"""OpenP5's prompt files: one `task; seen|unseen; input; target` a line (arXiv 2306.11134)."""

from dataclasses import dataclass
from pathlib import Path

from prompts.templates import FILES, PromptError, Template, read_file


@dataclass(frozen=True)
class OpenP5Prompt:
    """`seen` prompts are trained on, unseen ones only tested; `target` is what should be written.

    Placeholders used: `dataset`, `user_id`, `history` (in `input`), `target` (in `target`).
    """

    task: str
    seen: bool
    input: Template
    target: Template


def load_templates(path: Path = FILES / "openp5.txt") -> tuple[OpenP5Prompt, ...]:
    """The prompts of a file, in its order; OpenP5's own file can be read as it is.

    PromptError with the line's number when it has not four fields, neither seen nor unseen, a stray
    brace, or its input already holds the target.
    """
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
