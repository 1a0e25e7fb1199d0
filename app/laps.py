"""How long the stages of something took."""

from __future__ import annotations

import time


class Laps:
    """`seconds`: by name, each from the end of the one before."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """The stage of that name has just ended."""
        now = time.perf_counter()
        self.seconds[name] = now - self._last
        self._last = now
