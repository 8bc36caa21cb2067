"""All recorded arXiv and Hugging Face days through a loopback server: `python -m benchmarks.ingest`.

Each day is announced by a server on this machine that speaks as the sources do, fetched by the real client,
and stored and matched against standing topics. Then all of it once more, which must change nothing. The peer
is the least that any such program does: read the same recordings and put their rows into a plain table.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.http import HttpClient
from adapters.sources import make_sources
from adapters.sources.arxiv_record import arxiv_categories
from bot.channels.channel import Address, Channel
from bot.channels.schedule import DAILY
from bot.ports.store import Store
from bot.services.ingest import ingest_sources
from bot.topics.parser import parse_query
from storage.database import Database
from tests.recorded import DATA
from tests.standins.sources import SourcesStandin

TOPICS = (
    "emergent misalignment",
    "cat:cs.CV diffusion",
    '"reinforcement learning" agent*',
    "upvotes:>=50",
    'title:benchmark OR abstract:"evaluation suite"',
)


class DayClock:
    """Stands at 15:00 UTC of the day that is announced."""

    day = date(2025, 10, 1)

    def __call__(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 15, tzinfo=UTC)


def main() -> None:
    """Run and print; the exit code is 1 where a paper was lost or stored twice."""
    if not DATA.is_dir():
        sys.exit("The recorded data, ../shared/data beside the project, is not on this machine.")
    context = get_context("spawn")
    with TemporaryDirectory() as folder, context.Pool(1, maxtasksperchild=1) as pool:
        ours = pool.apply(_ours, (folder,))
    with context.Pool(1, maxtasksperchild=1) as pool:
        peer = pool.apply(_peer)
    print(f"{ours['days']} days, {ours['announced']:,} announcements, {ours['papers']:,} papers")
    print(f"first time   {ours['first']:7.1f} s   {ours['announced'] / ours['first']:8,.0f} announcements/s")
    print(f"again        {ours['again']:7.1f} s   rows changed: {ours['changed']}")
    print(f"plain table  {peer['seconds']:7.1f} s   ratio {ours['first'] / peer['seconds']:.0f}")
    print(f"peak memory  {ours['memory']:7.0f} MB, plain table {peer['memory']:.0f} MB")
    print(f"lost {ours['lost']}, twice {ours['twice']}, matches {ours['matches']:,}")
    sys.exit(bool(ours["lost"] or ours["twice"] or ours["changed"]))


def _ours(folder: str) -> dict[str, float]:
    return asyncio.run(measure(Path(folder)))


async def measure(folder: Path, most: int | None = None) -> dict[str, float]:
    """Ingest the recorded days, or the first `most` of each source, twice into a database in `folder`."""
    database = Database(f"sqlite:///{folder}/papers.db")
    database.upgrade()
    _subscribe(database)
    async with SourcesStandin() as server:
        server.arxiv_days = server.arxiv_days[:most]
        server.huggingface_days = server.huggingface_days[:most]
        wanted = set(_recorded(server))
        started = time.perf_counter()
        announced = await _all_days(database, server)
        first = time.perf_counter() - started
        before = _rows(folder)
        await _all_days(database, server)
        again = time.perf_counter() - started - first
    after = _rows(folder)
    stored = [(source, day, key) for source, day, key in after["listed"]]
    database.close()
    return {
        "days": len({(source, day) for source, day, _ in wanted}),
        "announced": announced,
        "papers": len(after["papers"]),
        "matches": len(after["matches"]),
        "first": first,
        "again": again,
        "changed": sum(before[table] != after[table] for table in after),
        "lost": len(wanted - set(stored)),
        "twice": len(stored) - len(set(stored)) + len(after["papers"]) - len(set(after["papers"])),
        "memory": _peak_megabytes(),
    }


def _subscribe(store: Store) -> None:
    now = DayClock()()
    with store.begin() as tx:
        channel = tx.channels.ensure(
            Address("terminal", "local"),
            Channel(0, Address("terminal", "local"), time_of_day(9), "UTC", 20, now),
        )
        for topic in TOPICS:
            tx.channels.subscribe(channel.id, parse_query(topic), DAILY, "", now)


def _recorded(server: SourcesStandin) -> Iterator[tuple[str, str, str]]:
    """(source, day, paper) of every recorded announcement."""
    for day in server.arxiv_days:
        for number in server.arxiv_rows(day):
            yield "arxiv", str(day), f"arxiv:{number}"
    for day in server.huggingface_days:
        for item in json.loads((DATA / "hf_daily_papers" / f"{day}.json").read_bytes()):
            yield "huggingface", str(day), f"arxiv:{item['paper']['id']}"


async def _all_days(database: Database, server: SourcesStandin) -> int:
    """Every recorded day in its order, as a process that runs all the time would meet them."""
    listed = {
        name
        for day in server.arxiv_days
        for row in server.arxiv_rows(day).values()
        for name in arxiv_categories(row["categories"])
    }
    settings = server.settings(sources=("arxiv", "huggingface"), arxiv_categories=tuple(sorted(listed)))
    clock, announced = DayClock(), 0
    async with HttpClient() as http:
        arxiv, huggingface = make_sources(settings, http, clock)
        for day in sorted({*server.arxiv_days, *server.huggingface_days}):
            clock.day = day
            server.set_day(day)
            # arXiv's feed of a day without a recording would be empty, as at weekends.
            asked = [arxiv, huggingface] if day in server.arxiv_days else [huggingface]
            for source in asked:
                async for done in ingest_sources(source, database, clock):
                    announced += done.announced if done.day == day else 0
    return announced


def _rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """What is stored, by table."""
    with closing(sqlite3.connect(folder / "papers.db")) as connection:
        return {
            "papers": connection.execute("SELECT * FROM papers ORDER BY id").fetchall(),
            "listed": connection.execute(
                "SELECT source, day, key FROM announcements"
                " JOIN papers ON papers.id = paper_id ORDER BY 1, 2, 3"
            ).fetchall(),
            "batches": connection.execute("SELECT * FROM batches ORDER BY source, day").fetchall(),
            "matches": connection.execute("SELECT * FROM matches ORDER BY id").fetchall(),
        }


def _peer() -> dict[str, float]:
    """The recordings into a plain table, a row an announcement, with no work of ours done to them."""
    started = time.perf_counter()
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE papers (source, day, id, row, PRIMARY KEY (source, day, id))")
        server = SourcesStandin()
        for day in server.arxiv_days:
            rows = [("arxiv", str(day), key, json.dumps(row)) for key, row in server.arxiv_rows(day).items()]
            connection.executemany("INSERT OR REPLACE INTO papers VALUES (?, ?, ?, ?)", rows)
        for day in server.huggingface_days:
            items = json.loads((DATA / "hf_daily_papers" / f"{day}.json").read_bytes())
            rows = [("huggingface", str(day), item["paper"]["id"], json.dumps(item)) for item in items]
            connection.executemany("INSERT OR REPLACE INTO papers VALUES (?, ?, ?, ?)", rows)
        connection.commit()
    return {"seconds": time.perf_counter() - started, "memory": _peak_megabytes()}


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
