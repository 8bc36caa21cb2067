"""One digest a local date: over the days on which the clock changes, and after days down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from adapters.slack.places import NAME as SLACK
from bot.bootstrap import build
from bot.commands.desk import Caller
from tests.chaos.api import Chats
from tests.chaos.processes import Processes, ended
from tests.chaos.replica import Replica
from tests.chaos.travel import live

AT = time(2, 30)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


async def live_through(processes: Processes, url: str, zone: str, *lives: list[datetime]) -> list[date]:
    """Subscribe a channel of a zone, let one process after the other live; the days of its digests."""
    async with Chats() as chats:
        [address] = chats.channels(SLACK, 1)
        replica = Replica(url, chats.doors)
        with time_machine.travel(lives[0][0] - timedelta(minutes=1)):
            app = build(replica.settings())
            for text in ("subscribe agents", f"settings at:{AT:%H:%M} tz:{zone}"):
                await app.commands().answer(text, Caller(address, "U0ANN", is_admin=True))
            app.database.close()
        for moments in lives:
            assert await ended(processes.start(live, replica, moments)) == 0
        return [
            datetime.strptime(found, "%d %B %Y").date()  # noqa: DTZ007 - a day
            for said in chats.said(address)
            for found in re.findall(r"paper(?:s)? for \w+ (\d+ \w+ \d+)", said)[:1]
        ]


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
