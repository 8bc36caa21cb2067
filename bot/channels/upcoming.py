"""When a channel's next digest is due, and which subscriptions a slot delivers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.channels.channel import Channel, Subscription
from bot.channels.schedule import AT_ONCE, Days, Slot, next_slot

Pausable = TypeVar("Pausable", Channel, Subscription)


def local_day(channel: Channel, instant: datetime) -> date:
    """The date where the channel is."""
    return instant.astimezone(ZoneInfo(channel.zone)).date()


def clear_past_pause(one: Pausable, today: date) -> Pausable:
    """`one` without the day on which its pause ended, where that has come."""
    return replace(one, resume_on=None) if one.resume_on and one.resume_on <= today else one


def next_digest_slot(
    channel: Channel, subscriptions: Iterable[Subscription], after: datetime, had: date | None = None
) -> Slot | None:
    """The channel's first slot later than `after` on which a subscription is delivered, if there is one.

    `had` is the latest slot that has its digest: a date has one digest, also when its time is moved.
    """
    # Those of the same days and pause have the same slots.
    alike = {
        (sub.days, _first_day(channel, sub, had))
        for sub in _active_subscriptions(channel, subscriptions)
        if sub.days != AT_ONCE
    }
    slots = [_first_slot(channel, days, first, after) for days, first in alike]
    return min(slots, key=lambda slot: slot.due, default=None)


def _first_day(channel: Channel, subscription: Subscription, had: date | None) -> date:
    """The first local day on which the subscription may be delivered."""
    # Moving the time from 09:00 to 17:00 at noon must not give a second digest of the same day.
    after_had = had + timedelta(days=1) if had else date.min
    return max(after_had, channel.resume_on or date.min, subscription.resume_on or date.min)


def _first_slot(channel: Channel, days: Days, first: date, after: datetime) -> Slot:
    slot = next_slot(after, channel.at, channel.zone, days)
    while slot.day < first:
        slot = next_slot(slot.due, channel.at, channel.zone, days)
    return slot


def reschedule_channel(
    channel: Channel, subscriptions: Iterable[Subscription], after: datetime, had: date | None = None
) -> Channel:
    """`channel` with `next_due` as its schedule and subscriptions now say."""
    slot = next_digest_slot(channel, subscriptions, after, had)
    return replace(channel, next_due=slot.due if slot else None)


def reschedule_after_edit(
    channel: Channel, subscriptions: Sequence[Subscription], now: datetime, had: date | None
) -> Channel:
    """As `reschedule_channel`, after a user's change: a digest that is due already, and waits, stays due."""
    # It waits for a late batch. Rescheduled from now, it would skip today because somebody changed a topic.
    if (
        channel.next_due
        and channel.next_due <= now
        and _has_digest_on(channel, subscriptions, channel.next_due)
    ):
        return channel
    return reschedule_channel(channel, subscriptions, now, had)


def due_slot(
    channel: Channel, subscriptions: Iterable[Subscription], now: datetime
) -> tuple[Slot, list[Subscription]]:
    """The one slot to deliver at `now`, and its subscriptions, for a channel whose `next_due` has come.

    After a time without service there is one slot, the latest, with the subscriptions of all missed ones.
    """
    live = _active_subscriptions(channel, subscriptions)
    if channel.next_due is None:
        raise ValueError(f"channel {channel.id} has no digest due")
    passed = [Slot(local_day(channel, channel.next_due), channel.next_due)]
    while (following := next_digest_slot(channel, live, passed[-1].due)) and following.due <= now:
        passed.append(following)
    # One digest for all that was missed: a server that was off for a week must not post five at once.
    return passed[-1], subscriptions_on(channel, live, *(missed.day for missed in passed))


def subscriptions_on(
    channel: Channel, subscriptions: Iterable[Subscription], *days: date
) -> list[Subscription]:
    """The subscriptions that are delivered on one of the days."""
    return [
        sub
        for sub in _active_subscriptions(channel, subscriptions)
        if any(day in sub.days and day >= _first_day(channel, sub, None) for day in days)
    ]


def immediate_subscriptions(
    channel: Channel, subscriptions: Iterable[Subscription], day: date
) -> list[Subscription]:
    """The subscriptions that are delivered at once, if their papers come on that day."""
    return [
        sub
        for sub in _active_subscriptions(channel, subscriptions)
        if sub.days == AT_ONCE and day >= _first_day(channel, sub, None)
    ]


def _has_digest_on(channel: Channel, subscriptions: Iterable[Subscription], due: datetime) -> bool:
    """Whether some subscription is not paused on the local day of `due`."""
    day = local_day(channel, due)
    dated = (sub for sub in _active_subscriptions(channel, subscriptions) if sub.days != AT_ONCE)
    return any(day >= _first_day(channel, sub, None) for sub in dated)


def _active_subscriptions(channel: Channel, subscriptions: Iterable[Subscription]) -> list[Subscription]:
    return [] if channel.paused else [sub for sub in subscriptions if not (sub.paused or sub.broken)]
