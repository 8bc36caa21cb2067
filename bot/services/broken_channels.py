"""Subscriptions whose channel cannot be posted to: kept, marked broken with the reason, mended by use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.channels.channel import Channel, Subscription
from bot.channels.upcoming import reschedule_channel
from bot.ports.store import Transaction

LATE = timedelta(days=7)
"""How old a digest may be that is posted when its channel works again."""


def broken_reason(subscriptions: Iterable[Subscription], reason: str) -> list[Subscription]:
    """Those of `subscriptions` that change when the channel breaks, as they are then."""
    return [replace(sub, broken=reason) for sub in subscriptions if sub.broken != reason]


def repaired_channel(subscriptions: Iterable[Subscription]) -> list[Subscription]:
    """Those of `subscriptions` that change when the channel works again, as they are then."""
    return [replace(sub, broken="") for sub in subscriptions if sub.broken]


def break_off(tx: Transaction, channel: Channel, reason: str, now: datetime) -> list[Subscription]:
    """Mark all of the channel as broken, and return those that were well until now."""
    before = tx.channels.subscriptions(channel.id)
    _save_all(tx, channel, broken_reason(before, reason), now)
    return [sub for sub in before if not sub.broken]


def is_broken(tx: Transaction, channel: Channel) -> bool:
    """Whether `recover` would mend something."""
    return any(sub.broken for sub in tx.channels.subscriptions(channel.id))


def recover_channel(tx: Transaction, channel: Channel, now: datetime) -> str:
    """Mend the channel and let its failed digests of the last days go out; returns what was wrong, or ""."""
    before = tx.channels.subscriptions(channel.id)
    changed = repaired_channel(before)
    if changed:
        _save_all(tx, channel, changed, now)
        tx.outbox.requeue(channel.id, (now - LATE).date())
    return next((sub.broken for sub in before if sub.broken), "")


def _save_all(tx: Transaction, channel: Channel, changed: Iterable[Subscription], now: datetime) -> None:
    for subscription in changed:
        tx.channels.save_subscription(subscription)
    tx.channels.save(reschedule_channel(channel, tx.channels.subscriptions(channel.id), now))
