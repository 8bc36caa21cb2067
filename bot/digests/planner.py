"""Plan the digests that are due: deciders over what is stored, some channels a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.channels.channel import Address, Channel, Mute, Subscription
from bot.channels.schedule import Slot
from bot.channels.upcoming import at_once, due_now, rescheduled
from bot.commands.actions import without_meaning
from bot.digests.compose import Section, digest_message, entries, sections
from bot.digests.digest import BatchState, Candidate, Digest, Match
from bot.digests.known import Known
from bot.digests.learning import tastes
from bot.digests.muting import Topics
from bot.digests.receipt import awaited, receipt
from bot.digests.taste import Taste
from bot.digests.trending import Picked, picked, with_picked
from bot.errors import UsageError
from bot.messages import Message, Receipt
from bot.papers.identity import PaperId
from bot.ports import Store, Transaction
from bot.topics.nearness import Meaning
from bot.topics.query import Query, trends

BATCH = 200
"""Channels planned between two looks at the database."""
CALM = timedelta(minutes=15)
"""Between two digests that go out at once to a channel: sources that answer a minute apart come together."""
BATCHES = timedelta(days=7)
"""How long ago a batch may have changed that stands in the receipt of what goes out at once."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A channel's digest before it is stored."""

    found: Sequence[Section]
    message: Message
    muted: Sequence[Match]
    """What it leaves out as muted, and counts."""
    trended: Sequence[Match] = ()
    """What it found to trend, which no ingestion has matched."""


def plan_due(
    store: Store,
    now: datetime,
    expected: Mapping[str, date],
    wait: timedelta,
    meaning: Meaning | None = None,
) -> int:
    """Plan every channel that is due, and return how many digests will be posted.

    `expected` is the latest batch day of each source that keeps a calendar. While one of these is not stored
    complete, a channel waits for it up to `wait`, then goes out with the receipt saying so.
    """
    with store.begin() as tx:
        cutoff = now - wait if awaited(tx.papers, expected) else now
    planned, known = 0, Known()
    while True:
        with store.begin() as tx:
            channels = tx.channels.due(cutoff, BATCH)
            planned += _plan(tx, channels, now, expected, meaning, known)
        if len(channels) < BATCH:
            return planned


def plan_at_once(store: Store, now: datetime, meaning: Meaning | None = None) -> int:
    """Plan what goes out at once to channels that were calm, and return how many digests will be posted.

    What the receipts of their daily digests cover stays as it is.
    """
    planned, after, known = 0, 0, Known()
    while True:
        with store.begin() as tx:
            channels = tx.channels.at_once(now - CALM, after, BATCH)
            planned += sum(_at_once(tx, channel, now, meaning, known) for channel in channels)
        if len(channels) < BATCH:
            return planned
        after = channels[-1].id


def _at_once(tx: Transaction, channel: Channel, now: datetime, meaning: Meaning | None, known: Known) -> bool:
    """Plan the channel's new matches, and return whether a digest will be posted."""
    day = now.astimezone(ZoneInfo(channel.zone)).date()
    subscriptions = at_once(channel, tx.channels.subscriptions(channel.id), day)
    stock = _news(tx, channel, subscriptions, now, meaning, known)
    made = _draft(stock, channel, day, subscriptions)
    if made.found:
        message = replace(made.message, layout=channel.layout)
        number = tx.digests.next_number(channel.id, day)
        tx.digests.plan(Digest(channel.id, day, entries(made.found), (message,), now, number), channel)
        _settle(tx, [made])
    tx.digests.looked_at(sub.id for sub in subscriptions)
    return bool(made.found)


def _news(
    tx: Transaction,
    channel: Channel,
    subscriptions: Sequence[Subscription],
    now: datetime,
    meaning: Meaning | None,
    known: Known,
) -> _Stock:
    """What goes out at once, with the batches from which it comes and no others."""
    candidates = tx.digests.candidates(sub.id for sub in subscriptions)
    batches = {(match.source, match.day) for one in candidates.get(channel.id, ()) for match in one.matches}
    states = [state for state in tx.papers.batches(now - BATCHES) if (state.source, state.day) in batches]
    matched = tx.digests.matched([channel.id], batches)
    mutes = tx.channels.mutes_of([channel.id])
    return _Stock(candidates, mutes, states, matched, (), _tastes(tx, candidates, meaning), meaning, known)


def _plan(
    tx: Transaction,
    channels: Sequence[Channel],
    now: datetime,
    expected: Mapping[str, date],
    meaning: Meaning | None,
    known: Known,
) -> int:
    """Plan them, and return how many digests will be posted."""
    every = tx.channels.subscriptions_of([channel.id for channel in channels])
    due = [(channel, *due_now(channel, every[channel.id], now)) for channel in channels]
    wanted = [(channel, subscriptions) for channel, _, subscriptions in due]
    stock = _stocked(tx, wanted, expected, now, meaning, known)
    drafts = [
        _draft(_uncovered(stock, channel), channel, slot.day, subscriptions)
        for channel, slot, subscriptions in due
    ]
    digests = [
        _digest(channel, every[channel.id], slot, made, now)
        for (channel, slot, _), made in zip(due, drafts, strict=True)
    ]
    stored = tx.digests.plan_all(digests)
    for channel, (_, following) in zip(channels, digests, strict=True):
        if channel.id not in stored:
            tx.channels.save(replace(following, covered_until=channel.covered_until))
    _settle(tx, [made for channel, made in zip(channels, drafts, strict=True) if channel.id in stored])
    return sum(
        channel.id in stored and bool(made.found) for channel, made in zip(channels, drafts, strict=True)
    )


def _settle(tx: Transaction, planned: Sequence[Draft]) -> None:
    """Let go of what the receipts of posted digests count as muted, and note what trended as matched."""
    tx.digests.let_go(match for made in planned if made.found for match in made.muted)
    trended = [match for made in planned for match in made.trended]
    if trended:
        tx.digests.add_matches(trended)


def _digest(
    channel: Channel, every: Sequence[Subscription], slot: Slot, made: Draft, now: datetime
) -> tuple[Digest, Channel]:
    """What is stored: the digest, and the channel with its schedule moved on.

    What a receipt would have said is kept for the next one where nothing is posted.
    """
    messages = (replace(made.message, layout=channel.layout),) if made.found else ()
    covered = now if messages else channel.covered_until
    following = replace(rescheduled(channel, every, now, slot.day), covered_until=covered)
    return Digest(channel.id, slot.day, entries(made.found), messages, planned=now), following


@dataclass(frozen=True, slots=True)
class _Stock:
    """What the drafts of some channels are made of."""

    candidates: Mapping[int, Sequence[Candidate]]
    """By channel."""
    mutes: Mapping[int, Sequence[Mute]]
    """By channel."""
    states: Sequence[BatchState]
    """The batches that changed since the first of the channels was covered."""
    matched: Mapping[int, Mapping[tuple[str, date], AbstractSet[PaperId]]]
    missing: Sequence[tuple[str, date]]
    tastes: Mapping[int, Taste]
    """Of the channels that have rated papers."""
    meaning: Meaning | None
    known: Known
    trending: Mapping[int, Sequence[Picked]] = field(default_factory=dict)
    """By channel."""


def _stocked(
    tx: Transaction,
    wanted: Sequence[tuple[Channel, Sequence[Subscription]]],
    expected: Mapping[str, date],
    now: datetime,
    meaning: Meaning | None,
    known: Known,
) -> _Stock:
    candidates = tx.digests.candidates(sub.id for _, subscriptions in wanted for sub in subscriptions)
    states = tx.papers.batches(min(channel.covered_until for channel, _ in wanted)) if wanted else ()
    keys = [(state.source, state.day) for state in states]
    matched = tx.digests.matched([channel.id for channel, _ in wanted], keys)
    mutes = tx.channels.mutes_of(channel.id for channel, _ in wanted)
    left = {
        channel.id: _ranked(subscriptions, mutes.get(channel.id, ())) for channel, subscriptions in wanted
    }
    trending = picked(tx, meaning, left, now.date())
    late, learned = awaited(tx.papers, expected), _tastes(tx, candidates, meaning)
    return _Stock(candidates, mutes, states, matched, late, learned, meaning, known, trending)


def _ranked(subscriptions: Sequence[Subscription], mutes: Sequence[Mute]) -> list[tuple[Subscription, Query]]:
    """The subscriptions to what trends that are not all muted, and what is left of their topics."""
    ranked = [sub for sub in subscriptions if trends(sub.topic)]
    left = Topics.of(ranked, mutes).left if ranked else {}
    return [(sub, left[sub.id]) for sub in ranked if sub.id in left]


def _tastes(
    tx: Transaction, candidates: Mapping[int, Sequence[Candidate]], meaning: Meaning | None
) -> Mapping[int, Taste]:
    papers = {channel: [one.paper for one in found] for channel, found in candidates.items()}
    return tastes(tx, papers, meaning)


def _uncovered(stock: _Stock, channel: Channel) -> _Stock:
    """`stock` with the batches that changed since the channel was covered."""
    return replace(stock, states=[state for state in stock.states if state.changed >= channel.covered_until])


def draft(
    tx: Transaction,
    channel: Channel,
    slot: Slot,
    subscriptions: Sequence[Subscription],
    expected: Mapping[str, date],
    meaning: Meaning | None = None,
) -> Draft:
    """What the channel's digest would be, if it were planned at `slot.due`."""
    stock = _stocked(tx, [(channel, subscriptions)], expected, slot.due, meaning, Known())
    return _draft(stock, channel, slot.day, subscriptions)


def _draft(stock: _Stock, channel: Channel, day: date, subscriptions: Sequence[Subscription]) -> Draft:
    topics = Topics.of(subscriptions, stock.mutes.get(channel.id, ()), stock.known)
    trending = stock.trending.get(channel.id, ())
    heard = topics.heard(with_picked(stock.candidates.get(channel.id, ()), trending))
    found = sections(subscriptions, heard.kept, channel.limit, stock.known, stock.tastes.get(channel.id))
    shown = {candidate.paper.id for section in found for candidate in section.shown}
    coverage = receipt(stock.states, stock.missing, stock.matched.get(channel.id, {}), shown, heard.papers)
    coverage = Receipt((*coverage.lines, *(one.line(shown) for one in trending)))
    message = digest_message(day, found, topics, coverage)
    trended = [match for one in trending for candidate in one.candidates for match in candidate.matches]
    return Draft(found, message if stock.meaning else without_meaning(message), heard.matches, trended)


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
        if made.found and not tx.digests.plan(*_digest(channel, every, slot, made, now)):
            raise UsageError(f"{address} has had its digest of {slot.day}.", "A day has one digest.")
        _settle(tx, [made])
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
    with store.begin() as tx:
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
        mend = "Subscribe first: paperboy chat -c '/papers subscribe …'."
        raise UsageError(f"{address} has nothing subscribed.", mend)
    slot = Slot(now.astimezone(ZoneInfo(channel.zone)).date(), now)
    return channel, slot, draft(tx, channel, slot, live, expected, meaning)
