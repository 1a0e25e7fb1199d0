"""Command line: openp5, experiment, report, compare."""

from itertools import islice
from os.path import relpath
from pathlib import Path
from typing import Annotated

import typer

from app.engine import Engine
from app.loading import DEFAULT_WEIGHTS
from data import dialogues
from data.console import command_line, run
from data.elm24 import Split
from data.elm24 import load as load_elm24
from data.registry import load
from eval import conversations, costs, dialogue, dialogue_metrics, elm24, ties, understanding
from eval import openp5 as benchmark
from eval import report as reporting
from eval.comparisons import describe, refresh
from eval.entries import Decoding, Indexing, Prompt, Size
from eval.errors import EvalError
from eval.experiments import experiment
from eval.jobs import Options
from eval.methods import ITEM_LANGUAGE_MODELS, RECOMMENDERS, STACKS, named
from eval.predictions import Predictions
from eval.progress import log_to_stderr
from eval.protocol import Task, Trial
from eval.rows import RESULTS, Row, load_rows, provenance, write_row
from eval.scorers import overrides
from eval.viewers import Part

app = command_line("Evaluation: predictions first, metrics from the file, tables from results.")

app.add_typer(costs.commands)

DOCS = Path("docs/openp5")
METHODS = ", ".join((*RECOMMENDERS, *ITEM_LANGUAGE_MODELS, *STACKS))

DatasetName = Annotated[str, typer.Option("--dataset", help="Data set, by its registered name.")]
DataFolder = Annotated[
    Path | None, typer.Option("--from", help="Folder with the data set's files.")
]
Titles = Annotated[Path | None, typer.Option(help="Folder with names of Amazon's products.")]
Runs = Annotated[Path, typer.Option("--runs", help="Folder for models, splits and predictions.")]
SizeName = Annotated[
    Size, typer.Option(help="Training budget: for a first comparison, a CPU, a GPU.")
]
Again = Annotated[bool, typer.Option("--again", help="Predict anew what is there already.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="Replace a training setting, as model.num_queries=8."),
]
DEFAULT_RUNS = Path("runs")


@app.command()
def openp5(
    dataset: DatasetName = "ml-100k",
    method: Annotated[
        list[str] | None,
        typer.Option(help=f"May be repeated: {METHODS}; or recommenders, models, all."),
    ] = None,
    task: Annotated[Task, typer.Option(help="With the history in order, or without.")] = (
        "sequential"
    ),
    decoding: Annotated[
        Decoding, typer.Option(help="Rank the catalogue in one step, or write ids.")
    ] = "rank",
    prompt: Annotated[Prompt, typer.Option(help="A prompt that was trained on, or not.")] = "seen",
    indexing: Annotated[Indexing, typer.Option(help="Which ids are written.")] = "random",
    indexing_file: Annotated[
        Path | None, typer.Option(help="Ids to write, from one of OpenP5's indexing files.")
    ] = None,
    prompts: Annotated[
        Path | None, typer.Option(help="Prompts that ask for ids, as OpenP5's prompt.txt.")
    ] = None,
    seeds: Annotated[str, typer.Option(help="Training seeds, with commas.")] = "0,1,2",
    size: SizeName = "cpu",
    settings: Settings = None,
    model: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of a saved model to rank with; once for each seed of it."),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(help="What of ours feeds the stack: a method, or a saved model's folder."),
    ] = None,
    data_folder: DataFolder = None,
    titles: Titles = None,
    runs: Runs = DEFAULT_RUNS,
    orders: Annotated[
        int, typer.Option("--ties", min=0, help="Repeat under so many other orders of equal times.")
    ] = 0,
    again: Again = False,
) -> None:
    """Train what is missing, find every user's test item, write predictions and result rows.

    What is done already is skipped. Predictions lie under RUNS/predictions, trained models under
    RUNS/ilm, result rows under eval/results/openp5.

    Example: python -m eval openp5 --dataset ml-100k --method ilm-it-ui

    Example: python -m eval openp5 --method recommenders --task straightforward

    Example: python -m eval openp5 --method ilm-it-ui --model weights/ml-100k --decoding generate-id
    """
    log_to_stderr()
    if not method:
        raise EvalError(f"Say what to evaluate: --method with one of {METHODS}, or all.")
    if model and len(method) != 1:
        raise EvalError("Saved models are of one method: name it with --method, once.")
    loaded = load(dataset, data_folder, titles)
    trial = Trial.of(loaded, task)
    methods = named(method, task, writing=decoding == "generate-id")
    files = {"tuning.indexing": indexing_file, "tuning.prompts": prompts}
    given = {name: path.as_posix() for name, path in files.items() if path is not None}
    if given and decoding != "generate-id":
        raise EvalError("Prompts and indexings are for --decoding generate-id: ranking uses none.")
    options = Options(
        runs,
        decoding=decoding,
        prompt=prompt,
        indexing=indexing,
        seeds=_numbers(seeds),
        size=size,
        overrides=overrides(settings or []) | given,
        models=tuple(model or ()),
        sources=tuple(source) if source else Options.sources,
        data_folder=data_folder,
        titles=titles,
    )
    rows = benchmark.evaluate(methods, trial, options, RESULTS, again=again)
    typer.echo(reporting.figures(rows))
    if orders:
        moved = ties.measure(methods, loaded, task, options, RESULTS, orders, again=again)
        typer.echo(reporting.moves(moved))


@app.command("experiment")
def run_experiment(
    name: Annotated[str, typer.Argument(help="A name in eval/experiments.toml.")],
    dataset: DatasetName = "ml-100k",
    seeds: Annotated[
        str | None, typer.Option(help="Training seeds, with commas, in place of the file's.")
    ] = None,
    size: SizeName = "cpu",
    data_folder: DataFolder = None,
    runs: Runs = DEFAULT_RUNS,
    again: Again = False,
) -> None:
    """Run one of the paper's experiments, as eval/experiments.toml lists them.

    Example: python -m eval experiment queries --dataset ml-100k
    """
    log_to_stderr()
    chosen = experiment(name)
    trial = Trial.of(load(dataset, data_folder), "sequential")
    rows: list[Row] = []
    for variant in chosen.variants():
        for decoding in chosen.decodings:
            for prompt in chosen.prompts:
                options = Options(
                    runs,
                    decoding=decoding,
                    prompt=prompt,
                    seeds=_numbers(seeds) if seeds else chosen.seeds,
                    size=size,
                    overrides=variant,
                    data_folder=data_folder,
                )
                rows += benchmark.evaluate(chosen.methods, trial, options, RESULTS, again=again)
    typer.echo(reporting.figures(rows))


@app.command("elm24")
def run_elm24(
    method: Annotated[
        list[str] | None,
        typer.Option(
            help=f"May be repeated: {', '.join((*elm24.MODELS, *elm24.CONTROLS))}; or models, "
            "controls, all."
        ),
    ] = None,
    part: Annotated[
        Split, typer.Option(help="Films to write about; choose by validation, report test.")
    ] = "test",
    seeds: Annotated[str, typer.Option(help="Training seeds, with commas.")] = "0,1,2",
    size: SizeName = "cpu",
    settings: Settings = None,
    embedder: Annotated[
        str, typer.Option(help="Sentence-transformers id that compares texts.")
    ] = "minilm",
    write: Annotated[
        bool, typer.Option("--write", help="Write the report of all rows into docs/elm24.")
    ] = False,
    data_folder: DataFolder = None,
    runs: Runs = DEFAULT_RUNS,
    again: Again = False,
) -> None:
    """Train what is missing, let every method write about films that it sees as item tokens alone,
    and compare the texts with references.

    What is done already is skipped, batch by batch. Texts lie under RUNS/elm24, result rows under
    eval/results/elm24. Without --method only the report is made.

    Example: python -m eval elm24 --method ilm-it-ui --method controls --write
    """
    from eval import elm24_report  # the rest of the benchmark is needed for the help

    log_to_stderr()
    dataset = load("ml-100k", data_folder)
    options = elm24.Options(runs, part, _numbers(seeds), size, overrides(settings or []), embedder)
    if method:
        named_methods = elm24.methods_named(method)
        elm24.evaluate(named_methods, dataset, options, RESULTS, again=again)
    rows = elm24_report.load_rows(RESULTS, part)
    typer.echo(elm24_report.main_table(rows))
    typer.echo("\n" + elm24_report.differences_table(rows))
    if write:
        texts = load_elm24(dataset.catalogue)
        path = elm24_report.write_page(rows, texts, dataset.catalogue, runs, Path("docs/elm24"))
        typer.echo(f"\nWritten: {path}")


@app.command("understanding")
def run_understanding(
    split: Annotated[
        Split, typer.Option(help="Chats to read; choose by validation, report test.")
    ] = "test",
    errors: Annotated[
        int, typer.Option(min=0, help="Print so many of the messages not understood in full.")
    ] = 0,
) -> None:
    """Read the annotated chats and say how much of them was understood.

    The row goes to eval/results/understanding.

    Example: python -m eval understanding --split validation --errors 20
    """
    dataset = load("ml-100k")
    chats = [chat for chat in dialogues.load(dataset.catalogue) if chat.split == split]
    found = list(understanding.readings(chats, understanding.product_reader(dataset)))
    measured = understanding.figures(found, dataset.catalogue)
    write_row(
        {
            "benchmark": understanding.BENCHMARK,
            "dataset": dataset.name,
            "split": split,
            "n": len(found),
            "metrics": {name: round(value, 4) for name, value in measured.items()},
            "command": f"python -m eval understanding --split {split}",
            **provenance(),
        },
        f"{dataset.name}-{split}",
        RESULTS,
    )
    typer.echo(f"{len(found)} messages of {len(chats)} chats ({split})")
    for name, value in measured.items():
        typer.echo(f"{name:28s} {value:.3f}")
    for line in islice(understanding.mistakes(found, dataset.catalogue), errors):
        typer.echo(line)


@app.command("dialogue")
def run_dialogue(
    part: Annotated[
        Part, typer.Option(help="Whose films are looked for; choose by validation, report test.")
    ] = "test",
    count: Annotated[int, typer.Option("--viewers", min=1, help="How many viewers talk.")] = 400,
    turns: Annotated[int, typer.Option(min=1, help="Messages that a viewer has patience for.")] = 5,
    seed: Annotated[int, typer.Option(help="Draws the viewers and what they say.")] = 0,
    weights: Annotated[
        Path, typer.Option(help="Folder of trained weights.", show_default="weights/ml-100k")
    ] = DEFAULT_WEIGHTS,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Folder of ReDial or OpenDialKG: score its turns, without viewers."
        ),
    ] = None,
    runs: Runs = DEFAULT_RUNS,
    again: Again = False,
) -> None:
    """Let simulated viewers talk to the chat, and say how well it recommends, turn by turn.

    Conversations that are held already are skipped; all of them lie under RUNS/dialogue, result
    rows under eval/results/dialogue.

    Example: python -m eval dialogue --part validation --viewers 200

    Example: python -m eval dialogue --part validation --from opendialkg
    """
    log_to_stderr()
    engine = Engine.load(weights)
    if folder is not None:
        rows = conversations.evaluate(folder, part, engine, weights, runs, RESULTS, again=again)
    else:
        options = dialogue.Options(part, count, turns, seed, weights, runs)
        dataset = load(engine.catalogue.name)
        rows = dialogue.evaluate(dataset, engine, options, RESULTS, again=again)
    typer.echo(dialogue_metrics.table(rows))


@app.command()
def report(
    dataset: Annotated[
        str | None, typer.Option(help="Data set; all that have results if not given.")
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            help="File whose `results:DATASET` blocks get the main tables; the whole report and "
            "its plots then go to docs/openp5."
        ),
    ] = None,
    runs: Runs = DEFAULT_RUNS,
) -> None:
    """Print the tables of the committed results: figures, comparisons, experiments, commands.

    Example: python -m eval report --dataset ml-100k --write README.md
    """
    rows = load_rows(RESULTS, dataset)
    refresh(rows, runs, RESULTS)
    for name in sorted({row["dataset"] for row in rows}):
        own = [row for row in rows if row["dataset"] == name]
        typer.echo(reporting.page(own, reporting.load_moves(RESULTS, name)))
        if write is not None:
            reporting.write_page(own, reporting.load_moves(RESULTS, name), DOCS)
            reporting.rewrite_block(
                write, name, reporting.summary(own, Path(relpath(DOCS, write.parent)))
            )


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="Predictions file.")],
    second: Annotated[Path, typer.Argument(help="Predictions file of the same split.")],
) -> None:
    """Compare two predictions user by user, with bootstrap intervals.

    Example: python -m eval compare
    runs/predictions/ml-100k/ml-100k-sequential-als-rank-filtered-0.npz
    runs/predictions/ml-100k/ml-100k-sequential-ease-rank-filtered-0.npz
    """
    typer.echo(describe(Predictions.load(first), Predictions.load(second)))


def _numbers(text: str) -> tuple[int, ...]:
    """`0,1,2` -> (0, 1, 2); EvalError for anything else."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts) or len(set(parts)) < len(parts):
        raise EvalError(f"Seeds are different numbers with commas, as 0,1,2; got '{text}'.")
    return tuple(int(part) for part in parts)


if __name__ == "__main__":
    run(app)
