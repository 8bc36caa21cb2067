"""The groups of commands: `paperboy db …`, `paperboy slack …`, `paperboy discord …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import bootstrap
from bot.errors import UsageError
from bot.settings import load

db = typer.Typer(help="The database.", no_args_is_help=True)
slack = typer.Typer(help="Slack.", no_args_is_help=True)
discord = typer.Typer(help="Discord.", no_args_is_help=True)


@slack.command("manifest")
def manifest(
    url: Annotated[str, typer.Option(help="The public https:// address, for HTTP mode.")] = "",
) -> None:
    """Print the manifest from which Slack makes the app."""
    if url and not url.startswith("https://"):
        raise UsageError(f"{url} is not an https:// address.", "Slack accepts no other.")
    typer.echo(bootstrap.slack_manifest(url.rstrip("/")), nl=False)


@discord.callback()
def in_discord() -> None:
    """Discord."""


@discord.command("invite")
def invite() -> None:
    """Print the address at which Paperboy is invited to a server, with the least permissions."""
    typer.echo(bootstrap.discord_invitation(load()))


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
