"""Plan the digests that are due: deciders over what is stored, one transaction a channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.channels.channel import Address, Channel, Subscription
from bot.channels.schedule import Slot
from bot.channels.upcoming import due_now, rescheduled
from bot.digests.compose import Section, digest_message, entries, sections
from bot.digests.digest import Digest, Match
from bot.digests.muting import Topics
from bot.digests.receipt import awaited, receipt
from bot.errors import UsageError
from bot.messages import Message
from bot.ports import Store, Transaction

BATCH = 200
"""Channels planned between two looks at the database."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A channel's digest before it is stored."""

    found: Sequence[Section]
    message: Message
    muted: Sequence[Match]
    """What it leaves out as muted, and counts."""


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
    slot, subscriptions = due_now(channel, tx.channels.subscriptions(channel.id), now)
    made = draft(tx, channel, slot.day, subscriptions, expected)
    return _store(tx, channel, slot, made, now) and bool(made.found)


def _store(tx: Transaction, channel: Channel, slot: Slot, made: Draft, now: datetime) -> bool:
    """Store the digest and move the schedule on, in one; False where the slot has its digest already.

    What a receipt would have said is kept for the next one where nothing is posted.
    """
    following = rescheduled(channel, tx.channels.subscriptions(channel.id), now, slot.day)
    messages = (replace(made.message, layout=channel.layout),) if made.found else ()
    digest = Digest(channel.id, slot.day, entries(made.found), messages)
    covered = now if messages else channel.covered_until
    if tx.digests.plan(digest, replace(following, covered_until=covered)):
        tx.digests.let_go(made.muted if messages else ())
        return True
    tx.channels.save(following)
    return False


def draft(
    tx: Transaction,
    channel: Channel,
    day: date,
    subscriptions: Sequence[Subscription],
    expected: Mapping[str, date],
) -> Draft:
    """What the channel's digest would be now."""
    topics = Topics.of(subscriptions, tx.channels.mutes(channel.id))
    heard = topics.heard(tx.digests.candidates(channel.id, [sub.id for sub in subscriptions]))
    found = sections(subscriptions, heard.kept, channel.limit)
    states = tx.papers.batches(channel.covered_until)
    matched = tx.digests.matched(channel.id, [(state.source, state.day) for state in states])
    shown = {candidate.paper.id for section in found for candidate in section.shown}
    coverage = receipt(states, awaited(tx.papers, expected), matched, shown, heard.papers)
    return Draft(found, digest_message(day, found, topics, coverage), heard.matches)


def plan_now(store: Store, address: Address, now: datetime, expected: Mapping[str, date]) -> bool:
    """Plan the channel's digest of today without waiting for its time; whether a message will be posted.

    Raises UsageError where the channel has no subscriptions, or today's digest is planned already.
    """
    with store.begin() as tx:
        channel, slot, made = _draft_now(tx, address, now, expected)
        if made.found and not _store(tx, channel, slot, made, now):
            raise UsageError(f"{address} has had its digest of {slot.day}.", "A day has one digest.")
        return bool(made.found)


def draft_now(store: Store, address: Address, now: datetime, expected: Mapping[str, date]) -> Message:
    """What `plan_now` would post; nothing is changed.

    Raises UsageError where the channel has no subscriptions.
    """
    with store.begin() as tx:
        return _draft_now(tx, address, now, expected)[2].message


def _draft_now(
    tx: Transaction, address: Address, now: datetime, expected: Mapping[str, date]
) -> tuple[Channel, Slot, Draft]:
    channel = tx.channels.get(address)
    subscriptions = tx.channels.subscriptions(channel.id) if channel else ()
    live = [sub for sub in subscriptions if not (sub.paused or sub.broken)]
    if channel is None or not live:
        mend = "Subscribe first: paperboy chat -c '/papers subscribe …'."
        raise UsageError(f"{address} has nothing subscribed.", mend)
    slot = Slot(now.astimezone(ZoneInfo(channel.zone)).date(), now)
    return channel, slot, draft(tx, channel, slot.day, live, expected)
