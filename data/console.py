"""How every command line of the project ends: an error a person can act on is one line."""

import typer

from data.errors import IlmChatError


def run(app: typer.Typer) -> None:
    """Run a command line; an IlmChatError becomes one line on stderr and exit status 1."""
    try:
        app()
    except IlmChatError as error:
        typer.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from None
