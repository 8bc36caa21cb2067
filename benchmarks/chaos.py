"""Never lost, never twice: replicas that are killed, platforms that fail, a database that crashes.

Run it with `python -m benchmarks.chaos`: 2,500 digests for Slack and Discord, three replicas of which one
is killed 50 times with `kill -9`, a tenth of all requests refused, lost or late. On SQLite, and on PostgreSQL
with a server that crashes three times meanwhile. The platforms, in a process of their own, count what was
posted. It begins with replicas that are left alone, for the pace that they share. It ends with 1 where
something was lost, was posted twice, or did not come, or where that pace is over Discord's limit.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.chaos import Figures, Plan, chaos
from tests.databases import ENGINES, serving

DISCORD_LIMIT = 50
"""Requests a second: https://discord.com/developers/docs/topics/rate-limits#global-rate-limit."""


def on_sqlite(plan: Plan) -> Figures:
    """Chaos on a SQLite file."""
    with TemporaryDirectory() as folder:
        return asyncio.run(chaos(plan, f"sqlite:///{Path(folder) / 'papers.db'}"))


def on_postgresql(plan: Plan) -> Figures:
    """Chaos on a PostgreSQL server of its own, which crashes three times."""
    with serving() as server, server.database() as url:
        return asyncio.run(chaos(replace(plan, restarts=3), url, server.restart))


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
    calm = on_sqlite(replace(plan, days=2, kills=0, faults=0.0))
    report("sqlite, without faults", calm)
    well = calm.well and calm.discord_requests <= DISCORD_LIMIT
    for engine in asked.engine or ENGINES:
        figures = (on_sqlite if engine == "sqlite" else on_postgresql)(plan)
        report(engine, figures)
        well = well and figures.well
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
