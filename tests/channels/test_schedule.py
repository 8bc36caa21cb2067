from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.schedule import AT_ONCE, DAILY, Days, next_slot, parse_days, parse_time, parse_zone
from bot.errors import UsageError

WEEKDAYS = parse_days("weekdays")


@pytest.mark.parametrize(
    ("after", "at", "zone", "days", "due"),
    [
        ("2026-11-23T08:59:59+00:00", "09:00", "UTC", DAILY, "2026-11-23T09:00:00+00:00"),
        ("2026-11-23T09:00:00+00:00", "09:00", "UTC", DAILY, "2026-11-24T09:00:00+00:00"),
        ("2026-11-20T12:00:00+00:00", "09:00", "UTC", WEEKDAYS, "2026-11-23T09:00:00+00:00"),
        ("2026-11-23T12:00:00+00:00", "09:00", "America/New_York", DAILY, "2026-11-23T14:00:00+00:00"),
        ("2026-11-23T22:00:00+00:00", "07:30", "Pacific/Auckland", DAILY, "2026-11-24T18:30:00+00:00"),
        ("2026-03-28T12:00:00+00:00", "02:30", "Europe/Berlin", DAILY, "2026-03-29T01:30:00+00:00"),
        ("2026-10-24T12:00:00+00:00", "02:30", "Europe/Berlin", DAILY, "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T00:30:00+00:00", "02:30", "Europe/Berlin", DAILY, "2026-10-26T01:30:00+00:00"),
    ],
    ids=[
        "today",
        "tomorrow",
        "over the weekend",
        "west",
        "east",
        "skipped hour",
        "repeated hour",
        "once only",
    ],
)
def test_next_slot(after: str, at: str, zone: str, days: Days, due: str) -> None:
    slot = next_slot(datetime.fromisoformat(after), time.fromisoformat(at), zone, days)

    assert slot.due == datetime.fromisoformat(due)
    assert slot.day == slot.due.astimezone(ZoneInfo(zone)).date()


@settings(max_examples=100)
@given(
    zone=st.sampled_from(sorted(available_timezones())),
    at=st.times().map(lambda moment: moment.replace(second=0, microsecond=0)),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    days=st.frozensets(st.integers(0, 6), min_size=1).map(Days),
)
def test_every_local_date_has_one_slot_and_none_is_skipped(
    zone: str, at: time, start: datetime, days: Days
) -> None:
    slots = [next_slot(start, at, zone, days)]
    while len(slots) < 30:
        slots.append(next_slot(slots[-1].due, at, zone, days))

    got = [slot.day for slot in slots]
    span = [got[0] + timedelta(days=n) for n in range((got[-1] - got[0]).days + 1)]
    assert got == [day for day in span if day in days]
    assert all(slot.due > start for slot in slots)


@pytest.mark.parametrize(
    ("text", "numbers", "spelled"),
    [
        ("daily", range(7), "daily"),
        ("Weekdays", range(5), "weekdays"),
        ("weekly", [0], "weekly"),
        ("mon", [0], "weekly"),
        ("Tuesday, thu", [1, 3], "tue,thu"),
        ("sat,sun", [5, 6], "sat,sun"),
        ("mon-fri", range(5), "weekdays"),
        ("Tuesday \u2013 Thursday, sat", [1, 2, 3, 5], "tue,wed,thu,sat"),
        ("fri-mon", [4, 5, 6, 0], "mon,fri,sat,sun"),
        ("Tues Thurs", [1, 3], "tue,thu"),
        ("mondays", [0], "weekly"),
    ],
)
def test_days(text: str, numbers: list[int], spelled: str) -> None:
    days = parse_days(text)

    assert days == Days(frozenset(numbers))
    assert str(days) == spelled
    assert parse_days(str(days)) == days
    assert date(2026, 11, 23) in Days(frozenset({0}))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("9", "09:00"),
        ("09:30", "09:30"),
        ("8.15", "08:15"),
        ("6pm", "18:00"),
        ("12am", "00:00"),
        ("12:05 PM", "12:05"),
    ],
)
def test_times(text: str, at: str) -> None:
    assert parse_time(text) == time.fromisoformat(at)


@pytest.mark.parametrize(
    ("text", "zone"),
    [("Europe/Berlin", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), ("tokyo", "Asia/Tokyo"),
     ("new york", "America/New_York"), ("utc", "UTC"), ("Etc/GMT+5", "Etc/GMT+5")],
)  # fmt: skip
def test_zones(text: str, zone: str) -> None:
    assert parse_zone(text) == zone


@pytest.mark.parametrize(
    ("parse", "text", "error"),
    [
        (
            parse_days,
            "noday",
            "“noday” is not a set of days. Write daily, weekdays, weekly, days such as mon,thu, or now.",
        ),
        (parse_days, "monkey", "“monkey” is not a set of days."),
        (parse_days, "mon-fry", "“mon-fry” is not a set of days."),
        (parse_days, "-", "“-” is not a set of days."),
        (parse_days, "mon-", "“mon-” is not a set of days."),
        (parse_days, "days", "“days” is not a set of days."),
        (
            parse_days,
            "",
            "“” is not a set of days. Write daily, weekdays, weekly, days such as mon,thu, or now.",
        ),
        (parse_time, "25:00", "“25:00” is not a time of day. Use a form such as 09:00 or 6pm."),
        (parse_time, "13pm", "“13pm” is not a time of day. Use a form such as 09:00 or 6pm."),
        (parse_zone, "Europe/Berln", "“Europe/Berln” is not a time zone. Did you mean Europe/Berlin"),
        (parse_zone, "Mars", "“Mars” is not a time zone. "),
        (parse_zone, "PST", "“PST” is not a time zone. Write a place: Europe/Berlin, or in quotes tz:"),
        (parse_zone, "GMT+2", "“GMT+2” is a fixed offset, which ignores daylight saving time. Write a place"),
        (parse_zone, "utc+05:30", "“utc+05:30” is a fixed offset"),
        (parse_zone, "-5", "“-5” is a fixed offset"),
        (parse_zone, "localtime", "“localtime” is not a time zone. "),
        (parse_zone, "Factory", "“Factory” is not a time zone. "),
        (parse_zone, "posixrules", "“posixrules” is not a time zone. "),
    ],
)
def test_what_cannot_be_read_says_what_to_write(parse: type, text: str, error: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)

    assert str(caught.value).startswith(error)


@pytest.mark.parametrize("text", ["now", " At once "])
def test_at_once_is_no_day(text: str) -> None:
    days = parse_days(text)
    assert days == AT_ONCE
    assert parse_days(str(days)) == days
    assert date(2026, 11, 23) not in days
