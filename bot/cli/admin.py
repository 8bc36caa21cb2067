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


Out = Annotated[Path, typer.Argument(help="The file to write; - is the standard output.")]

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


@db.command("mend-clock")
def mend_clock() -> None:
    """Take back the instants that a machine wrote whose clock was ahead; this one's clock has to be right."""
    app = bootstrap.from_environment()
    typer.echo(f"{take_back(app.database, app.clock())} taken back.")


@db.command()
def backup(path: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Copy the database into a file, also while Paperboy is running."""
    bootstrap.from_environment().database.backup(path)
    typer.echo(f"Copied to {path}.")


@db.command("export")
def export_(path: Out) -> None:
    """Write everything as lines of JSON, for `db import` into another database; also while running."""
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
        typer.FileBinaryRead, typer.Argument(help="What `db export` wrote; - is the standard input.")
    ],
) -> None:
    """Take a whole installation into the database, which must be new; all of it or nothing."""
    database = bootstrap.from_environment().database
    # The terminal may know fewer characters than the papers have.
    with TextIOWrapper(path, encoding="utf-8", newline="") as file:
        _print_moved(database.load(file))
    typer.echo("Everything is imported, and reads back as it was exported.", err=True)


@contextmanager
def _new_url(path: Path) -> Iterator[TextIO]:
    """A file that was not there, and is not there after an error: half an export would look like one."""
    try:
        file = path.open("x", encoding="utf-8", newline="")
    except FileExistsError:
        raise UsageError(f"{path} exists already.", "Name a file that does not.") from None
    try:
        with file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _print_moved(tables: Iterable[Moved]) -> None:
    for done in tables:
        typer.echo(f"{done.table:16}{done.rows:>12,} rows  {done.checksum[:16]}", err=True)
