"""How every command line of the project begins and ends: an error to act on is one line."""

import typer

from data.errors import IlmChatError


def command_line(help: str | None) -> typer.Typer:
    """An empty command line as all packages have it: plain text, no completion to install."""
    return typer.Typer(
        help=help,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def run(app: typer.Typer) -> None:
    """Run a command line; an IlmChatError becomes one line on stderr and exit status 1."""
    try:
        app()
    except IlmChatError as error:
        typer.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from None
