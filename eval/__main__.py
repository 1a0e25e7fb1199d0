"""Command line: rank, report, compare."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from data.console import command_line, run
from data.registry import load
from eval import report as reporting
from eval import sequential
from eval.errors import EvalError
from eval.predictions import Predictions

app = command_line("Evaluation: predictions first, metrics from the file, tables from results.")

BENCHMARK = "openp5"
RESULTS = Path(__file__).parent / "results"
MODELS = {
    "MLP": Path("runs/mlp/model"),
    "ILM-rand": Path("runs/ilm-rand/model"),
    "ILM": Path("weights/ml-100k"),
}
"""Where the trained models of the ML-100K table lie, seen from the project's root."""

DatasetName = Annotated[str, typer.Option("--dataset", help="Data set, by its registered name.")]
Runs = Annotated[Path, typer.Option("--runs", help="Folder for predictions.")]
DEFAULT_RUNS = Path("runs/eval")


@app.command()
def ranking(
    dataset: DatasetName = "ml-100k",
    method: Annotated[
        str | None, typer.Option(help=f"A baseline: {', '.join(sequential.BASELINES)}.")
    ] = None,
    model: Annotated[
        list[Path] | None, typer.Option(help="Folder of a saved model; once for each seed of it.")
    ] = None,
    name: Annotated[str, typer.Option(help="What --model is called in the table.")] = "ILM",
    runs: Runs = DEFAULT_RUNS,
) -> None:
    """Rank the whole catalogue for every user's test item; write predictions and result rows.

    Example: python -m eval ranking --dataset ml-100k --method als

    Example: python -m eval ranking --dataset ml-100k --model weights/ml-100k --name ILM
    """
    if (method is None) == (not model):
        raise EvalError("Say what to rank with: either --method NAME or --model FOLDER (not both).")
    if method is not None:
        predictions = sequential.evaluate_baseline(method, load(dataset))
    else:
        predictions = sequential.evaluate_models(name, model or [], load(dataset))
    _write(predictions, runs)


@app.command("all")
def all_methods(dataset: DatasetName = "ml-100k", runs: Runs = DEFAULT_RUNS) -> None:
    """Evaluate every method of the table whose model is there, then print the table.

    Example: python -m eval all --dataset ml-100k
    """
    loaded = load(dataset)
    for method in sequential.BASELINES:
        _write(sequential.evaluate_baseline(method, loaded), runs)
    for name, folder in MODELS.items():
        if folder.is_dir():
            _write(sequential.evaluate_models(name, [folder], loaded), runs)
        else:
            typer.echo(f"{name}: skipped, there is no model in {folder}.", err=True)
    report(dataset)


@app.command()
def report(
    dataset: DatasetName = "ml-100k",
    write: Annotated[
        Path | None, typer.Option(help="File whose `results:DATASET` block gets the table.")
    ] = None,
) -> None:
    """Print the table of the committed results.

    Example: python -m eval report --dataset ml-100k --write README.md
    """
    text = reporting.table(reporting.load_rows(BENCHMARK, dataset, RESULTS))
    typer.echo(text)
    if write is not None:
        reporting.rewrite_block(write, dataset, text)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="Predictions file.")],
    second: Annotated[Path, typer.Argument(help="Predictions file of the same split.")],
) -> None:
    """Compare two predictions user by user, with bootstrap intervals.

    Example: python -m eval compare runs/eval/openp5/ml-100k/als-filtered-0.npz
    runs/eval/openp5/ml-100k/ilm-filtered-0.npz
    """
    typer.echo(reporting.compare(Predictions.load(first), Predictions.load(second)))


def _write(predictions: Sequence[Predictions], runs: Path) -> None:
    """Predictions to files; rows from those files, one for each kind of ranking."""
    paths: dict[bool, list[Path]] = {False: [], True: []}
    for found in predictions:
        about = found.about
        kind = "filtered" if about["filtered"] else "unfiltered"
        file = f"{about['method'].lower()}-{kind}-{len(paths[about['filtered']])}.npz"
        path = runs / about["benchmark"] / about["dataset"] / file
        found.save(path)
        paths[about["filtered"]].append(path)
    for files in paths.values():
        stored = [Predictions.load(path) for path in files]
        row = reporting.make_row(stored, _command(stored))
        reporting.save_row(row, RESULTS)
        hits = row["metrics"]["HR@10"]["mean"]
        kind = "filtered" if row["filtered"] else "unfiltered"
        typer.echo(
            f"{row['method']} {kind}: HR@10 {hits:.4f} ({', '.join(map(str, files))})", err=True
        )


def _command(predictions: Sequence[Predictions]) -> str:
    """The command that makes this row, as it would be typed in the project's root."""
    about = predictions[0].about
    command = ["python", "-m", "eval", "ranking", "--dataset", about["dataset"]]
    if about["method"] in sequential.BASELINES:
        return shlex.join([*command, "--method", about["method"]])
    models = [part for found in predictions for part in ("--model", found.about["config"]["model"])]
    return shlex.join([*command, *models, "--name", about["method"]])


if __name__ == "__main__":
    run(app)
