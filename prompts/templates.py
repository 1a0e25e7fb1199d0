"""Templates: text with `{name}` placeholders, filled with text or with items."""

import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import SupportsIndex

from data.errors import IlmChatError

FILES = Path(__file__).parent / "files"
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class PromptError(IlmChatError):
    """A template that cannot be read, or values that do not fit it."""


@dataclass(frozen=True)
class Placeholder:
    """A place in a prompt where the item tokens of `items` (dense indices, or one user's) go."""

    name: str
    items: tuple[int, ...]


Segment = str | Placeholder
Value = str | SupportsIndex | Sequence[SupportsIndex]


@dataclass(frozen=True)
class Template:
    """A prompt with placeholders. PromptError for a brace that belongs to no placeholder."""

    text: str

    def __post_init__(self) -> None:
        stray = re.search(r"[{}]", _PLACEHOLDER.sub(lambda match: " " * len(match[0]), self.text))
        if stray is not None:
            raise PromptError(
                f"The template {self.text!r} has a brace at position {stray.start()} that belongs "
                "to no {name}."
            )

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """The names that must be given, each once, in the order of the text."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.text)))

    def render(self, **values: Value) -> list[Segment]:
        """Fill every placeholder: a text is put in as it is, one or several indices become a
        `Placeholder` of that name.

        Neighbouring pieces of text are joined and empty ones dropped. Braces inside a value are
        text. PromptError naming the placeholder when a value is missing or has no place.
        """
        for name in self.placeholders:
            if name not in values:
                raise PromptError(f"The template {self.text!r} needs a value for {{{name}}}.")
        for name in values:
            if name not in self.placeholders:
                raise PromptError(f"The template {self.text!r} has no placeholder {{{name}}}.")
        segments: list[Segment] = []
        # re.split with one group alternates text and placeholder names.
        for place, piece in enumerate(_PLACEHOLDER.split(self.text)):
            segment = _segment(piece, values[piece]) if place % 2 else piece
            if isinstance(segment, str) and segments and isinstance(segments[-1], str):
                segments[-1] += segment
            elif segment != "":
                segments.append(segment)
        return segments


def _segment(name: str, value: Value) -> Segment:
    if isinstance(value, str):
        return value
    try:
        # Arrays are asked first whether they are a sequence: they also know how to be one index.
        indices = tuple(value) if isinstance(value, Iterable) else (value,)
        return Placeholder(name, tuple(operator.index(index) for index in indices))
    except TypeError:
        raise PromptError(
            f"The value of {{{name}}} must be text, an index or a sequence of indices, not "
            f"{value!r}."
        ) from None


def load_template(path: Path) -> Template:
    """The template in a text file; the line end at its end does not belong to it."""
    return Template(read_file(path).rstrip("\n"))


def read_file(path: Path) -> str:
    """A prompt file's text. PromptError when it is absent, empty or not UTF-8."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PromptError(f"The prompt file {path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise PromptError(f"The prompt file {path.name} is not UTF-8 text.") from error
    if not text.strip():
        raise PromptError(f"The prompt file {path.name} is empty.")
    return text
