"""Ticks over many subscriptions: `python -m benchmarks.outbox [--json] [--engine E …] [--subscriptions N …]`.

A database of so many channels, a subscription each, of which some are due (`--due N`) with five papers
apiece, each day. Measured in a process of its own, which has done the day before, on SQLite and on
PostgreSQL: the ticks when nothing is due, the planning of the slot, the delivery of it to a platform that
answers at once, and the memory. The exit code is 1 where a promise of docs/operating.md is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from multiprocessing import get_context
from tempfile import TemporaryDirectory
from typing import TypeVar

from sqlalchemy import make_url
from sqlmodel import Session, create_engine

from benchmarks.processor import Processor
from benchmarks.standing import recorded_papers, standing_topics
from bot.channels.channel import Address
from bot.delivery.rate_limits import NO_LIMITS
from bot.digests.digest import Match
from bot.messages.blocks import Message
from bot.papers.paper import Announcement, AnnouncementKind, Batch
from bot.process import collect_seldom
from bot.services.deliver import DeliveryWorker
from bot.services.plan_digests import plan_at_once, plan_due
from bot.topics.parser import parse_query
from storage.database import Database
from storage.sql import chunks, table_of
from storage.tables import ChannelRow, SubscriptionRow
from tests.databases import ENGINES, serving
from tests.one_part import OnePart

T = TypeVar("T")

DAY = date(2025, 10, 10)
NINE = datetime(2025, 10, 10, 9, tzinfo=UTC)
PAPERS = 500
"""In each day's batch."""
WAIT = timedelta(hours=3)
A_DAY = timedelta(days=1)
PAPERS_EACH = 5
IDLE_TURNS = 50
PLAN_SECONDS, MEMORY_MB = 1.0, 150
"""What is promised for 1,000 due channels, and for any number of subscriptions."""


def idle_promise(subscriptions: int) -> float:
    """Milliseconds of an idle tick."""
    return 5.0 if subscriptions <= 100_000 else 10.0


class Chat(OnePart):
    """A platform that answers at once."""

    name = "chat"
    pace = NO_LIMITS

    async def post(self, address: Address, message: Message, nonce: str) -> str:  # noqa: ARG002
        """Take it."""
        return nonce

    async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:  # noqa: ARG002
        """Nothing was left over."""
        return None

    async def tell(self, address: Address, user: str, message: Message) -> None:
        """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Result:
    """Times are of the processor, the database's server with it, so that they hold on a busy machine; idle
    ticks are medians."""

    engine: str
    subscriptions: int
    due: int
    idle_plan_ms: float
    idle_deliver_ms: float
    plan_seconds: float
    deliver_seconds: float
    memory_mb: float

    @property
    def kept(self) -> bool:
        """Whether the promises hold."""
        idle = max(self.idle_plan_ms, self.idle_deliver_ms) < idle_promise(self.subscriptions)
        return idle and self.plan_seconds < PLAN_SECONDS and self.memory_mb < MEMORY_MB


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--json", action="store_true")
    options.add_argument("--engine", choices=ENGINES, action="append", help="default: each in turn")
    options.add_argument("--subscriptions", type=int, nargs="+", default=[100_000, 1_000_000])
    options.add_argument("--due", type=int, default=1_000)
    chosen = options.parse_args()
    engines = chosen.engine or ENGINES
    # As in the image: else the C library keeps memory for each thread, which counts as the process's.
    os.environ["MALLOC_ARENA_MAX"] = "2"
    results = [_run(engine, number, chosen.due) for engine in engines for number in chosen.subscriptions]
    if chosen.json:
        print(json.dumps([{**_fields(result), "kept": result.kept} for result in results]))
    else:
        _print(results)
    sys.exit(0 if all(result.kept for result in results) else 1)


def _run(engine: str, subscriptions: int, due: int) -> Result:
    with _database(engine) as url:
        _apart(_fill, url, subscriptions, due)
        return _apart(_measure, url, subscriptions, due)


def _apart(work: Callable[..., T], *told: object) -> T:
    """Do it in a new process, so that its memory is not counted elsewhere."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *told).result()


@contextmanager
def _database(engine: str) -> Iterator[str]:
    """The address of a new database, which is gone afterwards."""
    if engine == "sqlite":
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/papers.db"
    else:
        with serving() as server, server.database() as url:
            yield url


def _fill(url: str, subscriptions: int, due: int) -> None:
    topics = [str(parse_query(topic)) for topic in standing_topics(recorded_papers()[:PAPERS], 1_000)]
    database = Database(url)
    database.upgrade()
    engine = create_engine(url)
    for ids in chunks(range(1, subscriptions + 1), 20_000):
        with Session(engine) as session, session.begin():
            session.execute(table_of(ChannelRow).insert(), [_channel(number, due) for number in ids])
            session.execute(table_of(SubscriptionRow).insert(), [_subscription(n, topics) for n in ids])
    engine.dispose()
    database.close()
    _ingest(url, 1, due)


def _ingest(url: str, days_before: int, due: int) -> None:
    """A day's batch, of which each channel that is due matches some papers."""
    papers = recorded_papers()[days_before * PAPERS :][:PAPERS]
    day, now = DAY - timedelta(days=days_before), NINE - timedelta(days=days_before, hours=1)
    announced = tuple(Announcement(paper, AnnouncementKind.NEW) for paper in papers)
    database = Database(url)
    with database.begin() as tx:
        tx.papers.ingest_batch(Batch("arxiv", day, announced), now)
        tx.digests.add_matches(
            Match(papers[(number * 7 + step) % PAPERS].id, number, "arxiv", day, ("“words” in the title",))
            for number in range(1, due + 1)
            for step in range(PAPERS_EACH)
        )
    database.close()
    if make_url(url).get_backend_name() == "postgresql":
        # As the server does by itself soon after so many rows have come.
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        engine.dispose()


def _channel(number: int, due: int) -> dict[str, object]:
    return {
        "id": number,
        "platform": "chat",
        "place": f"T{number // 100}/C{number}",
        "at": time_of_day(11),
        "zone": "Europe/Berlin",
        "limit": 20,
        "paused": False,
        "next_due": NINE + (-A_DAY if number <= due else A_DAY + timedelta(seconds=number)),
        "covered_until": NINE - 2 * A_DAY,
        "layout": "full",
    }


def _subscription(number: int, topics: list[str]) -> dict[str, object]:
    return {
        "id": number,
        "channel_id": number,
        "topic": topics[number % len(topics)],
        "days": "daily",
        "owner": "ann",
        "paused": False,
        "broken": "",
        "created": NINE - 2 * A_DAY,
    }


def _measure(url: str, subscriptions: int, due: int) -> Result:
    return asyncio.run(_measured(url, subscriptions, due))


def _plan(database: Database, now: datetime) -> int:
    return plan_at_once(database, now) + plan_due(database, now, {"arxiv": now.date()}, WAIT)


async def _measured(url: str, subscriptions: int, due: int) -> Result:
    collect_seldom()
    clock, database = Processor(url), Database(url)
    early = NINE - timedelta(minutes=1)
    courier = DeliveryWorker(database, {"chat": Chat()}, lambda: NINE)
    _plan(database, NINE - A_DAY)
    await courier.deliver_round()
    _apart(_ingest, url, 0, due)
    idle_plan, idle_deliver = [], []
    for _ in range(IDLE_TURNS):
        start = clock()
        _plan(database, early)
        middle = clock()
        await courier.deliver_round()
        idle_plan.append(middle - start)
        idle_deliver.append(clock() - middle)
    start = clock()
    planned = _plan(database, NINE)
    middle = clock()
    posted = await courier.deliver_round()
    end = clock()
    assert (planned, posted) == (due, due), (planned, posted)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    database.close()
    engine = make_url(url).get_backend_name()
    return Result(
        engine,
        subscriptions,
        due,
        statistics.median(idle_plan) * 1000,
        statistics.median(idle_deliver) * 1000,
        middle - start,
        end - middle,
        memory,
    )


def _fields(result: Result) -> dict[str, str | float]:
    values = ((name, getattr(result, name)) for name in Result.__slots__)
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in values}


def _print(results: list[Result]) -> None:
    print("engine      subscriptions    due  idle plan  idle deliver      plan   deliver  memory")
    for one in results:
        print(
            f"{one.engine:<10} {one.subscriptions:>14,} {one.due:>6,} {one.idle_plan_ms:>7.2f} ms"
            f" {one.idle_deliver_ms:>10.2f} ms"
            f" {one.plan_seconds:>7.2f} s {one.deliver_seconds:>7.2f} s {one.memory_mb:>4.0f} MB"
            f"{'' if one.kept else '  ✗'}"
        )


if __name__ == "__main__":
    main()
