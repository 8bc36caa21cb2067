"""The composition root: the only place where stores, sources and platforms are built and put together."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from adapters.http import HttpClient
from adapters.meaning.model import installed
from adapters.ranking.index import TantivyRanker
from adapters.scheduler import Tick, Ticker, run_tick
from adapters.slack.doctor import examine_slack
from adapters.slack.manifest import as_yaml, manifest
from adapters.slack.service import Slack, make_slack
from adapters.sources import SOURCES, http_client, make_lookup, make_sources
from adapters.sources.jsonl import FileSource
from adapters.terminal.platform import Terminal
from adapters.web.health import health_page
from bot import logs
from bot.commands.desk import Defaults
from bot.commands.service import Commands
from bot.doctor import Finding, examine
from bot.errors import UsageError
from bot.ports import Clock, Lookup, Platform, Ranker, Source
from bot.rounds import Rounds, expected
from bot.search.searching import Searcher
from bot.settings import Settings, load
from bot.topics.nearness import Meaning
from storage.database import Database
from storage.folder import derived_folder

DIGEST_SECONDS = 15
EMBED_SECONDS = 15

log = structlog.get_logger()


def utc_now() -> datetime:
    """The clock of everything but tests and the demo."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """Paperboy, built. The network opens with `async with app.http`."""

    settings: Settings
    database: Database
    http: HttpClient
    sources: Sequence[Source]
    lookup: Lookup | None
    terminal: Terminal
    slack: Slack | None
    clock: Clock
    ranker: Ranker
    meaning: Meaning | None = None
    """None where the model is not installed or turned off."""

    @property
    def searcher(self) -> Searcher:
        """What answers searches."""
        return Searcher(self.ranker, self.meaning)

    def commands(self) -> Commands:
        """The door of commands."""
        defaults = Defaults(self.settings.digest_at, self.settings.timezone, self.settings.digest_limit)
        return Commands(
            self.database, self.clock, defaults, self.expected, self.searcher, self.lookup, self.meaning
        )

    def expected(self) -> Mapping[str, date]:
        """The latest batch day of each source that keeps a calendar."""
        return expected(self.sources, self.clock)

    def rounds(self) -> Rounds:
        """What `paperboy run` does again and again."""
        platforms: dict[str, Platform] = {self.terminal.name: self.terminal}
        if self.slack:
            platforms[self.slack.platform.name] = self.slack.platform
        wait = timedelta(minutes=self.settings.batch_wait_minutes)
        return Rounds(self.database, self.clock, self.sources, platforms, wait, self.ranker, self.meaning)


def build(settings: Settings, clock: Clock = utc_now) -> App:
    """Put everything together, on a database that is brought up to date.

    Raises SettingsError and StorageError.
    """
    logs.configure(settings.log_level, settings.log_format)
    http = http_client(settings)
    sources = make_sources(settings, http, clock)
    keys = [key.get_secret_value() for key in settings.secret_keys]
    database = Database(settings.database_url, secret_keys=keys)
    database.upgrade()
    lookup = make_lookup(settings, http) if "arxiv" in settings.sources else None
    slack = make_slack(settings, database, clock)
    ranker = TantivyRanker(derived_folder(settings.database_url, settings.search_folder))
    meaning = make_meaning(settings)
    return App(settings, database, http, sources, lookup, Terminal(), slack, clock, ranker, meaning)


def make_meaning(settings: Settings) -> Meaning | None:
    """Search and topics by meaning, with the model that is installed; None without, or where it is off."""
    model = installed() if settings.meaning else None
    return Meaning(model) if model else None


def from_environment() -> App:
    """Everything as the environment says.

    Raises SettingsError and StorageError.
    """
    return build(load())


async def findings(app: App, *, offline: bool) -> AsyncIterator[Finding]:
    """What the doctor sees; `offline` it asks nobody outside."""
    async for finding in examine(app.database, app.sources, app.meaning, offline=offline):
        yield finding
    if not offline and app.slack:
        async for finding in examine_slack(app.settings):
            yield finding


def slack_manifest(address: str = "") -> str:
    """The manifest of the Slack app as YAML, for Socket Mode, or for HTTP mode at a public address."""
    return as_yaml(manifest(address))


def file_source(path: Path, name: str = "") -> Source:
    """The source that reads a file of papers; without a name it is called as the file is.

    Raises UsageError for the name of a real source, whose batches the file would complete.
    """
    source = FileSource(path, name)
    if source.name in SOURCES:
        raise UsageError(
            f"A file cannot be called {source.name}, as a source is.", "Name it: --source my-papers."
        )
    return source


def sample_source(path: Path, name: str) -> Source:
    """A file that stands for the source of this name, as in the demo."""
    return FileSource(path, name)


async def serve(app: App) -> None:
    """Run until SIGINT or SIGTERM: ask the sources, then plan and post what is due, on and on.

    Raises SettingsError where Slack is set up by half or refuses a token, and PaperboyError where a port
    cannot be had.
    """
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    rounds = app.rounds()
    async with AsyncExitStack() as stack:
        if app.settings.health_port:
            page = health_page(app.settings.health_host, app.settings.health_port, app.database.check)
            log.info("health page", port=await stack.enter_async_context(page))
        await stack.enter_async_context(app.http)
        if app.slack:
            await stack.enter_async_context(app.slack.serving(app.commands()))
        # A first round before the first digest, so that a start after a pause catches up on papers first.
        first = asyncio.create_task(run_tick(Tick("start", 0, partial(_first_round, rounds))))
        stack.callback(first.cancel)
        ticker = Ticker(
            Tick("ingest", app.settings.ingest_minutes * 60, rounds.ingest),
            Tick("embed", EMBED_SECONDS, rounds.embed),
            Tick("digest", DIGEST_SECONDS, partial(_after, first, rounds)),
        )
        await stack.enter_async_context(ticker)
        log.info("running", sources=[source.name for source in app.sources])
        await stop.wait()
        log.info("stopping")


async def _first_round(rounds: Rounds) -> None:
    await rounds.ingest()
    await rounds.digest()


async def _after(first: asyncio.Task[None], rounds: Rounds) -> None:
    if first.done():
        await rounds.digest()
