"""A channel's digest as it would be now, of what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot.channels.channel import Channel, Mute, Subscription
from bot.channels.schedule import Slot
from bot.digests.compose import Section, build_sections, digest_message
from bot.digests.digest import Candidate, Match
from bot.digests.mute_filter import ChannelTopics
from bot.digests.paper_cache import PaperCache
from bot.digests.receipt import BatchKey, ReceiptExtras, build_receipt
from bot.feedback.preferences import Preferences
from bot.messages.blocks import Message, Receipt
from bot.papers.identity import PaperId
from bot.papers.paper import BatchState
from bot.ports.papers import Papers
from bot.ports.store import Transaction
from bot.services.digest_trending import Picked, pick_trending, with_picked
from bot.services.load_preferences import load_preferences
from bot.services.semantic import Meaning
from bot.topics.query import Query, needs_meaning, split_trending

Matched = Mapping[int, Mapping[BatchKey, AbstractSet[PaperId]]]
"""The papers of each batch that match a channel, by channel."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A channel's digest before it is stored."""

    found: Sequence[Section]
    message: Message
    muted: Sequence[Match]
    """What it leaves out as muted, and counts."""
    trended: Sequence[Match] = ()
    """What it found to trend, which no ingestion has matched."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of planning rests on."""

    expected: Mapping[str, date]
    """The latest batch day of each source that keeps a calendar."""
    meaning: Meaning | None = None
    known: PaperCache = field(default_factory=PaperCache)


@dataclass(frozen=True, slots=True)
class Stock:
    """What the drafts of some channels are made of."""

    candidates: Mapping[int, Sequence[Candidate]]
    """By channel."""
    mutes: Mapping[int, Sequence[Mute]]
    """By channel."""
    states: Sequence[BatchState]
    """The batches that stand in receipts."""
    matched: Matched
    earlier: Mapping[int, AbstractSet[PaperId]]
    """Papers of the batches that each channel was shown before."""
    unread: Mapping[BatchKey, int]
    """How many papers of each batch are still to be matched by meaning."""
    missing: Sequence[BatchKey]
    tastes: Mapping[int, Preferences]
    """Of the channels that have rated papers."""
    run: Run
    trending: Mapping[int, Sequence[Picked]] = field(default_factory=dict)
    """By channel."""


def stored_batches(
    tx: Transaction,
    wanted: Sequence[tuple[Channel, Sequence[Subscription]]],
    now: datetime,
    run: Run,
    since: datetime | None = None,
) -> Stock:
    """What the drafts of these channels, and the subscriptions that each gets papers of, are made of.

    With `since` in the place of when the first of the channels was covered.
    """
    candidates = tx.digests.find_candidates(sub.id for _, subscriptions in wanted for sub in subscriptions)
    since = since or min((channel.covered_until for channel, _ in wanted), default=None)
    states = tx.papers.stored_batches(since) if since else ()
    keys = [(state.source, state.day) for state in states]
    matched = tx.digests.count_matched([channel.id for channel, _ in wanted], keys)
    mutes = tx.channels.mutes_of(channel.id for channel, _ in wanted)
    missing, earlier = awaited_sources(tx.papers, run.expected), _earlier_papers(tx, candidates, matched)
    unread = tx.vectors.unread_vectors(since) if run.meaning and since else {}
    left = {
        channel.id: _rank_matches(subscriptions, mutes.get(channel.id, ()))
        for channel, subscriptions in wanted
    }
    trending, learned = (
        pick_trending(tx, run.meaning, left, now.date()),
        _preferences_of(tx, candidates, run.meaning),
    )
    return Stock(candidates, mutes, states, matched, earlier, unread, missing, learned, run, trending)


def _rank_matches(
    subscriptions: Sequence[Subscription], mutes: Sequence[Mute]
) -> list[tuple[Subscription, Query]]:
    """The subscriptions to what trends that are not all muted, and what is left of their topics."""
    ranked = [sub for sub in subscriptions if split_trending(sub.topic)]
    left = ChannelTopics.from_subscriptions(ranked, mutes).remaining if ranked else {}
    return [(sub, left[sub.id]) for sub in ranked if sub.id in left]


def _preferences_of(
    tx: Transaction, candidates: Mapping[int, Sequence[Candidate]], meaning: Meaning | None
) -> Mapping[int, Preferences]:
    papers = {channel: [one.paper for one in found] for channel, found in candidates.items()}
    return load_preferences(tx, papers, meaning)


def _earlier_papers(
    tx: Transaction, candidates: Mapping[int, Sequence[Candidate]], matched: Matched
) -> Mapping[int, AbstractSet[PaperId]]:
    """What of `matched` each channel was shown before."""
    new = {channel: {one.paper.id for one in some} for channel, some in candidates.items()}
    rest = {
        channel: frozenset[PaperId]().union(*of.values()) - new.get(channel, set())
        for channel, of in matched.items()
    }
    return tx.digests.papers_shown({channel: papers for channel, papers in rest.items() if papers})


def by_meaning(subscriptions: Iterable[Subscription]) -> bool:
    """Whether one of them has a topic by meaning."""
    return any(needs_meaning(sub.topic) for sub in subscriptions)


def uncovered_batches(stock: Stock, channel: Channel) -> Stock:
    """`stock` with the batches that changed since the channel was covered."""
    return replace(stock, states=[state for state in stock.states if state.changed >= channel.covered_until])


def fresh_matches(stock: Stock, channel: Channel) -> Stock:
    """`stock` with the batches from which the channel's candidates come."""
    candidates = stock.candidates.get(channel.id, ())
    batches = {(match.source, match.day) for one in candidates for match in one.matches}
    return replace(stock, states=[state for state in stock.states if (state.source, state.day) in batches])


def draft_digest(
    tx: Transaction,
    channel: Channel,
    slot: Slot,
    subscriptions: Sequence[Subscription],
    expected: Mapping[str, date],
    meaning: Meaning | None = None,
) -> Draft:
    """What the channel's digest would be, if it were planned at `slot.due`."""
    stock = stored_batches(tx, [(channel, subscriptions)], slot.due, Run(expected, meaning))
    return draft_digests(stock, channel, slot.day, subscriptions)


def draft_digests(stock: Stock, channel: Channel, day: date, subscriptions: Sequence[Subscription]) -> Draft:
    """The channel's digest, made of `stock`."""
    topics = ChannelTopics.from_subscriptions(subscriptions, stock.mutes.get(channel.id, ()), stock.run.known)
    trending = stock.trending.get(channel.id, ())
    heard = topics.drop_muted(with_picked(stock.candidates.get(channel.id, ()), trending))
    preferences = stock.tastes.get(channel.id)
    found = build_sections(subscriptions, heard.kept, channel.limit, stock.run.known, preferences)
    shown = {candidate.paper.id for section in found for candidate in section.shown}
    extras = ReceiptExtras(
        muted=heard.muted_papers,
        earlier=stock.earlier.get(channel.id, frozenset()),
        unread=stock.unread if by_meaning(subscriptions) else {},
    )
    coverage = build_receipt(stock.states, stock.missing, stock.matched.get(channel.id, {}), shown, extras)
    coverage = Receipt((*coverage.lines, *(one.line(shown) for one in trending)))
    message = digest_message(day, found, topics, coverage, by_meaning=stock.run.meaning is not None)
    trended = [match for one in trending for candidate in one.candidates for match in candidate.matches]
    return Draft(found, message, heard.matches, trended)


def awaited_sources(papers: Papers, expected: Mapping[str, date]) -> list[BatchKey]:
    """The expected batches, a source and its latest day each, that are not stored complete."""
    return [
        (source, day)
        for source, day in sorted(expected.items())
        if not ((state := papers.find_batch(source, day)) and state.complete)
    ]
