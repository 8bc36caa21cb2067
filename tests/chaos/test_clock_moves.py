"""One digest a local date: over the days on which the clock changes, and after days down."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from aiohttp.test_utils import unused_port

from adapters.slack.places import NAME as SLACK
from bot.bootstrap import build
from bot.channels.channel import Address
from bot.commands.context import Caller
from bot.services.ingest import store_batch
from storage.database import Database
from tests.apps import batch, paper
from tests.chaos.api import Chats
from tests.chaos.command import move, run, stopped, ticked
from tests.chaos.outbox import all_sent
from tests.chaos.processes import Processes, ended
from tests.chaos.replica import Replica
from tests.chaos.travel import live

AT = time(2, 30)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


async def subscribed(replica: Replica, chats: Chats, zone: str, before: datetime) -> Address:
    """A new channel of a zone, which has a topic since a minute before a moment."""
    [address] = chats.channels(SLACK, 1)
    with time_machine.travel(before - timedelta(minutes=1)):
        app = build(replica.settings())
        for text in ("subscribe agents", f"settings at:{AT:%H:%M} tz:{zone}"):
            await app.front_door().answer(text, Caller(address, "U0ANN", is_admin=True))
        app.database.close()
    return address


def days_of(chats: Chats, address: Address) -> list[date]:
    """The days of a channel's digests, as they were posted."""
    return [
        datetime.strptime(found, "%d %B %Y").date()  # noqa: DTZ007 - a day
        for said in chats.said(address)
        for found in re.findall(r"paper(?:s)? for \w+ (\d+ \w+ \d+)", said)[:1]
    ]


async def live_through(processes: Processes, url: str, zone: str, *lives: list[datetime]) -> list[date]:
    """Subscribe a channel of a zone, let one process after the other live; the days of its digests."""
    async with Chats() as chats:
        replica = Replica(url, chats.doors)
        address = await subscribed(replica, chats, zone, lives[0][0])
        for moments in lives:
            assert await ended(processes.start(live, replica, moments)) == 0
        return days_of(chats, address)


def around(day: date, zone: str) -> Iterator[datetime]:
    """From the noon before a day to the noon after the next, 20 minutes at a time."""
    noon = datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)
    return (noon + timedelta(minutes=20 * step) for step in range(-3 * 24, 3 * 24))


@pytest.mark.parametrize(
    ("zone", "spring", "autumn"),
    [
        (BERLIN, date(2026, 3, 29), date(2026, 10, 25)),
        (NEW_YORK, date(2026, 3, 8), date(2026, 11, 1)),
    ],
)
async def test_the_days_on_which_the_clock_changes_have_one_digest(
    database_url: str, processes: Processes, zone: str, spring: date, autumn: date
) -> None:
    """02:30 is skipped on one of them, and comes twice on the other."""
    moments = [*around(spring, zone), *around(autumn, zone)]
    days = await live_through(processes, database_url, zone, moments)

    one = timedelta(days=1)
    assert days == [spring, spring + one, autumn - one, autumn, autumn + one]


async def test_after_three_days_down_there_is_one_digest(database_url: str, processes: Processes) -> None:
    up = [datetime(2026, 5, 31, 12, 45, tzinfo=UTC) + timedelta(hours=hour) for hour in range(24)]
    back = [datetime(2026, 6, 5, hour, 10, tzinfo=UTC) for hour in range(10, 24)]
    days = await live_through(processes, database_url, BERLIN, up, back)

    assert days == [date(2026, 6, 1), date(2026, 6, 5)]


SPRING = ("28T12:00", "29T01:15", "29T01:45", "29T12:00", "30T00:45")
AUTUMN = ("24T12:00", "25T00:45", "25T01:45", "26T01:15", "26T01:45", "26T12:00")
REPLICAS = 2


async def test_the_command_lives_through_the_days_on_which_the_clock_changes(
    database_url: str, tmp_path: Path
) -> None:
    """`paperboy run`, its scheduler and all, in two processes. A paper is announced at each moment."""
    moments = [
        *(f"2026-03-{moment}+00:00" for moment in SPRING),
        *(f"2026-10-{moment}+00:00" for moment in AUTUMN),
    ]
    store = Database(database_url)
    async with Chats() as chats:
        replica = Replica(database_url, chats.doors)
        address = await subscribed(replica, chats, BERLIN, datetime.fromisoformat(moments[0]))
        start = partial(
            run, database_url, chats, tmp_path, module="tests.chaos.moved", roles="digest,deliver"
        )
        ports = [unused_port() for _ in range(REPLICAS)]
        commands = [start(health_port=port) for port in ports]
        try:
            for number, moment in enumerate(moments):
                announced = batch("arxiv", moment[:10], [paper(number, "Agents")])
                store_batch(store, announced, partial(datetime.fromisoformat, moment))
                for command in commands:
                    move(command, moment)
                now = datetime.fromisoformat(moment)
                await asyncio.gather(*(ticked(port, "plan", now) for port in ports))
                await all_sent(store)
        finally:
            codes = await stopped(*commands)
        store.close()
        assert codes == [0] * REPLICAS
        assert days_of(chats, address) == [
            date(2026, 3, 29),
            date(2026, 3, 30),
            date(2026, 10, 24),
            date(2026, 10, 25),
            date(2026, 10, 26),
        ]
