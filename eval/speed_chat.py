"""From the command to the first page, and the memory of a chat that runs."""

from __future__ import annotations

import time
from pathlib import Path

import psutil  # type: ignore[import-untyped, unused-ignore]

from eval.served import Talker, chat_command, served
from eval.speed import OURS, Figure, Goal, Setting

MESSAGES = (
    "I liked Heat and The Usual Suspects",
    "something scary from the 80s",
    "What is Heat about?",
)
"""The last is answered with words of the LLM's own as well, so that all of it is in memory."""


def chat(setting: Setting) -> list[Figure]:
    """Starts after a first one, and resident memory after a few messages, processes of it added."""
    rounds = [started(setting.weights) for _ in range(setting.repeats + 1)][1:]
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


def started(weights: Path) -> tuple[float, float, int]:
    """Seconds to the first page and to the first answer, and bytes resident after MESSAGES.

    Raises:
        EvalError: when the chat ends or does not answer, with its last line.
    """
    with served(chat_command(weights, "--describe")) as chat:
        talker, first = Talker(chat.url), 0.0
        for message in MESSAGES:
            talker.say(message)
            first = first or time.perf_counter() - chat.begun
        running = psutil.Process(chat.process)
        family = [running, *running.children(recursive=True)]
        return chat.page, first, sum(member.memory_info().rss for member in family)
