"""A chat that is started for a while, as a user would start it, and talked to over its API."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from eval.errors import EvalError

PATIENCE = 300.0
"""Seconds after which a chat that has not answered is given up."""


@dataclass(frozen=True)
class Served:
    """A chat that shows its page.

    begun: `time.perf_counter` at the command; page: seconds from there to the page.
    """

    url: str
    process: int
    begun: float
    page: float


def chat_command(weights: Path, *options: str) -> list[str]:
    """What starts a chat that keeps nothing."""
    command = [sys.executable, "-m", "app", "chat", "--no-history", *options]
    return [*command, "--weights", str(weights.resolve())]


@contextmanager
def served(command: Sequence[str]) -> Iterator[Served]:
    """A chat on a free port, ended with the block.

    Args:
        command: what starts it; `--port` is put behind it.

    Raises:
        EvalError: when the chat ends or does not answer, with its last line.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryFile("w+") as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--port", f"{port}"],
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).parent.parent,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            while not _answers(url):
                if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                    said.seek(0)
                    lines = said.read().strip().splitlines() or ["no word"]
                    raise EvalError(f"The chat did not start: {lines[-1]}")
                time.sleep(0.05)
            yield Served(url, process.pid, begun, time.perf_counter() - begun)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as page:
            return bool(page.status == 200)
    except (URLError, OSError):
        return False


class Talker:
    """Somebody who talks to a served chat; the session goes with them."""

    def __init__(self, url: str) -> None:
        from gradio_client import Client

        self._client = Client(url, verbose=False, httpx_kwargs={"timeout": PATIENCE})
        self._session: Any = None

    def say(self, message: str) -> dict[str, Any]:
        """The answer, as the API gives it."""
        answer: dict[str, Any] = self._client.predict(message, self._session, api_name="/chat")
        self._session = answer["session"]
        return answer
