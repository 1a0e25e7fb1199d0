"""`python -m ilm`: train an item-language model, and ask it for recommendations or a text."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from data.console import command_line, run
from data.errors import IlmChatError
from ilm.config import CONFIGS, Size, read_config

WEIGHTS = Path("weights/ml-100k")

app = command_line(__doc__)

Weights = Annotated[Path, typer.Option(help="A folder written by `python -m ilm train`.")]


@app.command()
def train(
    config: Annotated[
        str, typer.Option(help="A configuration of ilm/configs by name, or a TOML file.")
    ] = "ml-100k",
    size: Annotated[
        Size,
        typer.Option(
            help="cpu: with the file's [cpu] table, for two cores; full: without; brief: shorter."
        ),
    ] = "cpu",
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run; runs/<configuration> if not given.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Replaces the configuration's seed.")] = None,
    data_folder: Annotated[
        Path | None, typer.Option("--from", help="Folder with the data set's files.")
    ] = None,
    llm: Annotated[
        str | None, typer.Option(help="Hugging Face id or folder of the frozen LLM.")
    ] = None,
    stop_after: Annotated[
        int | None, typer.Option(help="Stop the first unfinished stage after this many steps.")
    ] = None,
) -> None:
    """Train both stages, or go on with a run that was interrupted.

    Says how long each stage will take, writes losses and checkpoints as it goes, and puts the
    model and its resolved configuration into OUT/model. The methods that the benchmark compares
    are trained by `python -m eval openp5`.

    Example: python -m ilm train --config ml-100k --out runs/ml-100k
    """
    from ilm.pipeline import run as run_training

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    for chatty in ("httpx", "sentence_transformers", "accelerate"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    shipped = {path.stem: path for path in sorted(CONFIGS.glob("*.toml"))}
    if config not in shipped and not Path(config).is_file():
        raise IlmChatError(
            f"There is no configuration '{config}': name one of {', '.join(shipped)}, or a file."
        )
    changes: dict[str, Any] = {} if seed is None else {"seed": seed}
    if llm is not None:
        changes["model"] = {"llm": llm}
    settings = read_config(shipped.get(config, Path(config)), size=size, changes=changes)
    run_training(
        settings,
        out or Path("runs") / Path(config).stem,
        data_folder=data_folder,
        stop_after=stop_after,
    )


@app.command()
def rank(
    likes: Annotated[
        str, typer.Argument(help="Item ids of the data set, oldest first, with commas.")
    ],
    weights: Weights = WEIGHTS,
    k: Annotated[int, typer.Option("-k", min=1, help="How many items to show.")] = 10,
) -> None:
    """Rank the whole catalogue after a history; what the history holds is left out.

    Example: python -m ilm rank 172,183,50
    """
    import numpy as np

    from data.registry import load
    from ilm.model import ItemLanguageModel

    catalogue = load("ml-100k").catalogue
    history = [catalogue.index_of(part.strip()) for part in likes.split(",") if part.strip()]
    scores = ItemLanguageModel.from_pretrained(weights).rank([history], new_only=True)[0]
    scores[history] = -np.inf
    for place, index in enumerate(np.argsort(-scores)[:k], 1):
        item = catalogue[int(index)]
        year = item.year or "year unknown"
        typer.echo(f"{place:3d}  {scores[index]:7.3f}  {item.title} ({year})")


@app.command()
def describe(
    item: Annotated[str, typer.Argument(help="Item id of the data set.")],
    task: Annotated[str, typer.Option(help="One of the ELM tasks about one item.")] = "summary",
    weights: Weights = WEIGHTS,
) -> None:
    """Stream what the model writes about an item that it sees only as item tokens.

    Example: python -m ilm describe 172 --task pitch
    """
    from data import elm24
    from data.registry import load
    from ilm.model import ItemLanguageModel
    from ilm.writing import text_prompt

    catalogue = load("ml-100k").catalogue
    tasks = {name: t for name, t in elm24.load(catalogue).tasks.items() if t.second is None}
    if task not in tasks:
        raise IlmChatError(f"There is no task '{task}' about one item; known: {', '.join(tasks)}.")
    index = catalogue.index_of(item)
    model = ItemLanguageModel.from_pretrained(weights)
    for piece in model.generate(text_prompt(model, tasks[task], {"item": index})):
        typer.echo(piece, nl=False)
    typer.echo("")


if __name__ == "__main__":
    run(app)
