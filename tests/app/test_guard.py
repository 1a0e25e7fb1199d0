from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app import guard
from app.guard import MOST_BYTES, Guard


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def client(a_minute: int, clock: Clock, address: str = "1.2.3.4") -> TestClient:
    app = Starlette(routes=[Route("/", echo, methods=["GET", "POST"])])
    return TestClient(
        Guard(app, a_minute=a_minute, clock=clock),
        client=(address, 5),
    )


def test_a_long_request_is_refused_also_when_it_does_not_say_how_long_it_is() -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * (MOST_BYTES // 10)

    http = client(0, Clock())
    assert http.post("/", content=b"x" * MOST_BYTES).text == str(MOST_BYTES)
    for content in (b"x" * (MOST_BYTES + 1), pieces()):
        answer = http.post("/", content=content)
        assert answer.status_code == 413 and "1,000,000 bytes" in answer.json()["detail"]


def test_requests_are_counted_for_each_address_and_forgiven_with_time() -> None:
    clock = Clock()
    http = client(60, clock)
    assert [http.post("/").status_code for _ in range(17)] == [200] * 15 + [429] * 2
    assert http.get("/").status_code == 200
    clock.now += 3
    assert [http.post("/").status_code for _ in range(4)] == [200] * 3 + [429]
    clock.now += 3600
    assert [http.post("/").status_code for _ in range(16)] == [200] * 15 + [429]


def test_one_guard_keeps_addresses_apart_and_forgets_the_quiet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    app = Starlette(routes=[Route("/", echo, methods=["POST"])])
    guarded = Guard(app, a_minute=4, clock=clock)
    first, second = (TestClient(guarded, client=(a, 1)) for a in ("1.1.1.1", "2.2.2.2"))
    assert [c.post("/").status_code for c in (first, second, first)] == [200, 200, 429]
    monkeypatch.setattr(guard, "_MOST_CLIENTS", 2)
    clock.now += 3600
    TestClient(guarded, client=("3.3.3.3", 1)).post("/")
    assert list(guarded._left) == ["3.3.3.3"]
    assert client(0, clock).post("/").status_code == 200
