"""Days that a source announced while nobody could fetch them: found by what is missing, and back-filled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta

import structlog

from bot.errors import SourceError
from bot.papers.paper import Batch
from bot.ports.clock import Clock
from bot.ports.sources import Source
from bot.ports.store import Store
from bot.services.ingest import Ingested, ingest_sources, store_batch

LOOK_BACK = timedelta(days=30)
"""How far back gaps are filled; a longer absence is for `paperboy ingest --since`."""
_DAY = timedelta(days=1)

log = structlog.get_logger()


async def catch_up(source: Source, store: Store, clock: Clock) -> AsyncIterator[Ingested]:
    """Store the current batch of a standing source, then those of the days that were missed.

    A failure of the one costs the other nothing: each is noted for the receipts, and the first SourceError
    is raised at the end. What was stored stays stored.
    """
    failures = []
    try:
        async for done in ingest_sources(source, store, clock):
            yield done
        await asyncio.to_thread(_note_answer, store, source, clock)
    except SourceError as error:
        await asyncio.to_thread(_note_failure, store, source, [_current_batch(source, clock)], error, clock)
        failures.append(error)
    found = await asyncio.to_thread(_missed_in, store, source, clock)
    if days := _within_reach(found, clock):
        _log_older(source, found[: -len(days)])
        try:
            async for done in _back_fill(source, store, clock, days):
                yield done
        except SourceError as error:
            await asyncio.to_thread(_note_failure, store, source, days, error, clock)
            failures.append(error)
    if failures:
        raise failures[0]


async def _back_fill(
    source: Source, store: Store, clock: Clock, days: Sequence[date]
) -> AsyncIterator[Ingested]:
    # A source can date what it announced in an evening by that evening.
    async for done in ingest_sources(source, store, clock, days[0] - _DAY):
        yield done
    left = await asyncio.to_thread(_missed_in, store, source, clock)
    for day in _within_reach(left, clock):
        # The source was asked and had nothing for this day: a holiday that no calendar knew.
        yield await asyncio.to_thread(store_batch, store, Batch(source.name, day, ()), clock)


def missed_days(source: Source, complete: AbstractSet[date], now: datetime) -> list[date]:
    """The days on which `source` must have announced and that are not among the `complete` ones, ascending.

    Days count from the first complete one, so that a new store has missed nothing, until before the current
    batch.
    """
    end = source.expected_day(now) or now.date()
    first = min(complete, default=end)
    days = [first + n * _DAY for n in range((end - first).days)]
    return [day for day in days if day not in complete and _announces_on(source, day)]


def _announces_on(source: Source, day: date) -> bool:
    return source.expected_day(datetime.combine(day, time.max, UTC)) in {None, day}


def _missed_in(store: Store, source: Source, clock: Clock) -> list[date]:
    with store.begin() as tx:
        return missed_days(source, tx.papers.complete_days(source.name), clock())


def _within_reach(days: Iterable[date], clock: Clock) -> list[date]:
    earliest = clock().date() - LOOK_BACK
    return [day for day in days if day >= earliest]


def _log_older(source: Source, days: Sequence[date]) -> None:
    """Said when the newer days are filled, and not at every round from then on."""
    if days:
        log.warning(
            "days are missing",
            source=source.name,
            first=str(days[0]),
            last=str(days[-1]),
            mend=f"paperboy ingest --source {source.name} --since {days[0]}",
        )


def _current_batch(source: Source, clock: Clock) -> date:
    now = clock()
    return source.expected_day(now) or now.date()


def _note_answer(store: Store, source: Source, clock: Clock) -> None:
    with store.begin() as tx:
        tx.papers.source_answered(source.name, _current_batch(source, clock))


def _note_failure(
    store: Store, source: Source, days: Iterable[date], error: SourceError, clock: Clock
) -> None:
    with store.begin() as tx:
        for day in days:
            tx.papers.source_failed(source.name, day, str(error), clock())
