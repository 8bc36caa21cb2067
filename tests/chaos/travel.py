"""A process that lives through moments of another time: its own clock is moved, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import time_machine

from bot.bootstrap import App, build
from bot.papers.paper import Batch
from bot.process import WORK, Service
from tests.apps import batch, paper
from tests.chaos.replica import Replica


class DailySource:
    """A source that announces one paper a day, of the day that the clock says."""

    name = "arxiv"

    def expected_day(self, now: datetime) -> date | None:
        """It keeps no calendar."""
        return None

    async def fetch(self, since: date | None = None) -> AsyncIterator[Batch]:
        """The paper of the day."""
        today = datetime.now(UTC).date()
        yield batch("arxiv", str(today), [paper(today.toordinal() % 100_000, f"Agents of {today}")])


def live(replica: Replica, moments: Sequence[datetime]) -> None:
    """The process: at each moment it does all that `paperboy run` does by its ticks."""
    with time_machine.travel(moments[0]) as clock:
        app = replace(build(replica.settings()), sources=(DailySource(),))
        asyncio.run(_live(app, clock, moments))
        app.database.close()


async def _live(app: App, clock: time_machine.Traveller, moments: Sequence[datetime]) -> None:
    async with app.http, app.open_rounds() as rounds:
        service = Service(rounds, rounds.make_worker(), app.make_housekeeping())
        ticks = {tick.name: tick.work for tick in service.ticks_of(WORK)}
        for moment in moments:
            clock.move_to(moment, tick=True)
            for name in ("ingest", "plan", "deliver"):
                await ticks[name]()
