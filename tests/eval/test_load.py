import sys
import threading
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from eval import speed_chat
from eval.errors import EvalError
from eval.load import Held, Say, figures, hold
from eval.served import Talker, served

SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"page")
HTTPServer(("127.0.0.1", int(sys.argv[-1])), Page).serve_forever()
"""


def test_a_chat_is_served_until_the_block_ends() -> None:
    with served([sys.executable, "-c", SERVER]) as chat:
        assert chat.page > 0 and chat.process > 0
        url = chat.url
    with pytest.raises(OSError, match="refused"):
        urlopen(url)


def test_a_chat_that_does_not_start_is_a_sentence() -> None:
    broken = "print('loading'); raise SystemExit('no weights here')"
    with (
        pytest.raises(EvalError, match="did not start: no weights here"),
        served([sys.executable, "-c", broken]),
    ):
        pass


class Client:
    """Remembers what was said of which session."""

    def __init__(self, url: str, **_: Any) -> None:
        self.said: list[Any] = []

    def predict(self, message: str, session: Any, api_name: str) -> Any:
        self.said.append((message, session))
        return {"session": len(self.said), "text": message.upper()}


def test_messages_carry_the_session_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio_client.Client", Client)
    talker = Talker("http://here")
    assert [talker.say(text)["text"] for text in ("one", "two")] == ["ONE", "TWO"]
    assert talker._client.said == [("one", None), ("two", 1)]


def test_a_start_is_measured_with_what_it_takes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("gradio_client.Client", Client)
    monkeypatch.setattr(
        speed_chat, "chat_command", lambda weights, *options: [sys.executable, "-c", SERVER]
    )
    page, answer, memory = speed_chat.started(tmp_path)
    assert 0 < page < answer
    assert memory > 5_000_000  # a Python


TALKS = [["a", "b"], ["c", "d"]]


def test_every_talk_is_held_by_users_of_its_own_at_once() -> None:
    inside, most, lock = 0, 0, threading.Lock()
    all_in = threading.Barrier(4, timeout=10)

    def enter() -> Say:
        said: list[str] = []

        def say(message: str) -> str:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            all_in.wait()
            with lock:
                inside -= 1
            said.append(message)
            return "".join(said)

        return say

    found = hold(TALKS, 4, 0.0, enter)
    assert most == 4
    assert [one.texts for one in found] == [["a", "ab"], ["c", "cd"]] * 2
    measured = figures(found, 2.0)
    assert (measured["answers"], measured["answers a second"]) == (8, 4)
    assert measured["errors"] == measured["empty"] == measured["not their own"] == 0
    assert 0 < measured["seconds, 50 % under"] <= measured["seconds, longest"]


def test_errors_empty_answers_and_those_of_others_are_counted() -> None:
    def fails(message: str) -> str:
        if message == "b":
            raise ValueError("too much")
        return ""

    found = hold(TALKS[:1], 2, 0.0, lambda: fails)
    measured = figures(found, 1.0)
    assert (measured["errors"], measured["empty"], measured["answers"]) == (2, 2, 2)
    assert found[0].errors == ["ValueError: too much"]

    mixed = [Held(0, ["x", "y"], [1.0, 3.0]), Held(0, ["x", "z"], [2.0, 4.0])]
    measured = figures(mixed, 8.0)
    assert measured["not their own"] == 1
    assert measured["seconds, 50 % under"] == 2.5


def test_no_answer_at_all_is_a_sentence() -> None:
    with pytest.raises(EvalError, match="Nobody got an answer: OSError: down"):
        figures([Held(0, errors=["OSError: down"])], 1.0)
    with pytest.raises(EvalError, match="nothing to say"):
        hold([], 2, 0.0, lambda: str)
