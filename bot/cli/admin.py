"""The groups of commands: `paperboy db …`, `paperboy slack …`, `paperboy discord …`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Protocol, TextIO

import typer

from bot import bootstrap
from bot.errors import UsageError
from bot.services.clock_skew import take_back
from bot.settings import load


class Moved(Protocol):
    """A table that was moved."""

    @property
    def table(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def checksum(self) -> str: ...


Out = Annotated[Path, typer.Argument(help="The file to write; - for standard output.")]

db = typer.Typer(help="The database.", no_args_is_help=True)
slack = typer.Typer(help="Slack.", no_args_is_help=True)
discord = typer.Typer(help="Discord.", no_args_is_help=True)


@slack.command("manifest")
def manifest(
    url: Annotated[str, typer.Option(help="The public https:// URL, for HTTP mode.")] = "",
) -> None:
    """Print the app manifest to paste into Slack."""
    if url and not url.startswith("https://"):
        raise UsageError(f"{url} is not an https:// address.", "Slack accepts no other.")
    typer.echo(bootstrap.slack_manifest(url.rstrip("/")), nl=False)


@discord.callback()
def in_discord() -> None:
    """Discord."""


@discord.command("invite")
def invite() -> None:
    """Print the invitation link, with the fewest permissions Paperboy needs."""
    typer.echo(bootstrap.discord_invitation(load()))


@db.command()
def upgrade() -> None:
    """Migrate the database to this version; every command does this automatically."""
    bootstrap.from_environment()
    typer.echo("The database is up to date.")


@db.command("rotate-keys")
def rotate_keys() -> None:
    """Re-encrypt stored tokens with the first of PAPERBOY_SECRET_KEYS; you can then remove the others."""
    with bootstrap.from_environment().database.begin() as tx:
        changed = tx.installations.rotate()
    typer.echo(f"{changed} re-encrypted.")


@db.command("mend-clock")
def fix_clock_skew() -> None:
    """Correct timestamps written while a machine's clock was ahead; this machine's clock must be right."""
    app = bootstrap.from_environment()
    typer.echo(f"{take_back(app.database, app.clock())} corrected.")


@db.command()
def backup(path: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Copy the database to a file; safe while Paperboy is running."""
    bootstrap.from_environment().database.backup(path)
    typer.echo(f"Copied to {path}.")


@db.command("export")
def export_(path: Out) -> None:
    """Export everything as JSON Lines for `db import`; safe while Paperboy is running."""
    database = bootstrap.from_environment().database
    if str(path) == "-":
        # The terminal may know fewer characters than the papers have.
        _print_moved(database.export(lambda line: sys.stdout.buffer.write(line.encode())))
        return
    with _new_url(path) as file:
        _print_moved(database.export(file.write))


@db.command("import")
def import_(
    path: Annotated[
        typer.FileBinaryRead, typer.Argument(help="A file written by `db export`; - for standard input.")
    ],
) -> None:
    """Import a whole installation into an empty database, all or nothing."""
    database = bootstrap.from_environment().database
    # The terminal may know fewer characters than the papers have.
    with TextIOWrapper(path, encoding="utf-8", newline="") as file:
        _print_moved(database.load(file))
    typer.echo("Everything was imported and verified.", err=True)


@contextmanager
def _new_url(path: Path) -> Iterator[TextIO]:
    """A file that was not there, and is not there after an error: half an export would look like one."""
    try:
        file = path.open("x", encoding="utf-8", newline="")
    except FileExistsError:
        raise UsageError(f"{path} exists already.", "Choose a file name that does not exist yet.") from None
    try:
        with file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _print_moved(tables: Iterable[Moved]) -> None:
    for done in tables:
        typer.echo(f"{done.table:16}{done.rows:>12,} rows  {done.checksum[:16]}", err=True)
