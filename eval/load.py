"""Many users at once: how long the chat's answers take, and whether each gets its own.

Users say messages of the annotated chats, one after another with a pause for reading. Every
conversation is held by two of them, who must get the same answers, word for word: the engine is
deterministic, so that a difference is somebody else's session showing through.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from eval.errors import EvalError

BENCHMARK = "load"
PERCENTILES = (50, 90, 95, 99)

Say = Callable[[str], str]
"""What one user does: a message -> the text of its answer."""


@dataclass
class Held:
    """What one user got: texts of answers with their seconds, and what went wrong."""

    talk: int
    texts: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def hold(
    talks: Sequence[Sequence[str]], users: int, pause: float, enter: Callable[[], Say]
) -> list[Held]:
    """Let users talk at once; user n holds talk n of them, over and over.

    Args:
        pause: seconds between an answer and the next message.
        enter: called by each user in a thread of its own.
    """
    if not talks:
        raise EvalError("There is nothing to say.")
    found = [Held(number % len(talks)) for number in range(users)]
    together = threading.Barrier(users)

    def run(mine: Held, say: Say) -> None:
        together.wait()
        for message in talks[mine.talk]:
            begun = time.perf_counter()
            try:
                mine.texts.append(say(message))
                mine.seconds.append(time.perf_counter() - begun)
            except Exception as error:  # whatever a server does to its users is counted
                mine.errors.append(f"{type(error).__name__}: {error}")
            time.sleep(pause)

    threads = [threading.Thread(target=run, args=(mine, enter())) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def figures(found: Sequence[Held], seconds: float) -> dict[str, float]:
    """The figures of a row, by name.

    Args:
        seconds: from the first message to the last answer.
    """
    times = np.array([second for one in found for second in one.seconds])
    if not len(times):
        first = next((error for one in found for error in one.errors), "no message was said")
        raise EvalError(f"Nobody got an answer: {first}.")
    named = {f"seconds, {p} % under": float(np.percentile(times, p)) for p in PERCENTILES}
    return {
        "answers": len(times),
        "errors": sum(len(one.errors) for one in found),
        "empty": sum(not text.strip() for one in found for text in one.texts),
        "not their own": sum(_strays(found)),
        **named,
        "seconds, longest": float(times.max()),
        "answers a second": len(times) / seconds,
    }


def _strays(found: Sequence[Held]) -> list[int]:
    """By talk, how many answers of its users differ from those of its first one."""
    first: dict[int, Held] = {}
    strays = []
    for one in found:
        other = first.setdefault(one.talk, one)
        if not (one.errors or other.errors):  # after an error a talk goes another way
            strays.append(sum(a != b for a, b in zip(one.texts, other.texts, strict=True)))
    return strays
