"""arXiv's calendar."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from adapters.sources.arxiv_calendar import has_batch, latest_day


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-04-27T12:00-04:00", "2026-04-27"),  # a Monday: announced on Sunday evening
        ("2026-04-27T00:00-04:00", "2026-04-27"),
        ("2026-04-26T23:59-04:00", "2026-04-24"),  # Sunday: the last was Friday's
        ("2026-04-25T12:00-04:00", "2026-04-24"),  # Saturday
        ("2026-04-27T03:59+00:00", "2026-04-24"),  # before midnight in New York
        ("2026-04-27T04:00+00:00", "2026-04-27"),
        ("2026-01-05T04:59+00:00", "2026-01-01"),  # winter: midnight is at 05:00; Friday 2nd was a holiday
        ("2026-01-05T05:00+00:00", "2026-01-05"),
        ("2026-01-02T12:00-05:00", "2026-01-01"),  # nothing on the evening of New Year's Day
        ("2026-01-20T12:00-05:00", "2026-01-19"),  # Martin Luther King Day
        ("2026-11-27T12:00-05:00", "2026-11-26"),  # Thanksgiving
        ("2026-12-30T12:00-05:00", "2026-12-29"),
        ("2026-12-31T12:00-05:00", "2026-12-31"),
        ("2027-01-01T12:00-05:00", "2026-12-31"),
        ("2027-01-04T12:00-05:00", "2027-01-04"),
        ("2027-11-26T12:00-05:00", "2027-11-26"),  # a year without a list: weekends alone
    ],
)
def test_the_latest_day_that_must_be_out(now: str, day: str) -> None:
    assert latest_day(datetime.fromisoformat(now)) == date.fromisoformat(day)


def test_a_plain_week_has_five_days() -> None:
    assert [has_batch(date(2026, 4, day)) for day in range(20, 27)] == [True] * 5 + [False] * 2
