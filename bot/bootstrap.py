"""The composition root: the only place where stores, sources and platforms are built and put together.

What few commands use is imported by the function that builds it: imports are most of a short command's time.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from adapters.http import HttpClient
from adapters.meaning.model import installed_model
from adapters.platforms import PLATFORMS
from adapters.ranking.index import TantivyRanker
from adapters.sources import SOURCES, http_client, make_lookup, make_sources, vote_sources
from adapters.sources.calendar_doctor import examine_calendars
from adapters.sources.jsonl import FileSource
from adapters.summaries import ChatSummariser, make_summariser
from adapters.terminal.platform import Terminal
from bot import logs
from bot.commands.chat_service import ChatService
from bot.commands.context import Defaults
from bot.commands.front_door import FrontDoor
from bot.errors import PaperboyError, SettingsError, UsageError
from bot.ports.clock import Clock
from bot.ports.platform import Platform
from bot.ports.search import Ranker
from bot.ports.sources import Lookup, Source
from bot.process import WORK, Service
from bot.services.doctor import Finding, examine, examine_clock, examine_summaries
from bot.services.rate_limit import make_reserver
from bot.services.retention import Housekeeping
from bot.services.rounds import Rounds, expected_days
from bot.services.search import Searcher
from bot.services.semantic import Meaning
from bot.services.stats import collect_figures
from bot.settings import Settings, load
from storage.database import Database
from storage.index_folder import derived_folder

if TYPE_CHECKING:
    from adapters.web.metrics import Metrics

DOORS = tuple(row.name for row in PLATFORMS)
"""The roles of processes that answer people, each on one platform."""
ROLES = (*WORK, *DOORS)

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
    chats: Mapping[str, ChatService]
    """The chat platforms that are set up, by name."""
    clock: Clock
    ranker: Ranker
    meaning: Meaning | None = None
    """None where the model is not installed or turned off."""
    summariser: ChatSummariser | None = None
    """None where none was set up."""

    @property
    def searcher(self) -> Searcher:
        """What answers searches."""
        return Searcher(self.ranker, self.meaning)

    def front_door(self) -> FrontDoor:
        """What answers commands."""
        defaults = Defaults(self.settings.digest_at, self.settings.timezone, self.settings.digest_limit)
        return FrontDoor(
            self.database, self.clock, defaults, self.expected_days, self.searcher, self.lookup, self.meaning
        )

    def expected_days(self) -> Mapping[str, date]:
        """The latest batch day of each source that keeps a calendar."""
        return expected_days(self.sources, self.clock)

    @asynccontextmanager
    async def open_rounds(self) -> AsyncIterator[Rounds]:
        """The rounds, for a while: platforms that keep connections close them at its end."""
        try:
            yield self.make_rounds()
        finally:
            for chat in self.chats.values():
                await chat.close()

    def make_rounds(self) -> Rounds:
        """What `paperboy run` does again and again."""
        platforms: dict[str, Platform] = {self.terminal.name: self.terminal}
        platforms |= {name: chat.platform for name, chat in self.chats.items()}
        wait = timedelta(minutes=self.settings.batch_wait_minutes)
        every = timedelta(minutes=self.settings.ingest_minutes)
        return Rounds(
            self.database,
            self.clock,
            self.sources,
            platforms,
            wait,
            self.ranker,
            every,
            meaning=self.meaning,
            summariser=self.summariser,
            voters=vote_sources(self.sources),
        )

    def make_housekeeping(self) -> Housekeeping:
        """What removes what is old."""
        kept = self.settings
        return Housekeeping(
            self.database,
            kept.keep_deliveries_days,
            kept.keep_papers_days,
            kept.keep_matches_days,
            self.meaning.model if self.meaning else "",
            self.ranker,
        )


def build(settings: Settings, clock: Clock = utc_now) -> App:
    """Put everything together, on a database that is brought up to date.

    Raises SettingsError and StorageError.
    """
    logs.configure_logs(settings.log_level, settings.log_format)
    keys = [key.get_secret_value() for key in settings.secret_keys]
    database = Database(settings.database_url, secret_keys=keys, search_folder=settings.search_folder)
    http = http_client(settings, make_reserver(database, clock))
    sources = make_sources(settings, http, clock)
    database.upgrade()
    lookup = make_lookup(settings, http) if "arxiv" in settings.sources else None
    ranker = TantivyRanker(derived_folder(settings.database_url, settings.search_folder))
    return App(
        settings,
        database,
        http,
        sources,
        lookup,
        Terminal(),
        {row.name: row.build(settings, database, clock) for row in PLATFORMS if row.is_asked(settings)},
        clock,
        ranker,
        make_meaning(settings),
        make_summariser(settings),
    )


def make_meaning(settings: Settings) -> Meaning | None:
    """Search and topics by meaning, with the model that is installed; None without, or where it is off."""
    model = installed_model() if settings.meaning else None
    return Meaning(model) if model else None


def from_environment() -> App:
    """Everything as the environment says.

    Raises SettingsError and StorageError.
    """
    return build(load())


async def doctor_findings(app: App, *, offline: bool) -> AsyncIterator[Finding]:
    """What the doctor sees; `offline` it asks nobody outside."""
    platforms = app.make_rounds().platforms
    async for finding in examine(
        app.database, app.sources, app.meaning, platforms=platforms, offline=offline
    ):
        yield finding
    if clock := await asyncio.to_thread(examine_clock, app.database, app.clock()):
        yield clock
    for finding in examine_calendars(app.settings, app.clock()):
        yield finding
    if app.summariser:
        async with app.summariser:
            yield await examine_summaries(app.database, app.summariser, app.clock(), offline=offline)
    for row in PLATFORMS:
        if not offline and row.name in app.chats:
            async for finding in row.examine(app.settings):
                yield finding


def slack_manifest(address: str = "") -> str:
    """The manifest of the Slack app as YAML, for Socket Mode, or for HTTP mode at a public address."""
    from adapters.slack.manifest import app_manifest, as_yaml

    return as_yaml(app_manifest(address))


def discord_invitation(settings: Settings) -> str:
    """The address at which Paperboy is invited to a Discord server.

    Raises SettingsError where there is no token.
    """
    from adapters.discord.invite import invitation

    return invitation(settings.discord_token.get_secret_value())


def file_source(path: Path, name: str = "") -> Source:
    """The source that reads a file of papers; without a name it is called as the file is.

    Raises UsageError for the name of a real source, whose batches the file would complete.
    """
    source = FileSource(path, name)
    if source.name in SOURCES:
        raise UsageError(
            f"A file cannot be named {source.name}: that is a source.",
            "Give it another name: --source my-papers.",
        )
    return source


def sample_source(path: Path, name: str) -> Source:
    """A file that stands for the source of this name, as in the demo."""
    return FileSource(path, name)


async def serve(app: App, roles: Collection[str] = ROLES) -> None:
    """Do what `roles` say until SIGINT or SIGTERM, then end what has begun.

    Raises SettingsError where a chat platform is asked for and not set up, is only partly configured or
    refuses a token, and PaperboyError where a port cannot be had.
    """
    from adapters.scheduler import Ticker
    from adapters.web.metrics import Metrics

    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    metrics = Metrics(app.clock)
    async with AsyncExitStack() as stack:
        rounds = await stack.enter_async_context(app.open_rounds())
        service = Service(rounds, rounds.make_worker(metrics.count_attempt), app.make_housekeeping())
        if app.settings.health_port:
            page = _health_pages(app, service, metrics)
            log.info("health page", port=await stack.enter_async_context(page))
        await stack.enter_async_context(app.http)
        if app.summariser:
            await stack.enter_async_context(app.summariser)
        for door in _open_doors(app, roles):
            await stack.enter_async_context(door)
        await stack.enter_async_context(Ticker(*service.ticks_of(roles), done=metrics.count_tick))
        log.info("running", roles=sorted(roles), sources=[source.name for source in app.sources])
        await stop.wait()
        log.info("stopping")
        service.begin_drain()


def _open_doors(app: App, roles: Collection[str]) -> Iterator[AbstractAsyncContextManager[None]]:
    """Where people are answered: everything that is set up, of the roles."""
    for name in (name for name in DOORS if name in roles):
        if name in app.chats:
            yield app.chats[name].open_service(app.front_door())
        elif set(roles) != set(ROLES):
            raise SettingsError(
                f"{name.capitalize()} is not set up.", f"Set its tokens, or drop --role {name}."
            )


def _health_pages(app: App, service: Service, metrics: Metrics) -> AbstractAsyncContextManager[int]:
    from adapters.web.health import health_page

    def check_ready() -> None:
        if service.draining:
            raise PaperboyError("Paperboy is stopping.")
        app.database.check()

    def metrics_page() -> bytes:
        return metrics.metrics_page(collect_figures(app.database, app.expected_days(), app.clock()))

    return health_page(app.settings.health_host, app.settings.health_port, check_ready, metrics_page)
