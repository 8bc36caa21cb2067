"""Never lost, never twice: replicas that are killed, platforms that fail, a database that crashes.

Run it with `python -m benchmarks.chaos`: 2,500 digests for Slack and Discord, three replicas of which one
is killed 50 times with `kill -9`, a tenth of all requests refused, lost or late. On SQLite, and on PostgreSQL
with a server that crashes three times meanwhile. The platforms, in a process of their own, count what was
posted. Before that, on each: three replicas that are left alone, with digests of several messages, for the
pace that they share, and three of which one is killed while it posts, for the time after which another does.

It ends with 1 where something was lost, was posted twice, did not come, or took more than three minutes,
where that pace is over Discord's limit, and where a delivery was left alone for more than two leases.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.chaos import Figures, Plan, chaos
from tests.chaos.takeover import take_over
from tests.databases import ENGINES, serving

DISCORD_LIMIT = 50
"""Requests a second: https://discord.com/developers/docs/topics/rate-limits#global-rate-limit."""
MOST_SECONDS = 180
"""For the whole chaos."""

Restart = Callable[[], None]


@contextmanager
def sqlite() -> Iterator[tuple[str, Restart | None]]:
    """The address of a new SQLite file, for which there is no server to crash."""
    with TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'papers.db'}", None


@contextmanager
def postgresql() -> Iterator[tuple[str, Restart | None]]:
    """The address of a new database on a PostgreSQL server of its own, and what crashes that."""
    with serving() as server, server.database() as url:
        yield url, server.restart


def run(engine: str, plan: Plan) -> bool:
    """Everything on one kind of database; whether it went well."""
    database = sqlite if engine == "sqlite" else postgresql
    with database() as (url, _):
        calm = asyncio.run(chaos(replace(plan, days=1, kills=0, faults=0.0, paragraphs=4), url))
    report(f"{engine}, without faults", calm)
    with database() as (url, _):
        relief = asyncio.run(take_over(url))
    print(f"{engine}: a killed replica's delivery went out {relief.seconds:.1f} s after, ", end="")
    print(f"where leases last {relief.lease:.0f} s")
    with database() as (url, restart):
        figures = asyncio.run(chaos(replace(plan, restarts=3 if restart else 0), url, restart))
    report(engine, figures)
    paces = [one.discord_requests <= DISCORD_LIMIT for one in (calm, figures)]
    return all((calm.well, relief.well, figures.well, figures.seconds < MOST_SECONDS, *paces))


def report(engine: str, figures: Figures) -> None:
    """The figures in a few lines."""
    faults = ", ".join(f"{number:,} {name or 'well'}" for name, number in figures.faults.most_common())
    print(f"{engine}: {figures.planned:,} planned, {figures.lost} lost, {figures.twice} twice, ", end="")
    print(f"{figures.left.total()} not sent; {figures.seconds:.0f} s")
    print(f"  {figures.kills} kills, {figures.restarts} restarts of the database; requests: {faults}")
    print(f"  Discord, in any one second: {figures.discord_requests} requests, {figures.discord_posts} posts")


def main() -> int:
    """Run it on each engine."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--engine", choices=ENGINES, action="append", help="default: each in turn")
    parser.add_argument("--channels", type=int, default=125, help="on each platform, with ten digests each")
    parser.add_argument("--kills", type=int, default=50)
    asked = parser.parse_args()
    print(f"seed {asked.seed}")
    plan = Plan(asked.seed, channels=asked.channels, days=10, kills=asked.kills, seconds=600)
    well = [run(engine, plan) for engine in asked.engine or ENGINES]
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
