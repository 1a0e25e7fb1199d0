"""How far a long run is, and how long it will take: a bar on a terminal, lines in a file."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import track

log = logging.getLogger(__name__)
_LINES = 10  # at most so many lines where there is no terminal
T = TypeVar("T")


def tracked(items: Sequence[T], what: str) -> Iterator[T]:
    """The items one by one, with the time left on stderr; `what` names them in the plural."""
    console = Console(stderr=True)
    if console.is_terminal:
        yield from track(items, description=what, console=console, transient=True)
        return
    began = time.monotonic()
    step = max(1, len(items) // _LINES)
    for number, item in enumerate(items, 1):
        yield item
        if number % step == 0 and number < len(items):
            left = (time.monotonic() - began) / number * (len(items) - number)
            log.info("%d of %d %s; about %.1f min left", number, len(items), what, left / 60)


def log_to_stderr() -> None:
    """What is being done, above the bar that says how long it will take."""
    handler = RichHandler(console=Console(stderr=True), show_path=False, show_level=False)
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[handler])
    for chatty in ("httpx", "sentence_transformers", "accelerate", "matplotlib"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
