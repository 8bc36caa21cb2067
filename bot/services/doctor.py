"""Look at everything a running Paperboy needs, and say the mend of what is amiss."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.delivery.delivery import ENDED, DeliveryState
from bot.digests.compose import count_noun
from bot.errors import PaperboyError
from bot.papers.summary import accept_answer
from bot.ports.sources import Source
from bot.ports.store import Store
from bot.services.clock_skew import skewed_instants
from bot.services.semantic import Meaning
from bot.services.summarise import Summariser, summary_state
from bot.topics.query import needs_meaning

_MOST = 100
"""Deliveries that are looked at."""
_SAMPLE = (
    "Owls that plan their hunts",
    "Animals have long been watched. We show that owls plan their hunts from sounds alone, in 12 forests.",
)
"""A paper that there is not, which the model is asked about."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `detail` is how it stands, or the problem and its mend."""

    what: str
    ok: bool
    detail: str


async def examine(
    store: Store,
    sources: Sequence[Source],
    meaning: Meaning | None = None,
    *,
    platforms: Collection[str],
    offline: bool,
) -> AsyncIterator[Finding]:
    """The database, the model, and unless `offline` each source by a real request, which stores nothing.

    `platforms` are those that are set up here. Raises StorageError, which says the mend itself.
    """
    yield await asyncio.to_thread(_examine_database, store)
    yield await asyncio.to_thread(_examine_deliveries, store)
    waiting = await asyncio.to_thread(_waiting_finding, store, platforms)
    if waiting:
        yield waiting
    yield await asyncio.to_thread(_examine_meaning, store, meaning)
    if not offline:
        for source in sources:
            yield await _examine_source(source)


def _examine_database(store: Store) -> Finding:
    with store.begin() as tx:
        stored, span = tx.papers.count_papers(), tx.papers.stored_span()
    if span is None:
        return Finding("database", ok=True, detail="no papers yet; run `paperboy ingest`")
    return Finding("database", ok=True, detail=f"{count_noun(stored, 'paper')}, {span[0]} to {span[1]}")


def _examine_deliveries(store: Store) -> Finding:
    with store.begin() as tx:
        stuck = tx.outbox.entries(ENDED, _MOST)
    if not stuck:
        return Finding("digests", ok=True, detail="everything due is posted or in progress")
    last = stuck[0]
    others = f"{len(stuck) - 1}{'+' if len(stuck) == _MOST else ''}"
    more = f"; and {others} more, see `paperboy deliveries`" if len(stuck) > 1 else ""
    detail = f"{last.address} {last.slot} is {last.state}: {last.detail}{more}"
    return Finding("digests", ok=False, detail=detail)


def _waiting_finding(store: Store, platforms: Collection[str]) -> Finding | None:
    """Digests that no process with these settings posts."""
    with store.begin() as tx:
        pending = tx.outbox.entries([DeliveryState.PENDING], _MOST)
    kept = sorted({parcel.address.platform for parcel in pending} - set(platforms))
    if not kept:
        return None
    detail = f"digests wait for {kept[0]}, which is not set up here: set its tokens"
    return Finding("digests", ok=False, detail=detail)


def _examine_meaning(store: Store, meaning: Meaning | None) -> Finding:
    with store.begin() as tx:
        topics = sum(needs_meaning(sub.topic) for sub in tx.channels.active_subscriptions())
        lacking, advice = (
            (tx.vectors.count_without_vector(meaning.model), tx.vectors.advice()) if meaning else (0, "")
        )
    if meaning is None:
        how = "Install the extra `meaning`, unless PAPERBOY_MEANING is false on purpose."
        rest = f"; {count_noun(topics, 'topic')} by meaning match nothing" if topics else ""
        return Finding("meaning", ok=not topics, detail=f"off: searches go by words alone{rest}. {how}")
    try:
        meaning.vector_of("papers")
    except PaperboyError as error:
        return Finding("meaning", ok=False, detail=str(error))
    todo = f"{count_noun(lacking, 'paper')} to embed yet" if lacking else "every paper is embedded"
    return Finding("meaning", ok=True, detail="; ".join(filter(None, (meaning.model, todo, advice))))


def examine_clock(store: Store, now: datetime) -> Finding | None:
    """What was written by a machine whose clock was ahead, None where nothing was. Raises StorageError."""
    if not (number := skewed_instants(store, now)):
        return None
    detail = (
        f"{count_noun(number, 'instant')} in the database can only come from a clock that was ahead: "
        "see that "
        f"it is {now:%Y-%m-%d %H:%M} UTC, then run `paperboy db mend-clock`"
    )
    return Finding("clock", ok=False, detail=detail)


async def examine_summaries(store: Store, summariser: Summariser, now: datetime, *, offline: bool) -> Finding:
    """The model that summarises, unless `offline` by a real question, whose answer is not stored.

    Raises StorageError.
    """
    found = await asyncio.to_thread(summary_state, store, now)
    failed = f"; failed {count_noun(found.failures, 'time')} in a row" if found.failures else ""
    detail = f"{summariser.model}; {count_noun(found.lacking, 'matched paper')} without a summary{failed}"
    if offline:
        return Finding("summaries", ok=not found.failures, detail=detail)
    try:
        answer = await summariser.ask(*_SAMPLE)
    except PaperboyError as error:
        return Finding("summaries", ok=False, detail=str(error))
    if not accept_answer(answer):
        hint = "what it answered is not one or two plain sentences: set another PAPERBOY_SUMMARY_MODEL"
        return Finding("summaries", ok=False, detail=f"{summariser.model}: {hint}")
    return Finding("summaries", ok=True, detail=detail)


async def _examine_source(source: Source) -> Finding:
    heard = []
    try:
        async for batch in source.fetch():
            text = f"{batch.day}: {count_noun(len(batch.announcements), 'paper')}"
            heard.append(f"{text}, {count_noun(len(batch.bad), 'unreadable record')}" if batch.bad else text)
    except PaperboyError as error:
        return Finding(source.name, ok=False, detail=str(error))
    return Finding(source.name, ok=True, detail="; ".join(heard) or "answers; nothing is announced today")
