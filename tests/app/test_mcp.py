"""The API as tools for the language models of other programs."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app import __main__ as cli
from app import ui
from app.engine import Engine
from data.errors import IlmChatError
from tests.app.test_cli import weights

mcp = pytest.importorskip("mcp")


@pytest.fixture
def address(engine: Engine) -> Iterator[str]:
    blocks = ui.build(lambda: engine, engine.catalogue, engine.parts.popularity, "36 films")
    # No page is needed, and gradio gives up where its own takes more than three seconds.
    _, url, _ = blocks.launch(
        server_name="127.0.0.1",
        prevent_thread_lock=True,
        quiet=True,
        mcp_server=True,
        _frontend=False,
        **ui.launch_options(),
    )
    yield f"{url}gradio_api/mcp/"
    blocks.close()


def test_the_endpoints_are_tools_and_answer(address: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def used() -> tuple[list[str], str, str]:
        async with (
            streamablehttp_client(address) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = [tool.name for tool in (await session.list_tools()).tools]
            films = await session.call_tool("recommend", {"likes": ["4"], "count": 3})
            chat = await session.call_tool("chat", {"message": "I loved Alien, no horror"})
            return tools, films.content[0].text, chat.content[0].text

    tools, films, chat = asyncio.run(used())
    assert tools == ["chat", "recommend", "similar", "item", "feedback"]
    assert films.count("'title'") == 3 and "'Alien'" not in films
    assert "not filed under Horror" in chat and "'session'" in chat


def test_without_its_package_it_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "find_spec", lambda name: None)
    arguments = ["chat", "--weights", str(weights(tmp_path)), "--mcp"]
    result = CliRunner().invoke(cli.app, arguments)
    assert isinstance(result.exception, IlmChatError)
    assert "requirements-mcp.txt" in str(result.exception)
