"""A bound on what one client can ask of the server: size of a request, and requests a minute."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 1_000_000  # a session of 200,000 characters has room, whatever its letters
_MOST_CLIENTS = 10_000  # remembered at once; beyond it, those that have been quiet are dropped


class Guard:
    """ASGI middleware around the whole server. Only POST requests count: pages, pictures and the
    streams of answers come by GET.

    Args:
        a_minute: how many requests one address may make a minute; a quarter of them at once. A
            reverse proxy is one address. 0 means no bound.
        clock: seconds, for the tests.
    """

    def __init__(
        self, app: ASGIApp, *, a_minute: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._refill = a_minute / 60
        self._most = max(1.0, a_minute / 4)
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}  # address -> (requests left, when)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        address = (scope.get("client") or ("",))[0]
        if self._refill and not self._take(address):
            await _refuse(429, "Too many requests: wait a few seconds, and try again.")(
                scope, receive, send
            )
            return
        size, chunks, more = 0, [], True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size += len(message.get("body", b""))
            if size > MOST_BYTES:
                await _refuse(413, f"A request is at most {MOST_BYTES:,} bytes long.")(
                    scope, receive, send
                )
                return
            chunks.append(message)
            more = message.get("more_body", False)

        async def again() -> Message:
            return chunks.pop(0) if chunks else await receive()

        await self._app(scope, again, send)

    def _take(self, address: str) -> bool:
        now = self._clock()
        left, when = self._left.get(address, (self._most, now))
        left = min(self._most, left + (now - when) * self._refill)
        if len(self._left) >= _MOST_CLIENTS and address not in self._left:
            quiet = self._most / self._refill
            self._left = {a: seen for a, seen in self._left.items() if now - seen[1] < quiet}
        self._left[address] = (max(0.0, left - 1), now)
        return left >= 1


def _refuse(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"detail": sentence}, status_code=status)
