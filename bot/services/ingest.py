"""From a source to stored papers, announcements and matches: one transaction a batch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot.digests.digest import Match
from bot.papers.batches import empty_if_stale, reject_taken_ids
from bot.papers.identity import ARXIV, DOI, PaperId
from bot.papers.paper import BadRecord, Batch, IngestedBatch, Paper
from bot.ports.clock import Clock
from bot.ports.sources import Source
from bot.ports.store import Store, Transaction
from bot.topics.matching import match_batch
from bot.topics.query import Query, needs_meaning
from bot.topics.reasons import explain_match


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


async def ingest_sources(
    source: Source, store: Store, clock: Clock, since: date | None = None
) -> AsyncIterator[Ingested]:
    """Fetch and store, a batch at a time, the oldest first.

    Raises SourceError, which the caller has to tell (`bot.services.backfill` notes it for the receipts); the
    batches before it stay stored. The current batch of a source with a calendar is looked at for staleness
    here and not in the source, which may be in another process than yesterday.
    """
    expected = source.expected_day(clock())
    async for batch in source.fetch(since):
        doubted = expected is not None and batch.day >= expected
        yield await asyncio.to_thread(store_batch, store, batch, clock, doubted=doubted)


def store_batch(store: Store, batch: Batch, clock: Clock, *, doubted: bool = False) -> Ingested:
    """Store and match one batch; nothing of one that is `doubted` and turns out to be stale."""
    with store.begin() as tx:
        if doubted:
            ids = [told.paper.id for told in batch.announcements]
            batch = empty_if_stale(batch, tx.papers.announced_before(batch.source, batch.day, ids))
        batch = reject_taken_ids(batch, _known_papers(tx, batch))
        done = tx.papers.ingest_batch(batch, clock())
        matched = _match_batch(tx, batch, done) if done.to_match else 0
    return Ingested(batch.source, batch.day, done.announced, done.new, matched, batch.bad, batch.complete)


def _known_papers(tx: Transaction, batch: Batch) -> Mapping[PaperId, Paper]:
    """What is stored under ids of the batch that a collection made: those of arXiv and DOIs name one work."""
    ids = [told.paper.id for told in batch.announcements]
    keys = tx.papers.keys_of(one for one in ids if one.scheme not in {ARXIV, DOI})
    return dict(zip(keys, (hit.paper for hit in tx.papers.hits_of(keys.values())), strict=True))


def _match_batch(tx: Transaction, batch: Batch, done: IngestedBatch) -> int:
    """Match by words and facts, and have `bot.services.embed` match by meaning; how many matches are new."""
    topics = {sub.id: sub.topic for sub in tx.channels.active_subscriptions()}
    by_words = {number: topic for number, topic in topics.items() if not needs_meaning(topic)}
    if len(by_words) < len(topics):
        tx.vectors.wait_for_match([paper.id for paper in done.to_match], batch.source, batch.day)
    return tx.digests.add_matches(_matches_of(by_words, batch, done))


def _matches_of(topics: Mapping[int, Query], batch: Batch, done: IngestedBatch) -> Iterator[Match]:
    for subscription_id, seen in match_batch(topics, done.to_match, done.sources):
        why = explain_match(topics[subscription_id], seen)
        yield Match(seen.paper.id, subscription_id, batch.source, batch.day, why)
