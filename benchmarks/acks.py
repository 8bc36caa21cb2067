"""What the benchmarks of acknowledgements share: recorded days that another process ingests meanwhile.

The platform stands in the process that measures, Paperboy in a second one, the sources in a third.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from benchmarks.ingest import DayClock
from bot.bootstrap import App
from bot.services.ingest import ingest_sources
from bot.settings import Settings
from tests.standins.sources import SourcesStandin

AT_ONCE, ROUNDS = 50, 10


class Ack(Protocol):
    """An acknowledgement, in seconds."""

    @property
    def seconds(self) -> float: ...


A = TypeVar("A", bound=Ack)


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What the processes tell each other: where the sources are, the day they announce, the days ingested."""

    url: Any
    day: Any
    done: Any
    ingesting: bool


@contextmanager
def running(serve: Callable[..., None], door: object, *, ingesting: bool) -> Iterator[Meanwhile]:
    """The sources, and `serve(door, meanwhile)`, in processes of their own."""
    context = multiprocessing.get_context("spawn")
    shared = Meanwhile(context.Array("c", 64), context.Value("i", 0), context.Value("i", 0), ingesting)
    sources = context.Process(target=_sources, args=(shared,), daemon=True)
    app = context.Process(target=serve, args=(door, shared), daemon=True)
    for process in (sources, app):
        process.start()
    try:
        yield shared
    finally:
        for process in (app, sources):
            process.terminate()
            process.join()


async def timed(
    use: Callable[[int], Awaitable[A]], answer_to: Callable[[A], Awaitable[object]], meanwhile: Meanwhile
) -> tuple[list[float], int]:
    """The seconds of every acknowledgement, and how many days were ingested meanwhile.

    50 commands at once, 10 times. An ingest that is asked for has begun before the first.
    """
    await _until(lambda: not meanwhile.ingesting or meanwhile.done.value > 0)
    before, seconds = meanwhile.done.value, []
    for _ in range(ROUNDS):
        acks = await asyncio.gather(*(use(number) for number in range(AT_ONCE)))
        seconds += [ack.seconds for ack in acks]
        await asyncio.gather(*map(answer_to, acks))
    return seconds, meanwhile.done.value - before


async def settings_of(folder: Path, meanwhile: Meanwhile, **platform: Any) -> Settings:
    """Paperboy in `folder`, with the sources and a platform."""
    await _until(lambda: bool(meanwhile.url.value))
    base = meanwhile.url.value.decode()
    return Settings(
        _env_file=None,
        database_url=f"sqlite:///{folder}/papers.db",
        sources=("arxiv",),
        arxiv_rss_url=base,
        arxiv_api_url=f"{base}/api/query",
        arxiv_oai_url=f"{base}/oai",
        arxiv_pace_seconds=0,
        log_level="error",
        **platform,
    )


async def ingest_days(app: App, clock: DayClock, meanwhile: Meanwhile) -> None:
    """Ingest every recorded day for the first time, where that is asked for, and go on serving."""
    days = SourcesStandin().arxiv_days
    for number in range(len(days) if meanwhile.ingesting else 0):
        meanwhile.day.value, clock.day = number, days[number]
        await asyncio.sleep(0.05)
        async for _ in ingest_sources(app.sources[0], app.database, clock):
            meanwhile.done.value += 1
    await asyncio.Event().wait()


def show(name: str, seconds: list[float]) -> None:
    """A line of the table, in milliseconds."""
    p50, p99, most = (percentile(seconds, part) * 1000 for part in (50, 99, 100))
    print(f"{name:46} p50 {p50:6.0f}   p99 {p99:6.0f}   most {most:6.0f}")


def percentile(seconds: list[float], part: int) -> float:
    """The nearest rank."""
    return sorted(seconds)[max(0, -(-len(seconds) * part // 100) - 1)]


async def _until(true: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    while not true():  # noqa: ASYNC110 - no event of this loop tells
        await asyncio.sleep(0.02)


def _sources(meanwhile: Meanwhile) -> None:
    """Serve the recorded days, one after the other as `day` counts them."""

    async def serve() -> None:
        async with SourcesStandin() as server:
            meanwhile.url.value = server.url.encode()
            while True:
                server.set_day(server.arxiv_days[meanwhile.day.value % len(server.arxiv_days)])
                await asyncio.sleep(0.02)

    asyncio.run(serve())
