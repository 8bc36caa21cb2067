"""From a source to stored papers, announcements and matches: one transaction a batch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date

from bot.digests.digest import Match
from bot.papers.paper import BadRecord, Batch, IngestedBatch
from bot.ports import Clock, Source, Store, Transaction
from bot.topics.matching import match_batch
from bot.topics.query import needs_meaning
from bot.topics.reasons import reasons


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one batch: papers announced, of these new to the store, new matches, bad records."""

    source: str
    day: date
    announced: int
    new: int
    matched: int
    bad: tuple[BadRecord, ...]
    complete: bool


async def ingest(
    source: Source, store: Store, clock: Clock, since: date | None = None
) -> AsyncIterator[Ingested]:
    """Fetch and store, a batch at a time, the oldest first.

    Raises SourceError, which is the caller's to tell (`bot.repair` notes it for the receipts); the batches
    before it stay stored.
    """
    async for batch in source.fetch(since):
        yield await asyncio.to_thread(store_batch, store, batch, clock)


def store_batch(store: Store, batch: Batch, clock: Clock) -> Ingested:
    """Store and match one batch."""
    with store.begin() as tx:
        done = tx.papers.ingest(batch, clock())
        matched = tx.digests.add_matches(_matches(tx, batch, done)) if done.to_match else 0
    return Ingested(batch.source, batch.day, done.announced, done.new, matched, batch.bad, batch.complete)


def _matches(tx: Transaction, batch: Batch, done: IngestedBatch) -> Iterator[Match]:
    topics = {sub.id: sub.topic for sub in tx.channels.active() if not needs_meaning(sub.topic)}
    for subscription_id, seen in match_batch(topics, done.to_match, done.sources):
        why = reasons(topics[subscription_id], seen)
        yield Match(seen.paper.id, subscription_id, batch.source, batch.day, why)
