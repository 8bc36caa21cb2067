"""Every time zone there is, and a clock that really moves over the days on which it is switched."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
import time_machine

from bot.bootstrap import utc_now
from bot.channels.channel import Address, Channel
from bot.channels.schedule import DAILY, next_slot
from bot.services.plan_digests import plan_due
from bot.topics.parser import parse_query
from storage.database import Database
from tests.databases import contents, sqlite_in

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 365
TIMES = (time(0), time(0, 30), time(1, 59), time(2, 30), time(9), time(23, 59))
_MINUTE = timedelta(minutes=1)


def switches(name: str) -> tuple[tuple[datetime, timedelta | None], ...]:
    """The first offset of the year, and the instants, to the minute, at which it changes."""
    zone = ZoneInfo(name)

    def offset(instant: datetime) -> timedelta | None:
        return instant.astimezone(zone).utcoffset()

    found = [(FIRST, offset(FIRST))]
    for number in range(-1, DAYS + 2):
        low = FIRST + timedelta(days=number)
        high = low + timedelta(days=1)
        if offset(low) == offset(high):
            continue
        while high - low > _MINUTE:
            middle = low + (high - low) // 2
            low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
        found.append((high.replace(second=0, microsecond=0), offset(high)))
    return tuple(found)


def test_in_every_zone_each_local_date_has_one_slot() -> None:
    """A year, six times of day. Zones that are switched alike behave alike, so that one of them is enough."""
    zones = available_timezones() - {"Factory", "localtime", "posixrules"}
    alike = {switches(name): name for name in sorted(zones)}
    assert len(zones) > 400
    assert len(alike) > 60
    for name in alike.values():
        for at in TIMES:
            slot = next_slot(FIRST, at, name, DAILY)
            for _ in range(DAYS):
                following = next_slot(slot.due, at, name, DAILY)
                assert following.day - slot.day == timedelta(days=1), (name, at, slot)
                assert timedelta(hours=22) <= following.due - slot.due <= timedelta(hours=26), (
                    name,
                    at,
                    slot,
                )
                slot = following


@pytest.mark.parametrize(
    ("switch", "zone", "at"),
    [
        (date(2026, 3, 29), "Europe/Berlin", time(2, 30)),  # does not exist
        (date(2026, 10, 25), "Europe/Berlin", time(2, 30)),  # comes twice
        (date(2026, 3, 8), "America/New_York", time(2, 30)),
        (date(2026, 11, 1), "America/New_York", time(1, 30)),
    ],
)
def test_the_clock_is_moved_over_a_switch(tmp_path: Path, switch: date, zone: str, at: time) -> None:
    """The process's own clock, through time-machine: the machine's could only be set by its administrator."""
    url = sqlite_in(tmp_path)
    database = Database(url)
    start = datetime.combine(switch, time(0), UTC) - timedelta(days=2)
    address = Address("terminal", "here")
    with time_machine.travel(start, tick=False), database.begin() as tx:
        slot = next_slot(utc_now(), at, zone, DAILY)
        channel = Channel(0, address, at, zone, 20, utc_now(), next_due=slot.due)
        channel = tx.channels.ensure(address, channel)
        tx.channels.subscribe(channel.id, parse_query("owls"), DAILY, "ann", utc_now())
    with time_machine.travel(start, tick=False) as clock:
        while utc_now() < start + timedelta(days=4):
            plan_due(database, utc_now(), {}, timedelta(0))
            clock.shift(timedelta(minutes=20))
    database.close()

    slots = [row[1] for row in contents(url)["digests"]]
    assert slots == [str(slot.day + timedelta(days=number)) for number in range(4)]
