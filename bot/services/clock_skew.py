"""What a machine has written whose clock was ahead: each instant would hold something up until it comes.

Paperboy does not mend that by itself, for who looks may be the one whose clock is wrong.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.channels.channel import Channel
from bot.channels.upcoming import reschedule_channel
from bot.ports.store import Store, Transaction

FARTHEST = timedelta(days=2)
"""Nothing that was noted lies so far ahead of a right clock, and no next try."""
_WEEK = timedelta(days=8)
"""Without a pause, some day of a schedule comes within it."""


def skewed_instants(store: Store, now: datetime) -> int:
    """How many instants are farther in the future than can be. Raises StorageError."""
    with store.read() as tx:
        return tx.retention.skewed_instants(now + FARTHEST) + len(_misdated_rows(tx, now))


def take_back(store: Store, now: datetime) -> int:
    """Put them right, and return how many they were. `now` has to be right.

    What was noted happened now, and channels are due when their schedules say. Raises StorageError.
    """
    with store.begin() as tx:
        noted = tx.retention.skewed_instants(now + FARTHEST)
        tx.retention.take_back(now, now + FARTHEST)
        misdated = _misdated_rows(tx, now)
        for channel in misdated:
            tx.channels.save(channel)
    return noted + len(misdated)


def _misdated_rows(tx: Transaction, now: datetime) -> list[Channel]:
    """The channels that are due later than their schedules say, as they should be."""
    late = tx.channels.due_after(now + _WEEK)
    every = tx.channels.subscriptions_of([channel.id for channel in late])
    right = [
        reschedule_channel(channel, every[channel.id], now, _had_until(tx, channel, now)) for channel in late
    ]
    return [new for old, new in zip(late, right, strict=True) if new != old]


def _had_until(tx: Transaction, channel: Channel, now: datetime) -> date | None:
    """The latest slot that has its digest, but for one that cannot be."""
    slot = tx.digests.last_slot(channel.id)
    return slot if slot and slot <= (now + FARTHEST).date() else None
