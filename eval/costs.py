"""Commands about what things cost: speed, profile and load."""

import logging
import time
from pathlib import Path
from typing import Annotated

import typer

from app.loading import DEFAULT_WEIGHTS
from data import dialogues
from data.console import command_line
from data.registry import load as read_dataset
from eval.errors import EvalError
from eval.progress import log_to_stderr
from eval.report import rewrite_block
from eval.rows import RESULTS, provenance, write_row

commands = command_line(None)

Weights = Annotated[
    Path, typer.Option(help="Folder of trained weights.", show_default="weights/ml-100k")
]


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
    weights: Weights = DEFAULT_WEIGHTS,
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
    weights: Weights = DEFAULT_WEIGHTS,
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


@commands.command("load")
def run_load(
    users: Annotated[int, typer.Option(min=2, max=200, help="Who talk at once.")] = 20,
    messages: Annotated[int, typer.Option(min=1, max=50, help="That each of them says.")] = 6,
    pause: Annotated[
        float, typer.Option(min=0, max=60, help="Seconds between an answer and the next message.")
    ] = 2.0,
    weights: Weights = DEFAULT_WEIGHTS,
    save: Annotated[
        bool, typer.Option("--save/--no-save", help="Write the row to eval/results/load.")
    ] = True,
) -> None:
    """Start the chat, let many users talk to it at once, and say how long its answers take.

    Example: python -m eval load --users 40 --pause 0 --no-save
    """
    from eval import load  # starts a server
    from eval.served import Talker, chat_command, served

    log_to_stderr()
    dataset = read_dataset("ml-100k")
    chats = [chat for chat in dialogues.load(dataset.catalogue) if chat.split == "validation"]
    said = [[t.text for t in chat.turns if isinstance(t, dialogues.UserTurn)] for chat in chats]
    # Several short chats make one talk of so many messages; every talk is held by two.
    lines = [line for talk in said for line in talk]
    count = (users + 1) // 2
    talks = [
        [lines[(number * messages + at) % len(lines)] for at in range(messages)]
        for number in range(count)
    ]
    with served(chat_command(weights, "--rate", "0")) as chat:
        Talker(chat.url).say(lines[0])  # the models are loaded by then

        def enter() -> load.Say:
            talker = Talker(chat.url)
            return lambda message: str(talker.say(message)["text"])

        begun = time.perf_counter()
        held = load.hold(talks, users, pause, enter)
        measured = load.figures(held, time.perf_counter() - begun)
    row = {
        "benchmark": load.BENCHMARK,
        "dataset": dataset.name,
        "n": users,
        "metrics": {name: round(value, 4) for name, value in measured.items()},
        "command": f"python -m eval load --users {users} --messages {messages} --pause {pause:g}",
        **provenance(),
    }
    if save:
        write_row(row, f"{dataset.name}-{users}-users", RESULTS)
    for name, value in measured.items():
        typer.echo(f"{name:24s} {value:,.3f}".rstrip("0").rstrip("."))
