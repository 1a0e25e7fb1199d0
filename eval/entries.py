"""What a result is about: the entry, which names its predictions files and its row."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

Decoding = Literal["rank", "generate-id"]
Prompt = Literal["seen", "unseen"]
Indexing = Literal["random", "sequential", "collaborative"]
Size = Literal["brief", "cpu", "full"]
Setting = str | int | float | bool | tuple[str, ...]

DEFAULT_PROMPT = "seen"
DEFAULT_INDEXING = "random"


def as_setting(value: Any) -> Setting:
    """A value as TOML or JSON gives it; their lists become tuples, which can be compared."""
    return tuple(value) if isinstance(value, list) else value


def noted(method: str, notes: Sequence[str], variant: Iterable[tuple[str, Setting]]) -> str:
    """What a table calls a method: "ilm-rand (cpu, model.num_queries = 1)"."""
    every = [*notes, *(f"{name} = {as_text(value)}" for name, value in variant)]
    return f"{method} ({', '.join(every)})" if every else method


def as_text(value: Setting) -> str:
    """A value as it is shown, as in cf+text."""
    return "+".join(value) if isinstance(value, tuple) else str(value)


def as_options(variant: Iterable[tuple[str, Setting]]) -> list[str]:
    """Settings as words of a command line, as `scorers.overrides` reads them."""
    words = []
    for name, value in variant:
        shown = json.dumps(value) if isinstance(value, tuple | bool) else str(value)
        words += ["--set", f"{name}={shown}"]
    return words


@dataclass(frozen=True)
class Entry:
    """One line of a table: what is measured, short of the seed. A new row of it replaces the old.

    prompt: "seen" or "unseen"; None where no prompt is used, as in `indexing` and `size`.
    indexing: which ids are written; None where none are.
    size: "brief", "cpu" or "full", the budget of a trained model.
    variant: settings that differ from the method's own, as (dotted name, value), sorted.
    """

    dataset: str
    task: str
    method: str
    decoding: Decoding
    filtered: bool
    prompt: str | None = None
    indexing: str | None = None
    size: str | None = None
    variant: tuple[tuple[str, Setting], ...] = ()

    @classmethod
    def of(cls, about: Mapping[str, Any]) -> Entry:
        """The entry of a row or of predictions; KeyError when it is neither."""
        names = ("dataset", "task", "method", "decoding", "filtered", "prompt", "indexing", "size")
        variant = tuple(sorted((name, as_setting(v)) for name, v in about["variant"].items()))
        return cls(**{name: about[name] for name in names}, variant=variant)

    def about(self) -> dict[str, Any]:
        """The inverse of `of`."""
        return {**vars(self), "variant": dict(self.variant)}

    @property
    def settings(self) -> list[str]:
        """The variant as words, name=value."""
        return [f"{name}={as_text(value)}" for name, value in self.variant]

    @property
    def name(self) -> str:
        """A file's name: unique to the entry, and readable."""
        settings = self.settings
        parts = [self.dataset, self.task, self.method, self.size, self.decoding, self.prompt]
        parts += [self.indexing, *settings, "filtered" if self.filtered else "unfiltered"]
        plain = "-".join(part.lower() for part in parts if part is not None)
        safe = re.sub(r"[^\w.=+-]+", "_", plain)
        if safe != plain:  # two values may look alike once their odd signs are gone
            digest = hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:6]
            safe = f"{safe}-{digest}"
        return safe

    @property
    def label(self) -> str:
        """What a table calls it; "seen", "random" and an empty variant go without saying."""
        notes = [self.size] if self.size else []
        notes += [f"{self.prompt} prompt"] if self.prompt not in (None, DEFAULT_PROMPT) else []
        notes += [f"{self.indexing} ids"] if self.indexing not in (None, DEFAULT_INDEXING) else []
        return noted(self.method, notes, self.variant)

    def under(self, filtered: bool) -> Entry:
        """The same under the other kind of ranking."""
        return replace(self, filtered=filtered)

    def predictions(self, runs: Path, seed: int) -> Path:
        """Where its predictions under one seed lie."""
        return runs / "predictions" / self.dataset / f"{self.name}-{seed}.npz"

    def seeds(self, runs: Path) -> list[int]:
        """The seeds whose predictions are there."""
        pattern = re.compile(re.escape(self.name) + r"-(\d+)\.npz")
        folder = runs / "predictions" / self.dataset
        found = [pattern.fullmatch(path.name) for path in folder.glob(f"{self.name}-*.npz")]
        return sorted(int(match[1]) for match in found if match)
