"""The command line. Errors are one line on standard error; exit codes are 0, 1 for a failure, 2 for usage."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from bot import bootstrap, logs
from bot.bootstrap import App
from bot.channels.channel import Address
from bot.cli.admin import db, discord, slack
from bot.cli.deliveries import deliveries
from bot.cli.search import Asked, Json, search
from bot.commands.context import Caller
from bot.commands.grammar import command_text
from bot.commands.replies import subscriptions as say
from bot.demo.tour import tour
from bot.errors import PaperboyError, QueryError, SourceError, StorageError, UsageError
from bot.papers.text import clean_line
from bot.ports.sources import Source
from bot.process import ALL, collect_seldom, parse_roles
from bot.services.backfill import catch_up
from bot.services.deliver import deliver_due
from bot.services.embed import embed_missing, make_ready, match_waiting
from bot.services.ingest import Ingested, ingest_sources
from bot.services.plan_digests import draft_now, plan_now
from bot.services.sync_index import keep_up

_ROLES = ", ".join([*bootstrap.ROLES, ALL])

cli = typer.Typer(
    name="paperboy",
    help="New research papers for a team's chat: one digest a day, each paper with its reason.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cli.command(cls=Asked)(search)
cli.add_typer(db, name="db")
cli.add_typer(slack, name="slack")
cli.add_typer(discord, name="discord")
cli.add_typer(deliveries, name="deliveries")


def main() -> None:
    """Run the command line, and end the process with its exit code."""
    # What is imported lasts as long as the process: looking for garbage in it, mostly at the end, takes an
    # eighth of a short command.
    gc.freeze()
    # The database holds tokens and private topics, and so do its copies, exports, the index and the vectors.
    os.umask(0o077)
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that knows few characters gets a question mark for others.
        sys.stdout.reconfigure(errors="replace")
    try:
        code = cli(standalone_mode=False)
    except PaperboyError as error:
        code = _print_error(error)
    except typer.TyperException as error:
        # Without a message, the help has been shown already.
        problem = error.format_message()
        end = "" if problem.endswith((".", "?")) else "."
        code = (
            _print_error(UsageError(problem + end, "See `paperboy --help`.")) if problem else error.exit_code
        )
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except SystemExit:
        # Typer and rich end so when whoever read our output has gone, as `| head` does.
        code = 0
    except OSError as error:
        what = error.filename or "The output"
        code = _print_error(PaperboyError(f"{what} cannot be written: {error.strerror or error}."))
    sys.exit(code if isinstance(code, int) else 0)


def _print_error(error: PaperboyError) -> int:
    where = f" (at character {error.position + 1})" if isinstance(error, QueryError) else ""
    typer.echo(f"paperboy: {clean_line(str(error))}{where}", err=True)
    return error.exit_code


@cli.callback(invoke_without_command=True)
def paperboy(
    *, show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Options of the whole command line."""
    if show_version:
        typer.echo(f"paperboy {version('paperboy-bot')}")
        raise typer.Exit


@cli.command()
def demo() -> None:
    """Show a whole day of Paperboy, offline, on a bundled sample of real papers."""
    tour()


@cli.command()
def run(
    role: Annotated[
        list[str] | None,
        typer.Option(help=f"Only this, in one of many processes: {_ROLES}; commas between several."),
    ] = None,
) -> None:
    """Run: ask the sources, plan and post digests, answer in chat, until stopped."""
    roles = parse_roles(role or (), bootstrap.ROLES)
    collect_seldom()
    asyncio.run(bootstrap.serve(bootstrap.from_environment(), roles))


@cli.command("ingest")
def ingest_(
    source: Annotated[
        list[str] | None, typer.Option(help="Only this source; with --file, the collection's name.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Back-fill from this day.")
    ] = None,
    file: Annotated[
        list[Path] | None, typer.Option(help="Read JSON Lines of papers (.jsonl, .jsonl.gz).")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Fetch papers from the sources, or read them from files."""
    app = bootstrap.from_environment()
    chosen = _file_sources(file, source) if file else _named_sources(app, source)
    day = since.replace(tzinfo=UTC).date() if since else None
    failures: list[SourceError] = []

    async def work() -> None:
        async with app.http:
            with app.terminal.show_ingest() as progress:
                for one in chosen:
                    progress.show_asking(one.name)
                    try:
                        async for done in _fetch_batches(app, one, day, catching_up=not file):
                            if as_json:
                                typer.echo(json.dumps(_ingested_json(done)))
                            else:
                                progress.show_stored(done)
                    except SourceError as error:
                        failures.append(error)

    asyncio.run(work())
    # Not in the loop's thread: who presses Ctrl-C would wait for the last paper.
    keep_up(app.database, app.ranker)
    _embed_rest(app, as_json=as_json)
    for error in failures:
        _print_error(error)
    if failures:
        raise typer.Exit(1)


def _embed_rest(app: App, *, as_json: bool) -> None:
    """Leave nothing that a search by meaning would not find."""
    if app.meaning is None:
        return
    papers = 0
    with app.database.read() as tx:
        lacking = tx.vectors.count_without_vector(app.meaning.model)
    with app.terminal.show_embedding(lacking) as advance:
        for done in embed_missing(app.database, app.meaning):
            advance(done)
            papers += done
    matched = match_waiting(app.database, app.meaning)
    if as_json and (papers or matched):
        typer.echo(json.dumps({"embedded": papers, "matched": matched}))
    elif papers or matched:
        app.terminal.print_embedded(papers, matched)
    make_ready(app.database, app.meaning)


def _fetch_batches(
    app: App, source: Source, since: date | None, *, catching_up: bool
) -> AsyncIterator[Ingested]:
    if since is None and catching_up:
        return catch_up(source, app.database, app.clock)
    return ingest_sources(source, app.database, app.clock, since)


def _file_sources(paths: Sequence[Path], names: Sequence[str] | None) -> list[Source]:
    if names and len(names) > 1:
        raise UsageError("--file takes one --source, the name of the collection.")
    found = [bootstrap.file_source(path, names[0] if names else "") for path in paths]
    called = Counter(one.name for one in found)
    if not names and (alike := [name for name, times in called.items() if times > 1]):
        raise UsageError(
            f"Several files are named {alike[0]}, so their papers could share ids.",
            "Ingest each with its own --source NAME, or all with one --source, as one collection.",
        )
    return found


def _named_sources(app: App, names: Sequence[str] | None) -> list[Source]:
    known = {one.name: one for one in app.sources}
    if unknown := [name for name in names or () if name not in known]:
        raise UsageError(
            f"Unknown source: {unknown[0]}.", f"PAPERBOY_SOURCES names {', '.join(known) or 'none'}."
        )
    if not known:
        raise UsageError(
            "No sources are configured.", "Set PAPERBOY_SOURCES, or pass a file: --file papers.jsonl."
        )
    return [known[name] for name in dict.fromkeys(names or known)]


def _ingested_json(done: Ingested) -> dict[str, object]:
    return {
        "source": done.source,
        "day": str(done.day),
        "announced": done.announced,
        "new": done.new,
        "matched": done.matched,
        "unreadable": [{"where": bad.where, "problem": bad.problem} for bad in done.bad],
        "complete": done.complete,
    }


@cli.command()
def chat(
    command: Annotated[
        str | None, typer.Option("-c", "--command", help="Answer one command and exit.")
    ] = None,
    channel: Annotated[str, typer.Option(help="The terminal's channel.")] = "local",
) -> None:
    """Talk to Paperboy as in chat: /papers emergent misalignment, /papers subscribe …"""
    app = bootstrap.from_environment()
    logs.show_only_warnings()
    front_door, who = app.front_door(), app.terminal.make_caller(channel)
    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        runner.run(stack.enter_async_context(app.http))
        try:
            if command is not None:
                raise typer.Exit(runner.run(_answer_once(app, command, who)))
            app.terminal.read_commands(lambda text: runner.run(front_door.answer(text, who)))
        finally:
            runner.run(stack.aclose())


async def _answer_once(app: App, text: str, who: Caller) -> int:
    answer = await app.front_door().try_answer(command_text(text), who)
    if isinstance(answer.error, StorageError):
        raise answer.error
    app.terminal.show_message(answer.message)
    return answer.error.exit_code if answer.error else 0


@cli.command()
def digest(
    channel: Annotated[str, typer.Option(help="The channel: local, or terminal:local.")] = "local",
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it without changing anything.")] = False,
) -> None:
    """Make today's digest for a channel now."""
    app = bootstrap.from_environment()
    platform, colon, place = channel.partition(":")
    if not colon:
        platform, place = app.terminal.name, channel
    is_here = platform == app.terminal.name
    address = app.terminal.make_address(place) if is_here else Address(platform, place)

    async def work() -> None:
        if dry_run:
            app.terminal.show_message(
                draft_now(app.database, address, app.clock(), app.expected_days(), app.meaning)
            )
            return
        if address.platform not in app.make_rounds().platforms:
            raise UsageError(f"{address.platform} is not set up here.", "Set its tokens, or add --dry-run.")
        if not plan_now(app.database, address, app.clock(), app.expected_days(), app.meaning):
            app.terminal.show_message(say.nothing_new())
        async with app.open_rounds() as rounds:
            await deliver_due(app.database, rounds.platforms, app.clock)

    asyncio.run(work())


@cli.command()
def doctor(
    *, offline: Annotated[bool, typer.Option("--offline", help="Make no network requests.")] = False
) -> None:
    """Check the database, the sources, Slack and Discord, and say how to fix what is wrong."""
    app = bootstrap.from_environment()

    async def work() -> bool:
        well = True
        async with app.http:
            async for finding in bootstrap.doctor_findings(app, offline=offline):
                app.terminal.print_finding(finding)
                well = well and finding.ok
        return well

    raise typer.Exit(0 if asyncio.run(work()) else 1)
