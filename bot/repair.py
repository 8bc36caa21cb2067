"""Days that a source announced while nobody could fetch them: found by what is missing, and back-filled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta

from bot.errors import SourceError
from bot.ingest import Ingested, ingest, store_batch
from bot.papers.paper import Batch
from bot.ports import Clock, Source, Store

LOOK_BACK = timedelta(days=30)
"""How far back gaps are looked for; a longer absence is for `paperboy ingest --since`."""
_DAY = timedelta(days=1)


async def catch_up(source: Source, store: Store, clock: Clock) -> AsyncIterator[Ingested]:
    """Store the current batch, then those of the days that were missed.

    Raises SourceError after noting it for the receipts; the batches before it stay stored.
    """
    async for done in ingest(source, store, clock):
        yield done
    days = await asyncio.to_thread(_missed_in, store, source, clock)
    if not days:
        return
    try:
        # A source can date what it announced in an evening by that evening.
        async for done in ingest(source, store, clock, days[0] - _DAY):
            yield done
    except SourceError as error:
        await asyncio.to_thread(_note, store, source, days, str(error), clock)
        raise
    for day in await asyncio.to_thread(_missed_in, store, source, clock):
        # The source was asked and had nothing for this day: a holiday that no calendar knew.
        yield await asyncio.to_thread(store_batch, store, Batch(source.name, day, ()), clock)


def missed(source: Source, complete: AbstractSet[date], now: datetime) -> list[date]:
    """The days on which `source` must have announced and that are not among the `complete` ones, ascending.

    Days count from the first complete one, so that a new store has missed nothing, until before the current
    batch.
    """
    end = source.expected_day(now) or now.date()
    first = min(complete, default=end)
    days = [first + n * _DAY for n in range((end - first).days)]
    return [day for day in days if day not in complete and _announces(source, day)]


def _announces(source: Source, day: date) -> bool:
    return source.expected_day(datetime.combine(day, time.max, UTC)) in {None, day}


def _missed_in(store: Store, source: Source, clock: Clock) -> list[date]:
    now = clock()
    with store.begin() as tx:
        complete = tx.papers.complete_days(source.name, now.date() - LOOK_BACK)
    return missed(source, complete, now)


def _note(store: Store, source: Source, days: list[date], problem: str, clock: Clock) -> None:
    with store.begin() as tx:
        for day in days:
            tx.papers.source_failed(source.name, day, problem, clock())
