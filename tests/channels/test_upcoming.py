from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from bot.channels.channel import Address, Channel, Subscription
from bot.channels.schedule import parse_days
from bot.channels.upcoming import due_now, rescheduled, upcoming
from bot.topics.query import Word

MONDAY_NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
CHANNEL = Channel(1, Address("terminal", "local"), time(9), "UTC", 20, MONDAY_NINE, next_due=MONDAY_NINE)


def subscription(number: int, days: str = "daily", *, paused: bool = False, broken: str = "") -> Subscription:
    return Subscription(number, 1, Word(f"w{number}"), parse_days(days), paused=paused, broken=broken)


@pytest.mark.parametrize(
    ("subscriptions", "day"),
    [
        ([subscription(1)], date(2026, 11, 24)),
        ([subscription(1, "thu")], date(2026, 11, 26)),
        ([subscription(1, "thu"), subscription(2, "wed")], date(2026, 11, 25)),
        ([subscription(1, "thu"), subscription(2, paused=True)], date(2026, 11, 26)),
        ([subscription(1, broken="the channel is archived")], None),
        ([], None),
    ],
    ids=["daily", "thursdays", "the earlier of two", "paused", "broken", "none"],
)
def test_the_next_slot_is_that_of_the_subscriptions_that_are_delivered(
    subscriptions: list[Subscription], day: date | None
) -> None:
    slot = upcoming(CHANNEL, subscriptions, MONDAY_NINE)

    assert (slot.day if slot else None) == day
    assert rescheduled(CHANNEL, subscriptions, MONDAY_NINE).next_due == (slot.due if slot else None)


def test_a_paused_channel_has_no_next_digest() -> None:
    assert rescheduled(replace(CHANNEL, paused=True), [subscription(1)], MONDAY_NINE).next_due is None


def test_after_three_days_down_there_is_one_slot_with_all_that_was_missed() -> None:
    thursday = datetime(2026, 11, 26, 10, tzinfo=UTC)
    daily, weekly, friday = subscription(1), subscription(2, "mon"), subscription(3, "fri")

    slot, due = due_now(CHANNEL, [daily, weekly, friday], thursday)

    assert slot.day == date(2026, 11, 26)
    assert due == [daily, weekly]


def test_on_time_only_the_subscriptions_of_the_day_are_delivered() -> None:
    slot, due = due_now(CHANNEL, [subscription(1), subscription(2, "tue")], MONDAY_NINE)

    assert slot.day == date(2026, 11, 23)
    assert due == [subscription(1)]


def test_a_channel_without_a_due_digest_cannot_be_asked_for_it() -> None:
    with pytest.raises(ValueError, match="no digest due"):
        due_now(replace(CHANNEL, next_due=None), [], MONDAY_NINE)
