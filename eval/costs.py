"""Commands about what things cost: speed and profile."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from app.loading import DEFAULT_WEIGHTS
from data.console import command_line
from eval.errors import EvalError
from eval.progress import log_to_stderr
from eval.report import rewrite_block
from eval.rows import RESULTS

commands = command_line(None)


@commands.command("speed")
def run_speed(
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="May be repeated: writing, quality, one, many, fidelity, learning, aligning, "
            "growth, nearest, chat."
        ),
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds of each figure.")] = 5,
    weights: Annotated[
        Path, typer.Option(help="Folder of trained weights.", show_default="weights/ml-100k")
    ] = DEFAULT_WEIGHTS,
    save: Annotated[
        bool, typer.Option("--save/--no-save", help="Write the rows to eval/results/speed.")
    ] = True,
) -> None:
    """Measure what things cost, beside peers that take turns with us in the same run.

    Peers that are not installed (llama-cpp-python) are left out. On a machine that is busy with
    something else trust the ratios alone.

    Example: python -m eval speed --only writing --only quality --no-save
    """
    from eval import speed, speed_catalogue, speed_chat, speed_ranking, speed_writing  # slow

    log_to_stderr()
    measures = {
        "writing": speed_writing.writing,
        "quality": speed_writing.quality,
        "one": speed_ranking.one_user,
        "many": speed_ranking.many_users,
        "fidelity": speed_ranking.fidelity,
        "learning": speed_ranking.learning,
        "aligning": speed_ranking.aligning,
        "growth": speed_catalogue.growth,
        "nearest": speed_catalogue.nearest,
        "chat": speed_chat.chat,
    }
    chosen = only or list(measures)
    if unknown := [name for name in chosen if name not in measures]:
        raise EvalError(
            f"There is nothing to measure called '{unknown[0]}': {', '.join(measures)}."
        )
    setting = speed.Setting(weights, repeats)
    figures = []
    for name in chosen:
        logging.info("Measuring %s", name)
        found = measures[name](setting)
        figures += found
        if save:
            command = f"python -m eval speed --only {name} --repeats {repeats}"
            for figure in found:
                speed.save(figure, command, RESULTS)
    typer.echo(speed.table(figures))


@commands.command("profile")
def run_profile(
    weights: Annotated[
        Path, typer.Option(help="Folder of trained weights.", show_default="weights/ml-100k")
    ] = DEFAULT_WEIGHTS,
    write: Annotated[
        Path | None, typer.Option(help="Markdown file whose block results:profile is renewed.")
    ] = None,
) -> None:
    """Say where ranking and writing spend their time, with the library's forward and with ours.

    Example: python -m eval profile --write docs/speed.md
    """
    from eval import speed, speed_profile  # slow to import

    found = speed_profile.tables(speed.Setting(weights, 1))
    if write is not None:
        rewrite_block(write, "profile", found)
    typer.echo(found)
