"""When a channel's next digest is due, and which subscriptions a slot delivers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from bot.channels.channel import Channel, Subscription
from bot.channels.schedule import Days, Slot, next_slot


def upcoming(channel: Channel, subscriptions: Iterable[Subscription], after: datetime) -> Slot | None:
    """The channel's first slot later than `after` on which a subscription is delivered, if there is one."""
    live = _live(channel, subscriptions)
    if not live:
        return None
    days = reduce(or_, (subscription.days for subscription in live), Days(frozenset()))
    return next_slot(after, channel.at, channel.zone, days)


def rescheduled(channel: Channel, subscriptions: Iterable[Subscription], after: datetime) -> Channel:
    """`channel` with `next_due` as its schedule and subscriptions now say."""
    slot = upcoming(channel, subscriptions, after)
    return replace(channel, next_due=slot.due if slot else None)


def due_now(
    channel: Channel, subscriptions: Iterable[Subscription], now: datetime
) -> tuple[Slot, list[Subscription]]:
    """The one slot to deliver at `now`, and its subscriptions, for a channel whose `next_due` has come.

    After a time without service there is one slot, the latest, with the subscriptions of all missed ones.
    """
    live = _live(channel, subscriptions)
    if channel.next_due is None:
        raise ValueError(f"channel {channel.id} has no digest due")
    passed = [Slot(channel.next_due.astimezone(ZoneInfo(channel.zone)).date(), channel.next_due)]
    while (following := upcoming(channel, live, passed[-1].due)) and following.due <= now:
        passed.append(following)
    return passed[-1], [sub for sub in live if any(missed.day in sub.days for missed in passed)]


def _live(channel: Channel, subscriptions: Iterable[Subscription]) -> list[Subscription]:
    return [] if channel.paused else [sub for sub in subscriptions if not (sub.paused or sub.broken)]
