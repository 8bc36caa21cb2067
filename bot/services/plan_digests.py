"""Plan the digests that are due: deciders over what is stored, some channels a transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import ParamSpec, TypeVar

import structlog

from bot.channels.channel import Address, Channel, Subscription
from bot.channels.schedule import Slot
from bot.channels.upcoming import due_slot, immediate_subscriptions, local_day, reschedule_channel
from bot.digests.compose import list_entries
from bot.digests.digest import Digest
from bot.errors import UsageError
from bot.messages.blocks import Message
from bot.ports.store import Store, Transaction
from bot.services.draft_digest import (
    Draft,
    Run,
    awaited_sources,
    by_meaning,
    draft_digest,
    draft_digests,
    fresh_matches,
    stored_batches,
    uncovered_batches,
)
from bot.services.semantic import Meaning

log = structlog.get_logger()
P = ParamSpec("P")
T = TypeVar("T")

# At 200 the papers that channels share are read more often; at 500 the process outgrows the 150 MB promised,
# and SQLite's write lock, 0.3 s a batch now, is held longer: docs/decisions/planning.md.
BATCH = 350
"""Channels planned between two looks at the database."""
CALM = timedelta(minutes=15)
"""Between two digests that go out at once to a channel: sources that answer a minute apart come together."""
BATCHES = timedelta(days=7)
"""How long ago a batch may have changed that stands in the receipt of what goes out at once."""
READING = timedelta(minutes=10)
"""How long after a batch has come its digests wait until its papers are matched by meaning."""


Made = tuple[Channel, Draft, Digest, Channel]
"""A channel, what its digest is made of, and what is stored: the digest, and the channel afterwards."""


def plan_due(
    store: Store,
    now: datetime,
    expected: Mapping[str, date],
    wait: timedelta,
    meaning: Meaning | None = None,
) -> int:
    """Plan every channel that is due, and return how many digests will be posted.

    `expected` is the latest batch day of each source that keeps a calendar. While one of these is not stored
    complete, a channel waits for it up to `wait`, then goes out with the receipt saying so. So does one with
    a topic by meaning for `READING`, while papers of a batch that has just come are read.
    """
    # A transaction of its own: what the whole run waits for is decided once, so that two channels of one slot
    # do not differ in it because a batch came in between.
    with store.begin() as tx:
        # Moving the limit back, rather than asking each channel, lets the index over `next_due` find those to
        # plan.
        cutoff = now - wait if awaited_sources(tx.papers, expected) else now
        reads = meaning is not None and bool(tx.vectors.unread_vectors(now - READING))
    last_call = now - wait - READING if reads else now
    planned, after, run = 0, None, Run(expected, meaning)
    while True:
        with store.begin() as tx:
            channels = tx.channels.due_channels(cutoff, BATCH, after)
            planned += _plan_channels(tx, channels, now, last_call, run)
        if len(channels) < BATCH:
            return planned
        # Not from the first that is due: a channel that failed by a bug stays due, and would be found for
        # ever.
        after = channels[-1]


def plan_at_once(store: Store, now: datetime, meaning: Meaning | None = None) -> int:
    """Plan what goes out at once to channels that were calm, and return how many digests will be posted.

    What the receipts of their daily digests cover stays as it is.
    """
    planned, after, run = 0, 0, Run({}, meaning)
    while True:
        with store.begin() as tx:
            # No wait for a late batch here: a digest that goes out at once promises what is new, not all of a
            # day.
            channels = tx.channels.at_once(now - CALM, after, BATCH)
            planned += _at_once(tx, channels, now, run)
        if len(channels) < BATCH:
            return planned
        after = channels[-1].id


def _at_once(tx: Transaction, channels: Sequence[Channel], now: datetime, run: Run) -> int:
    """Plan their new matches, and return how many digests will be posted."""
    every = tx.channels.subscriptions_of([channel.id for channel in channels])
    # Even the date can fail, where an upgrade of the machine took a time zone away.
    days = {channel.id: day for channel in channels if (day := _unless_bug(channel, local_day, channel, now))}
    wanted = [
        (channel, subscriptions)
        for channel in channels
        # None where all of them are paused for a while.
        if channel.id in days
        and (subscriptions := immediate_subscriptions(channel, every[channel.id], days[channel.id]))
    ]
    if not wanted:
        return 0
    stock = stored_batches(tx, wanted, now, run, now - BATCHES)
    made = [
        (channel, one)
        for channel, subscriptions in wanted
        if (
            one := _unless_bug(
                channel,
                draft_digests,
                fresh_matches(stock, channel),
                channel,
                days[channel.id],
                subscriptions,
            )
        )
    ]
    # Unlike the daily digest, which moves the schedule on, an empty one at once leaves nothing to be stored.
    posted = [(channel, one) for channel, one in made if one.found]
    tx.digests.plan_all(
        [(_next_channels(tx, channel, days[channel.id], one, now), channel) for channel, one in posted]
    )
    _settle_matches(tx, [one for _, one in posted])
    # Those that failed keep their marks, so that the next tick tries them again.
    done = {channel.id for channel, _ in made}
    tx.digests.end_wait(sub.id for channel, subs in wanted if channel.id in done for sub in subs)
    return len(posted)


def _next_channels(tx: Transaction, channel: Channel, day: date, made: Draft, now: datetime) -> Digest:
    """What goes out at once, as it is stored."""
    message = replace(made.message, layout=channel.layout)
    number = tx.digests.next_number(channel.id, day)
    return Digest(channel.id, day, list_entries(made.found), (message,), now, number)


def _plan_channels(
    tx: Transaction,
    found: Sequence[Channel],
    now: datetime,
    last_call: datetime,
    run: Run,
) -> int:
    """Plan them, and return how many digests will be posted.

    Those that were due later than `last_call` wait, where they have a topic by meaning.
    """
    every = tx.channels.subscriptions_of([channel.id for channel in found])
    # A topic by meaning waits for the vectors of its papers, and so does its whole channel: a second digest
    # of the day with the rest is what `UNIQUE (channel, slot, number)` forbids.
    due = [
        (channel, slot, subscriptions)
        for channel in found
        if (told := _unless_bug(channel, due_slot, channel, every[channel.id], now))
        for slot, subscriptions in [told]
        if slot.due <= last_call or not by_meaning(subscriptions)
    ]
    if not due:
        return 0
    stock = stored_batches(tx, [(channel, subscriptions) for channel, _, subscriptions in due], now, run)

    def made_for(channel: Channel, slot: Slot, subscriptions: Sequence[Subscription]) -> Made:
        made = draft_digests(uncovered_batches(stock, channel), channel, slot.day, subscriptions)
        return channel, made, *_compose_digest(channel, every[channel.id], slot, made, now)

    planned = [made for one in due if (made := _unless_bug(one[0], made_for, *one))]
    # The unique keys decide, not what was read before: another process, or `digest now`, may have been first.
    stored = tx.digests.plan_all([(digest, following) for _, _, digest, following in planned])
    for channel, _, _, following in planned:
        # Somebody else has stored this slot. The channel has to leave it, or it stays due for ever; what its
        # receipts cover is for the digest that was stored to say.
        if channel.id not in stored:
            tx.channels.save(replace(following, covered_until=channel.covered_until))
    # Only of stored ones: a match that is let go without a receipt that counts it is lost to the reader.
    drafts = [made for channel, made, _, _ in planned if channel.id in stored]
    _settle_matches(tx, drafts)
    return sum(bool(made.found) for made in drafts)


def _unless_bug(channel: Channel, do: Callable[P, T], *told: P.args, **named: P.kwargs) -> T | None:
    """What it gives; None where it fails by a bug, which is logged: the channel stays due."""
    try:
        return do(*told, **named)
    except Exception:  # a bug over what one channel has must not keep the others from their digests
        log.exception("a digest could not be planned", channel=str(channel.address))
        return None


def _settle_matches(tx: Transaction, planned: Sequence[Draft]) -> None:
    """Let go of what the receipts of posted digests count as muted, and note what trended as matched."""
    # In the transaction of the digest. Kept, they would all be posted on the day that somebody unmutes; let
    # go of without a digest, a mute pressed by mistake would cost papers: docs/decisions/muting.md.
    tx.digests.remove_matches(match for made in planned if made.found for match in made.muted)
    # From here on they are matches as all others, so that no later digest brings the same paper again.
    trended = [match for made in planned for match in made.trended]
    if trended:
        tx.digests.add_matches(trended)


def _compose_digest(
    channel: Channel, every: Sequence[Subscription], slot: Slot, made: Draft, now: datetime
) -> tuple[Digest, Channel]:
    """What is stored: the digest, and the channel with its schedule moved on.

    What a receipt would have said is kept for the next one where nothing is posted.
    """
    # A digest without papers is stored too, since it is what closes the day; it has no message to deliver.
    messages = (replace(made.message, layout=channel.layout),) if made.found else ()
    covered = now if messages else channel.covered_until
    following = replace(reschedule_channel(channel, every, now, slot.day), covered_until=covered)
    return Digest(channel.id, slot.day, list_entries(made.found), messages, planned=now), following


def plan_now(
    store: Store,
    address: Address,
    now: datetime,
    expected: Mapping[str, date],
    meaning: Meaning | None = None,
) -> bool:
    """Plan the channel's digest of today without waiting for its time; whether a message will be posted.

    Raises UsageError where the channel has no subscriptions, or today's digest is planned already.
    """
    with store.begin() as tx:
        channel, slot, made = _draft_now(tx, address, now, expected, meaning)
        every = tx.channels.subscriptions(channel.id)
        if made.found and not tx.digests.plan_digest(*_compose_digest(channel, every, slot, made, now)):
            raise UsageError(f"{address} already had its digest for {slot.day}.", "Each day has one digest.")
        _settle_matches(tx, [made])
        return bool(made.found)


def draft_now(
    store: Store,
    address: Address,
    now: datetime,
    expected: Mapping[str, date],
    meaning: Meaning | None = None,
) -> Message:
    """What `plan_now` would post; nothing is changed.

    Raises UsageError where the channel has no subscriptions.
    """
    with store.read() as tx:
        return _draft_now(tx, address, now, expected, meaning)[2].message


def _draft_now(
    tx: Transaction,
    address: Address,
    now: datetime,
    expected: Mapping[str, date],
    meaning: Meaning | None,
) -> tuple[Channel, Slot, Draft]:
    channel = tx.channels.get(address)
    subscriptions = tx.channels.subscriptions(channel.id) if channel else ()
    live = [sub for sub in subscriptions if not (sub.paused or sub.broken)]
    if channel is None or not live:
        hint = "Subscribe first: paperboy chat -c '/papers subscribe …'."
        raise UsageError(f"{address} has nothing subscribed.", hint)
    slot = Slot(local_day(channel, now), now)
    return channel, slot, draft_digest(tx, channel, slot, live, expected, meaning)
