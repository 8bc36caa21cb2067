"""When arXiv announces: a pure function of the date in New York.

Announcements are made at 20:00 Eastern Time from Sunday to Thursday, but not on holidays, and are listed
under the day that begins four hours later (https://info.arxiv.org/help/availability.html).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

EASTERN = "America/New_York"

# arXiv publishes the list year by year, so that an unlisted year has weekends only, and `paperboy doctor`
# says so: a holiday of it looks like a late batch, which is said and mends itself on the next day.
_SILENT_EVENINGS = frozenset(
    date(2026, month, day)
    for month, day in ((1, 1), (1, 19), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25), (12, 29), (12, 31))
)
_FRIDAY, _SATURDAY = 4, 5


def eastern_day(instant: datetime) -> date:
    """The date that it is in New York at an aware instant."""
    return instant.astimezone(ZoneInfo(EASTERN)).date()


def has_holidays(year: int) -> bool:
    """Whether the holidays of a year are known."""
    return any(evening.year == year for evening in _SILENT_EVENINGS)


def has_batch(day: date) -> bool:
    """Whether the feeds of `day` hold papers: whether they were announced on the evening before."""
    evening = day - timedelta(days=1)
    return evening.weekday() not in {_FRIDAY, _SATURDAY} and evening not in _SILENT_EVENINGS


def batch_from(day: date) -> date:
    """The first day from `day` on that has a batch."""
    while not has_batch(day):
        day += timedelta(days=1)
    return day


def latest_day(now: datetime) -> date:
    """The latest day with a batch whose feeds must be out by `now`: they appear at midnight in New York."""
    day = eastern_day(now)
    while not has_batch(day):
        day -= timedelta(days=1)
    return day
