"""Plan the digests that are due: deciders over what is stored, one transaction a channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.channels.channel import Channel, Subscription
from bot.channels.schedule import Slot
from bot.channels.upcoming import due_now, rescheduled
from bot.digests.compose import Section, digest_message, entries, sections
from bot.digests.digest import Digest
from bot.digests.receipt import awaited, covered, receipt
from bot.messages import Message
from bot.ports import Store, Transaction

BATCH = 200
"""Channels planned between two looks at the database."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A channel's digest before it is stored."""

    found: Sequence[Section]
    message: Message


def plan_due(store: Store, now: datetime, expected: Mapping[str, date], wait: timedelta) -> int:
    """Plan every channel that is due, and return how many digests will be posted.

    `expected` is the latest batch day of each source that keeps a calendar. While one of these is not stored
    complete, a channel waits for it up to `wait`, then goes out with the receipt saying so.
    """
    with store.begin() as tx:
        cutoff = now - wait if awaited(tx.papers, expected) else now
    planned = 0
    while True:
        with store.begin() as tx:
            channels = tx.channels.due(cutoff, BATCH)
            planned += sum(_plan(tx, channel, now, expected) for channel in channels)
        if len(channels) < BATCH:
            return planned


def _plan(tx: Transaction, channel: Channel, now: datetime, expected: Mapping[str, date]) -> bool:
    every = tx.channels.subscriptions(channel.id)
    slot, subscriptions = due_now(channel, every, now)
    return plan_slot(tx, channel, slot, subscriptions, now, expected)


def plan_slot(
    tx: Transaction,
    channel: Channel,
    slot: Slot,
    subscriptions: Sequence[Subscription],
    now: datetime,
    expected: Mapping[str, date],
) -> bool:
    """Store the channel's digest of a slot and move its schedule on; whether a message will be posted."""
    made = draft(tx, channel, slot.day, subscriptions, now, expected)
    messages = (made.message,) if made.found else ()
    following = rescheduled(channel, tx.channels.subscriptions(channel.id), now)
    is_new = tx.digests.plan(
        Digest(channel.id, slot.day, entries(made.found), messages), replace(following, covered_until=now)
    )
    return is_new and bool(messages)


def draft(
    tx: Transaction,
    channel: Channel,
    day: date,
    subscriptions: Sequence[Subscription],
    now: datetime,
    expected: Mapping[str, date],
) -> Draft:
    """What the channel's digest would be now."""
    candidates = tx.digests.candidates(channel.id, [sub.id for sub in subscriptions])
    found = sections(subscriptions, candidates, channel.limit)
    states = covered(tx.papers, channel.covered_until, now)
    matched = tx.digests.matched(channel.id, [(state.source, state.day) for state in states])
    shown = [candidate for section in found for candidate in section.shown]
    coverage = receipt(states, awaited(tx.papers, expected), matched, shown)
    return Draft(found, digest_message(day, found, coverage))
