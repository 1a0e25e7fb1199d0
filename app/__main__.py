"""Command line: the chat in a browser, one turn in the terminal, recommendations, the ranker."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from app.loading import DEFAULT_WEIGHTS, check_weights
from data.console import command_line, run
from data.errors import IlmChatError

app = command_line("Talk about films: in the browser, in the terminal, or through the API.")

Weights = Annotated[
    Path, typer.Option(help="Folder of trained weights.", show_default="weights/ml-100k")
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
) -> None:
    """Open the chat. The page is up before the models are; the first answer waits for them.

    Example: python -m app chat --port 7861 --open
    """
    metadata = check_weights(weights)
    _check_port(host, port)
    from data.registry import load

    name = str(metadata.get("dataset", "ml-100k"))
    catalogue = load(name).catalogue
    from app.engine import Engine

    with ThreadPoolExecutor(max_workers=1) as beside:
        loading = beside.submit(Engine.load, weights, describe=describe)
        from app import ui

        about = f"{len(catalogue):,} films of {name} · {_model_line(metadata)}"
        blocks = ui.build(loading.result, catalogue, about)
        blocks.launch(
            server_name=host,
            server_port=port,
            inbrowser=open_browser,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            **ui.launch_options(),
        )
        typer.echo(f"The chat is at http://{host}:{port} (Ctrl+C ends it).")
        try:
            loading.result()
            typer.echo("The models are loaded.")
            threading.Event().wait()
        except KeyboardInterrupt:
            typer.echo("\nGoodbye.")
        finally:
            blocks.close()


@app.command()
def ask(
    message: Annotated[str, typer.Argument(help="What to say, in quotes.")],
    weights: Weights = DEFAULT_WEIGHTS,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what the API returns, session and all.")
    ] = False,
) -> None:
    """One turn of the chat in the terminal.

    Example: python -m app ask "I loved Fargo, something funny from the 90s"
    """
    check_weights(weights)
    from app.api import answer
    from app.engine import Engine
    from app.events import Card, Film, Text
    from app.session import Session

    engine = Engine.load(weights)
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
