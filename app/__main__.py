"""Command line: the chat in a browser, one turn in the terminal, recommendations, the ranker."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.loading import DEFAULT_WEIGHTS, check_catalogue, check_weights
from data.console import command_line, run
from data.errors import IlmChatError

if TYPE_CHECKING:
    from app.engine import Engine
    from app.parts import LanguageModel

app = command_line("Talk about films: in the browser, in the terminal, or through the API.")

Weights = Annotated[
    Path, typer.Option(help="Folder of trained weights.", show_default="weights/ml-100k")
]


AgentName = Annotated[
    str | None,
    typer.Option(
        "--agent",
        help="A chat model that calls the engine as tools and words the answers, as ollama:qwen3 "
        "(pip install -r requirements-agent.txt).",
    ),
]


@app.command()
def chat(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 7860,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    weights: Weights = DEFAULT_WEIGHTS,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser.")
    ] = False,
    describe: Annotated[
        bool,
        typer.Option(
            help="Add the model's own words to stories, after checking (the weights "
            "that we ship were not trained for it)."
        ),
    ] = False,
    fast: Annotated[
        bool,
        typer.Option(
            "--fast/--plain", help="Run the language model by our own forward, or by the library's."
        ),
    ] = True,
    database: Annotated[
        Path | None,
        typer.Option(
            help="File that conversations are kept in.",
            show_default="history.sqlite in $ILM_CHAT_DATA or ~/.local/share/ilm-chat",
        ),
    ] = None,
    keep_history: Annotated[
        bool, typer.Option("--history/--no-history", help="Keep conversations at all.")
    ] = True,
    posters: Annotated[
        Path | None,
        typer.Option(help="Folder of posters, ID.jpg each; covers are drawn for films without."),
    ] = None,
    rate: Annotated[
        int,
        typer.Option(
            min=0, help="Requests a minute from one address (a reverse proxy is one); 0: any."
        ),
    ] = 600,
    present: Annotated[
        bool,
        typer.Option(
            "--present", help="Show what is behind each answer, and begin as a viewer of the data."
        ),
    ] = False,
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            help="With --present: a further folder of weights, to compare its ranking; may be "
            "given again, as for an MLP and an ILM-rand."
        ),
    ] = None,
    agent: AgentName = None,
    mcp: Annotated[
        bool,
        typer.Option(
            "--mcp",
            help="Offer the API to other programs' language models, as tools of an MCP server "
            "(pip install -r requirements-mcp.txt).",
        ),
    ] = False,
) -> None:
    """Open the chat. The page is up before the models are; the first answer waits for them.

    Example: python -m app chat --port 7861 --open
    """
    metadata = check_weights(weights)
    if beside and not present:
        raise IlmChatError("A model beside ours is for presenter mode: add --present.")
    if mcp and find_spec("mcp") is None:
        raise IlmChatError(
            "An MCP server needs a package more: pip install -r requirements-mcp.txt."
        )
    model = None if agent is None else _chat_model(agent)
    from app.covers import Pictures
    from app.page_present import Presenter
    from app.store import Store, default_database

    pictures = Pictures(posters)
    _check_port(host, port)
    store = Store(database or default_database()) if keep_history else None
    from cf.popularity import popularity
    from data.registry import load
    from data.splits import leave_one_out

    name = str(metadata.get("dataset", "ml-100k"))
    dataset = load(name)
    catalogue = dataset.catalogue
    for folder in beside or ():
        check_catalogue(folder, catalogue)
    with ThreadPoolExecutor(max_workers=1) as loader:
        loading = loader.submit(_ready, weights, describe=describe, fast=fast, model=model)
        from app import ui

        about = (
            f"{len(catalogue):,} films of {name} (catalogue {catalogue.digest[:8]}) · "
            f"{_model_line(metadata)}"
        )
        chosen = popularity(leave_one_out(dataset.interactions).train)
        folders = _named(beside or ())
        others = {name: loader.submit(_model, folder).result for name, folder in folders.items()}
        presenter = Presenter(loading.result, dataset, weights, others) if present else None
        blocks = ui.build(
            loading.result,
            catalogue,
            chosen,
            about,
            store=store,
            pictures=pictures,
            presenter=presenter,
            agent=agent,
        )
        blocks.launch(
            server_name=host,
            server_port=port,
            inbrowser=open_browser,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            mcp_server=mcp,
            **ui.launch_options(posters, rate, present=present),
        )
        typer.echo(f"The chat is at http://{host}:{port} (Ctrl+C ends it).")
        if mcp:
            typer.echo(f"MCP clients connect to http://{host}:{port}/gradio_api/mcp/.")
        try:
            loading.result()
            typer.echo("The models are loaded.")
            threading.Event().wait()
        except KeyboardInterrupt:
            typer.echo("\nGoodbye.")
        finally:
            blocks.close()
            if store is not None:
                store.close()


@app.command()
def ask(
    message: Annotated[str, typer.Argument(help="What to say, in quotes.")],
    weights: Weights = DEFAULT_WEIGHTS,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what the API returns, session and all.")
    ] = False,
    agent: AgentName = None,
) -> None:
    """One turn of the chat in the terminal.

    Example: python -m app ask "I loved Fargo, something funny from the 90s"
    """
    check_weights(weights)
    model = None if agent is None else _chat_model(agent)
    from app.api import answer
    from app.engine import Engine
    from app.events import Card, Film, Text
    from app.session import Session

    engine = Engine.load(weights)
    _let_speak(engine, model)
    if as_json:
        typer.echo(json.dumps(answer(engine, message), indent=2, ensure_ascii=False))
        return
    for event in engine.reply(Session(), message):
        if isinstance(event, Text):
            typer.echo(event.text, nl=False)
        elif isinstance(event, Film):
            typer.echo(event.title, nl=False)
        elif isinstance(event, Card):
            item = engine.catalogue[event.item]
            typer.echo(f"\n  * {item.title} ({item.year}), {', '.join(item.genres)}: {event.why}")
    typer.echo()


@app.command()
def recommend(
    user: Annotated[str, typer.Option(help="A user's id in the data set.")],
    count: Annotated[int, typer.Option("-k", min=1, help="How many.")] = 10,
    weights: Weights = DEFAULT_WEIGHTS,
) -> None:
    """Recommendations for one user of the data set, from everything they chose.

    Example: python -m app recommend --user 42
    """
    metadata = check_weights(weights)
    from app.engine import Engine
    from app.session import State
    from data.registry import load

    dataset = load(str(metadata.get("dataset", "ml-100k")))
    ids = dataset.interactions.user_ids
    if user not in ids:
        raise IlmChatError(
            f"There is no user '{user}' in {dataset.name}; it has {len(ids)}, such as {ids[0]}."
        )
    history = dataset.interactions.sequences()[ids.index(user)].tolist()
    engine = Engine.load(weights)
    for place, index in enumerate(engine.recommend(State(likes=tuple(history)), count), start=1):
        item = dataset.catalogue[index]
        typer.echo(f"{place:3}. {item.title} ({item.year}), {', '.join(item.genres)}")


@app.command("fit-ranker")
def fit_ranker(
    weights: Weights = DEFAULT_WEIGHTS,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
) -> None:
    """Train the ranker on the validation items and save it next to the weights.

    Example: python -m app fit-ranker --weights weights/ml-100k
    """
    check_weights(weights)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    from app.fitting import fit

    figures = fit(weights, seed=seed)
    for name, figure in figures.items():
        typer.echo(f"{name:12} HR@10 {figure['HR@10']:.4f}  NDCG@10 {figure['NDCG@10']:.4f}")


@app.command("fit-intents")
def fit_intents() -> None:
    """Fit the model that has a say in a message's intent to the training chats, and save it.

    It replaces data/resources/intents.safetensors; under a minute.

    Example: python -m app fit-intents
    """
    from app.intent_fitting import fit
    from app.intent_model import IntentModel
    from app.reader import Reader
    from app.titles import TitleIndex
    from cf.popularity import popularity
    from data import dialogues
    from data.registry import load
    from data.splits import leave_one_out

    dataset = load("ml-100k")
    titles = TitleIndex(dataset.catalogue, popularity(leave_one_out(dataset.interactions).train))
    chats = [chat for chat in dialogues.load(dataset.catalogue) if chat.split == "train"]
    figures = fit(Reader(dataset.catalogue, titles, IntentModel.blank()), chats)
    for name, figure in figures.items():
        typer.echo(f"{name:30} {figure:.4f}")


def _chat_model(name: str) -> Any:
    from app.agent import load_chat_model

    return load_chat_model(name)


def _let_speak(engine: Engine, model: Any) -> None:
    if model is not None:
        from app.agent import Agent

        engine.speaker = Agent(engine, model)


def _ready(weights: Path, *, describe: bool, fast: bool, model: Any) -> Engine:
    """The engine, after a first ranking: the first one ever is many times slower than the rest."""
    from app.engine import Engine
    from app.session import State

    engine = Engine.load(weights, describe=describe, fast=fast)
    engine.recommend(State(likes=(0,), wish="film"), 1)
    _let_speak(engine, model)
    return engine


def _model(weights: Path) -> LanguageModel:
    from ilm.model import ItemLanguageModel

    return ItemLanguageModel.from_pretrained(weights)


def _named(folders: Sequence[Path]) -> dict[str, Path]:
    """Folders of weights by the run that each lies in, as "mlp-cpu-0"; by the whole path where
    another one is called so."""
    named: dict[str, Path] = {}
    for folder in folders:
        own = folder.resolve()
        name = own.parent.name if own.name == "model" else own.name
        named[str(folder) if name in named else name] = folder
    return named


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise IlmChatError(
                f"Port {port} on {host} cannot be used ({error.strerror}): choose another with "
                f"--port {port + 1 if port < 65535 else port - 1}."
            ) from None


def _model_line(metadata: dict[str, object]) -> str:
    model = metadata.get("llm") or metadata.get("variant") or "item-language model"
    return f"model: {model}"


def main() -> None:
    run(app)


if __name__ == "__main__":
    main()
