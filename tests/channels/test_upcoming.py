from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from bot.channels.channel import Address, Channel, Subscription
from bot.channels.schedule import parse_days
from bot.channels.upcoming import (
    due_slot,
    next_digest_slot,
    reschedule_after_edit,
    reschedule_channel,
    subscriptions_on,
)
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
    slot = next_digest_slot(CHANNEL, subscriptions, MONDAY_NINE)

    assert (slot.day if slot else None) == day
    assert reschedule_channel(CHANNEL, subscriptions, MONDAY_NINE).next_due == (slot.due if slot else None)


def test_a_paused_channel_has_no_next_digest() -> None:
    assert reschedule_channel(replace(CHANNEL, paused=True), [subscription(1)], MONDAY_NINE).next_due is None


@pytest.mark.parametrize(
    ("channel_from", "subscription_from", "day"),
    [
        (None, None, date(2026, 11, 24)),
        (date(2026, 11, 27), None, date(2026, 11, 27)),
        (None, date(2026, 11, 26), date(2026, 11, 26)),
        (date(2026, 11, 27), date(2026, 11, 30), date(2026, 11, 30)),
        (date(2026, 11, 1), None, date(2026, 11, 24)),
    ],
)
def test_a_pause_for_a_while_ends_by_itself(
    channel_from: date | None, subscription_from: date | None, day: date
) -> None:
    channel = replace(CHANNEL, resume_on=channel_from)
    snoozed = replace(subscription(1), resume_on=subscription_from)
    slot = next_digest_slot(channel, [snoozed], MONDAY_NINE)

    assert slot is not None
    assert slot.day == day
    assert subscriptions_on(channel, [snoozed], day) == [snoozed]
    assert (subscriptions_on(channel, [snoozed], date(2026, 11, 23)) == []) is (day != date(2026, 11, 24))


def test_who_is_not_paused_is_delivered_meanwhile() -> None:
    snoozed, awake = replace(subscription(1), resume_on=date(2026, 11, 30)), subscription(2, "wed")
    slot = next_digest_slot(CHANNEL, [snoozed, awake], MONDAY_NINE)

    assert slot is not None
    assert slot.day == date(2026, 11, 25)
    assert subscriptions_on(CHANNEL, [snoozed, awake], slot.day) == [awake]


@pytest.mark.parametrize("waits_until", [date(2026, 11, 23), date(2026, 11, 24)])
def test_a_digest_that_is_due_and_waits_is_put_off_by_a_pause(waits_until: date) -> None:
    channel = replace(CHANNEL, resume_on=waits_until)
    now = datetime(2026, 11, 23, 10, tzinfo=UTC)
    expected = MONDAY_NINE if waits_until == date(2026, 11, 23) else datetime(2026, 11, 24, 9, tzinfo=UTC)

    assert reschedule_after_edit(channel, [subscription(1)], now, None).next_due == expected


def test_after_three_days_down_there_is_one_slot_with_all_that_was_missed() -> None:
    thursday = datetime(2026, 11, 26, 10, tzinfo=UTC)
    daily, weekly, friday = subscription(1), subscription(2, "mon"), subscription(3, "fri")

    slot, due = due_slot(CHANNEL, [daily, weekly, friday], thursday)

    assert slot.day == date(2026, 11, 26)
    assert due == [daily, weekly]


def test_on_time_only_the_subscriptions_of_the_day_are_delivered() -> None:
    slot, due = due_slot(CHANNEL, [subscription(1), subscription(2, "tue")], MONDAY_NINE)

    assert slot.day == date(2026, 11, 23)
    assert due == [subscription(1)]


def test_a_channel_without_a_due_digest_cannot_be_asked_for_it() -> None:
    with pytest.raises(ValueError, match="no digest due"):
        due_slot(replace(CHANNEL, next_due=None), [], MONDAY_NINE)
