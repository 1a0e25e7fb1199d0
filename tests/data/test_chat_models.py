"""Chat models: a server of our own on this machine, and a folder that holds none."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from data import chat_models
from data.chat_models import Message, ModelError, local_chat, served_chat

CHAT = [Message(role="user", content="Hello")]


class Server(ThreadingHTTPServer):
    """Answers with `replies` in turn, (status, body), and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[tuple[int, Any]] = []
        self.asked: list[tuple[str, str | None, Any]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers["Authorization"], body))
        status, reply = self.server.replies.pop(0)
        content = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr(chat_models, "WAITS", (0.0, 0.0))
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def said(text: str | None) -> tuple[int, Any]:
    message = {"role": "assistant", "content": text}
    return 200, {"choices": [{"index": 0, "finish_reason": "stop", "message": message}]}


def test_served_chat(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    server.replies = [said("Hi."), said(None), said("Once more.")]
    ask = served_chat(server.url, "some-model", 0.5)
    assert ask(CHAT, 7) == "Hi."
    path, key, body = server.asked[0]
    assert path == "/v1/chat/completions"
    assert key is None or "secret" not in key  # the user's Hugging Face token stays at home
    assert body["messages"] == CHAT
    assert (body["model"], body["seed"], body["temperature"]) == ("some-model", 7, 0.5)
    assert body.get("max_tokens") is None
    assert ask(CHAT, 8) == ""
    monkeypatch.setenv("OPENAI_API_KEY", "k-1")
    assert served_chat(server.url, "some-model", 0.5, 99)(CHAT, 7) == "Once more."
    assert server.asked[2][1] == "Bearer k-1"
    assert server.asked[2][2]["max_tokens"] == 99


def test_a_busy_server_is_asked_again(server: Server) -> None:
    server.replies = [(429, {}), (503, {}), said("At last.")]
    assert served_chat(server.url, "m", 1)(CHAT, 0) == "At last."
    server.replies = [(429, {})] * 3
    with pytest.raises(ModelError, match="is still busy"):
        served_chat(server.url, "m", 1)(CHAT, 0)
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        ((401, {}), "refuses access .HTTP 401.: set OPENAI_API_KEY"),
        ((404, {}), "refuses the request .HTTP 404.: check the address and the model 'm'"),
        ((200, {"hello": 1}), "not as an OpenAI-compatible server"),
        ((200, []), "not as an OpenAI-compatible server"),
    ],
)
def test_served_refusals(server: Server, reply: tuple[int, Any], sentence: str) -> None:
    server.replies = [reply]
    with pytest.raises(ModelError, match=sentence):
        served_chat(server.url, "m", 1)(CHAT, 0)
    assert len(server.asked) == 1


def test_nobody_there(server: Server) -> None:
    url = server.url
    server.shutdown()
    server.server_close()
    with pytest.raises(ModelError, match="does not answer"):
        served_chat(url, "m", 1)(CHAT, 0)
    with pytest.raises(ModelError, match="'gpt' is no address"):
        served_chat("gpt", "m", 1)


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded as a language model"):
        local_chat(str(tmp_path), 1)
