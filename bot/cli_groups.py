"""The groups of commands: `paperboy db …`, `paperboy slack …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import bootstrap
from bot.errors import UsageError

db = typer.Typer(help="The database.", no_args_is_help=True)
slack = typer.Typer(help="Slack.", no_args_is_help=True)


@slack.command("manifest")
def manifest(
    url: Annotated[str, typer.Option(help="The public https:// address, for HTTP mode.")] = "",
) -> None:
    """Print the manifest from which Slack makes the app."""
    if url and not url.startswith("https://"):
        raise UsageError(f"{url} is not an https:// address.", "Slack accepts no other.")
    typer.echo(bootstrap.slack_manifest(url.rstrip("/")), nl=False)


@db.command()
def upgrade() -> None:
    """Bring the database to this version of Paperboy; every command does so by itself."""
    bootstrap.from_environment()
    typer.echo("The database is up to date.")


@db.command("rotate-keys")
def rotate_keys() -> None:
    """Seal the stored tokens with the first of PAPERBOY_SECRET_KEYS; the others can then be dropped."""
    with bootstrap.from_environment().database.begin() as tx:
        changed = tx.installations.rotate()
    typer.echo(f"{changed} sealed anew.")


@db.command()
def backup(path: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Copy the database into a file, also while Paperboy is running."""
    bootstrap.from_environment().database.backup(path)
    typer.echo(f"Copied to {path}.")
