"""Votes of the last days' papers, asked for again: they settle over one to two weeks, and trending is growth.

Only what people made of the papers changes. What was announced, and the receipts of it, stay as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import structlog

from bot.digests.digest import Match
from bot.errors import SourceError
from bot.papers.identity import PaperId
from bot.papers.paper import Signals
from bot.ports.clock import Clock
from bot.ports.sources import Voters
from bot.ports.store import Store, Transaction
from bot.search.trending import SignalUpdate
from bot.topics.matching import match_batch
from bot.topics.query import SignalIs, is_decided_by_paper, leaves_of
from bot.topics.reasons import explain_match

DAYS = 7
"""The lists of so many days are kept up, today's among them."""
FETCHED = 2
"""Those of today and yesterday are fetched as batches anyway."""
EVERY = timedelta(hours=3)
RETRY = timedelta(minutes=30)
"""How long after a failure it is tried again."""
LEASE = timedelta(minutes=15)

log = structlog.get_logger()


async def refresh_votes(store: Store, voters: Voters, clock: Clock) -> int:
    """Ask for the votes of the days whose lists are fetched no more, if that is due and nobody else does.

    Returns how many papers have other signals than before. A failure is logged, and counted as those of
    sources are. Raises StorageError.
    """
    name = f"{voters.name} votes"
    if not await asyncio.to_thread(_claim_poll, store, name, clock()):
        return 0
    changed, well = 0, None
    try:
        async for told in voters.signals(_days_to_ask(clock())):
            changed += await asyncio.to_thread(_store_votes, store, voters.name, told, clock())
        well = True
    except SourceError as error:
        log.warning("votes not refreshed", source=voters.name, problem=str(error))
        well = False
    finally:
        await asyncio.to_thread(_end_poll, store, name, clock(), well=well)
    return changed


def _days_to_ask(now: datetime) -> list[date]:
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=number) for number in range(FETCHED, DAYS)]


def _claim_poll(store: Store, name: str, now: datetime) -> bool:
    with store.begin() as tx:
        return bool(tx.source_polls.due_sources([name], now)) and tx.source_polls.claim_poll(
            name, now, now + LEASE
        )


def _end_poll(store: Store, name: str, now: datetime, *, well: bool | None) -> None:
    with store.begin() as tx:
        if well is None:
            tx.source_polls.give_back(name)
        else:
            tx.source_polls.finish_poll(name, now + (EVERY if well else RETRY), failed=not well)


def _store_votes(store: Store, source: str, told: Mapping[PaperId, Signals], now: datetime) -> int:
    with store.begin() as tx:
        rated = tx.papers.store_signals(told, now)
        if rated:
            tx.digests.add_matches(_vote_matches(tx, source, rated))
    return len(rated)


def _vote_matches(tx: Transaction, source: str, rated: Sequence[SignalUpdate]) -> Iterator[Match]:
    """Topics such as `upvotes:>=20` that fit now and did not before; what they had missed stays missed."""
    topics = {
        sub.id: sub.topic
        for sub in tx.channels.active_subscriptions()
        if is_decided_by_paper(sub.topic) and any(isinstance(leaf, SignalIs) for leaf in leaves_of(sub.topic))
    }
    sources = {one.now.paper.id: one.now.sources for one in rated}
    announced = {one.now.paper.id: one.now.announced for one in rated}
    fitted = {
        (number, seen.paper.id)
        for number, seen in match_batch(topics, [one.before for one in rated], sources)
    }
    for number, seen in match_batch(topics, [one.now.paper for one in rated], sources):
        paper = seen.paper.id
        if (number, paper) not in fitted:
            yield Match(paper, number, source, announced[paper], explain_match(topics[number], seen))
