"""When a channel's digest is due: pure arithmetic over local time, time zone and weekdays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bot.errors import UsageError

_FULL_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_NAMES = tuple(name[:3] for name in _FULL_DAY_NAMES)
_NAMED_DAYS = {"daily": frozenset(range(7)), "weekdays": frozenset(range(5)), "weekly": frozenset({0})}
_NOT_ZONES = {"Factory", "localtime", "posixrules"}
"""Files beside those of the zones, which name no place of their own."""
_DASH = re.compile(r"\s*[-\u2013\u2014]\s*")
"""Chat programs make a long one of a short one."""
_OFFSET = re.compile(r"(?:utc|gmt)?[+\u2212-]\d{1,2}(?::?\d\d)?")
_LONGEST_ABBREVIATION = 5
"""Characters up to which a zone that is not known is no misspelt place."""
# POSIX's sign: https://data.iana.org/time-zones/tzdb/etcetera.
_INVERTED_ZONES = "Etc/GMT"
"""What begins so counts to the west, so that Etc/GMT+2 is what people write as GMT-2."""
_TIME = re.compile(
    r"(?P<hour>[01]?\d|2[0-3])(?:[:.h]?(?P<minute>[0-5]\d))?\s*(?P<half>am|pm)?", re.IGNORECASE
)

_CACHED_SLOTS = 1_000
"""Next slots that are kept: the channels of a place mostly have the same time and days."""
_SPAN = re.compile(r"(?P<number>\d{1,3})\s*(?P<unit>[dw])(?:ays?|eeks?)?")
LONGEST_PAUSE_DAYS = 366


@dataclass(frozen=True, slots=True)
class Days:
    """The weekdays on which a subscription is delivered, Monday is 0; none where it is delivered at once."""

    numbers: frozenset[int]

    def __str__(self) -> str:
        if not self.numbers:
            return "now"
        named = next((name for name, numbers in _NAMED_DAYS.items() if numbers == self.numbers), "")
        return named or ",".join(DAY_NAMES[number] for number in sorted(self.numbers))

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day.weekday() in self.numbers

    def __or__(self, other: Days) -> Days:
        return Days(self.numbers | other.numbers)


DAILY = Days(_NAMED_DAYS["daily"])
AT_ONCE = Days(frozenset())
"""Not by days: as soon as papers matched."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One turn of a schedule: the local date that names it, and the instant at which it is due, UTC."""

    day: date
    due: datetime


@lru_cache(_CACHED_SLOTS)
def next_slot(after: datetime, at: time, zone: str, days: Days) -> Slot:
    """The first slot due later than the instant `after`: every local date has exactly one. Not for `AT_ONCE`.

    A local time that the clock skips or repeats is read with fold 0: it comes once, an hour off at the most.
    """
    zone_info = ZoneInfo(zone)
    # One day early, since a zone's date can be behind UTC's at the same instant.
    day = after.astimezone(zone_info).date() - timedelta(days=1)
    while True:
        # Fold 0 (https://peps.python.org/pep-0495/) gives a skipped time the offset of before, and of a
        # repeated one the first: no day is without a digest, and none has two.
        due = datetime.combine(day, at.replace(fold=0), zone_info).astimezone(UTC)
        if due > after and day in days:
            return Slot(day, due)
        day += timedelta(days=1)


def parse_days(text: str) -> Days:
    """`daily`, `weekdays`, `weekly` (Mondays), days such as `mon,thu` or `tue-fri`, or `now` for `AT_ONCE`.

    Raises UsageError.
    """
    folded = text.strip().lower()
    if folded in _NAMED_DAYS:
        return Days(_NAMED_DAYS[folded])
    if folded in {"now", "at once"}:
        return AT_ONCE
    spans = [_parse_day_span(part) for part in re.split(r"[,\s]+", _DASH.sub("-", folded)) if part]
    if not spans or not all(spans):
        raise UsageError(
            f"“{text}” is not a set of days.",
            "Write daily, weekdays, weekly, days such as mon,thu, or now.",
        )
    return Days(frozenset().union(*spans))


def _parse_day_span(text: str) -> frozenset[int]:
    """The numbers of `thu`, or of `thu-mon`; none of what names no day."""
    first, dash, last = text.partition("-")
    start, end = _parse_weekday(first), _parse_weekday(last if dash else first)
    if start is None or end is None:
        return frozenset()
    return frozenset((start + step) % 7 for step in range((end - start) % 7 + 1))


def _parse_weekday(text: str) -> int | None:
    """The number of `thu`, `thurs`, `Thursday` or `thursdays`."""
    name = text.removesuffix("s") if text.endswith("days") else text
    return next(
        (day for day, full in enumerate(_FULL_DAY_NAMES) if len(name) > 2 and full.startswith(name)), None
    )


def parse_until(text: str) -> date | timedelta:
    """A day, `2026-12-01`, or how long from today: `3d`, `2w`; a year at the most.

    Raises UsageError.
    """
    folded = text.strip().lower()
    if span := _SPAN.fullmatch(folded):
        days = int(span["number"]) * (7 if span["unit"] == "w" else 1)
        if 1 <= days <= LONGEST_PAUSE_DAYS:
            return timedelta(days=days)
        raise UsageError(
            f"“{text}” is not between one day and one year.",
            "Without `until:`, it stays paused until you resume it.",
        )
    try:
        return date.fromisoformat(folded)
    except ValueError:
        hint = "Use a form such as until:2026-12-01, until:3d or until:2w."
        raise UsageError(f"“{text}” is not a day.", hint) from None


def parse_time(text: str) -> time:
    """A local time of day, to the minute: `9`, `09:30`, `8.15`, `6pm`.

    Raises UsageError.
    """
    match = _TIME.fullmatch(text.strip())
    hour = int(match["hour"]) if match else -1
    if match is None or (match["half"] and not 1 <= hour <= 12):
        raise UsageError(f"“{text}” is not a time of day.", "Use a form such as 09:00 or 6pm.")
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "pm" else 0)
    return time(hour, int(match["minute"] or 0))


def parse_zone(text: str) -> str:
    """The IANA name of a time zone, in any case: `Europe/Berlin`, `berlin`.

    Raises UsageError, with the names that come nearest.
    """
    wanted = text.strip().lower().replace(" ", "_")
    zones = _known_zones()
    if wanted in zones:
        return zones[wanted]
    # Refused, though it could be computed: half of the year its digests would come an hour off.
    if _OFFSET.fullmatch(wanted):
        raise UsageError(f"“{text}” is a fixed offset, which ignores daylight saving time.", _ZONE_HINT)
    ends = sorted(name for folded, name in zones.items() if folded.rsplit("/")[-1] == wanted)
    if ends:
        return ends[0]
    near = get_close_matches(wanted, zones, 3, 0.6) if len(wanted) > _LONGEST_ABBREVIATION else ()
    hint = f"Did you mean {' or '.join(zones[name] for name in near)}?" if near else _ZONE_HINT
    raise UsageError(f"“{text}” is not a time zone.", hint)


_ZONE_HINT = 'Write a place: Europe/Berlin, or in quotes tz:"New York".'


@cache
def _known_zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones() - _NOT_ZONES}


def zones_like(text: str, limit: int) -> list[str]:
    """IANA names that contain `text`, those of which the city begins with it first."""
    wanted = text.strip().lower().replace(" ", "_")
    every = _known_zones().items()
    found = [
        (folded, name) for folded, name in every if wanted in folded and not name.startswith(_INVERTED_ZONES)
    ]
    found.sort(key=lambda pair: (not pair[0].rpartition("/")[2].startswith(wanted), pair[1]))
    return [name for _, name in found[:limit]]
