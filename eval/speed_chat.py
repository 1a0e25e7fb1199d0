"""From the command to the first page, and the memory of a chat that runs."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil  # type: ignore[import-untyped, unused-ignore]

from eval.errors import EvalError
from eval.speed import OURS, Figure, Goal, Setting

PATIENCE = 300.0
"""Seconds after which a chat that has not answered is given up."""
MESSAGES = (
    "I liked Heat and The Usual Suspects",
    "something scary from the 80s",
    "What is Heat about?",
)
"""The last is answered with words of the LLM's own as well, so that all of it is in memory."""


def chat(setting: Setting) -> list[Figure]:
    """Starts after a first one, and resident memory after a few messages, processes of it added."""
    command = [sys.executable, "-m", "app", "chat", "--describe", "--no-history"]
    command += ["--weights", str(setting.weights.resolve())]
    rounds = [started(command) for _ in range(setting.repeats + 1)][1:]
    return [
        Figure(
            "start",
            "from the command to the first page, second run",
            "s",
            {OURS: [page for page, _, _ in rounds]},
            (Goal(most=10),),
            {"seconds_to_the_first_answer": [round(answer, 2) for _, answer, _ in rounds]},
        ),
        Figure(
            "memory",
            "resident memory of the running chat",
            "MB",
            {OURS: [memory / 1e6 for _, _, memory in rounds]},
            (Goal(most=1500),),
            {"messages": list(MESSAGES)},
        ),
    ]


def started(command: list[str]) -> tuple[float, float, int]:
    """Seconds to the first page and to the first answer, and bytes resident after MESSAGES.

    Raises:
        EvalError: when the chat ends or does not answer, with its last line.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    root = Path(__file__).parent.parent
    with tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--port", f"{port}"], stdout=said, stderr=subprocess.STDOUT, cwd=root
        )
        try:
            url = f"http://127.0.0.1:{port}"
            while not _answers(url):
                if process.poll() is not None or time.perf_counter() - start > PATIENCE:
                    said.seek(0)
                    lines = said.read().strip().splitlines() or ["no word"]
                    raise EvalError(f"The chat did not start: {lines[-1]}")
                time.sleep(0.05)
            page = time.perf_counter() - start
            answer = _talk(url, start)
            running = psutil.Process(process.pid)
            family = [running, *running.children(recursive=True)]
            return page, answer, sum(member.memory_info().rss for member in family)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as page:
            return bool(page.status == 200)
    except (URLError, OSError):
        return False


def _talk(url: str, start: float) -> float:
    """Say MESSAGES; seconds from `start` to the first answer."""
    from gradio_client import Client

    client = Client(url, verbose=False, httpx_kwargs={"timeout": PATIENCE})
    session, first = None, 0.0
    for message in MESSAGES:
        session = client.predict(message, session, api_name="/chat")["session"]
        first = first or time.perf_counter() - start
    return first
