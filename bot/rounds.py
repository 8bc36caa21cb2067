"""The rounds of a running Paperboy: ask the sources, plan what is due, deliver it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import structlog

from bot.digests.deliver import deliver_due
from bot.digests.planner import plan_due
from bot.embedding import embed_missing, match_waiting
from bot.errors import SourceError
from bot.ports import Clock, Platform, Ranker, Source, Store
from bot.repair import catch_up
from bot.search.keeping import keep_up
from bot.topics.nearness import Meaning

STEPS = 8
"""Steps of embedding in one turn: some ten seconds, so that a stop is not kept waiting for long."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rounds:
    """What a process does again and again. Each round may be run at any time, and by several processes."""

    store: Store
    clock: Clock
    sources: Sequence[Source]
    platforms: Mapping[str, Platform]
    wait: timedelta
    """How long a digest waits for a late batch."""
    ranker: Ranker
    meaning: Meaning | None = None

    def expected(self) -> Mapping[str, date]:
        """The latest batch day of each source that keeps a calendar."""
        return expected(self.sources, self.clock)

    async def ingest(self) -> None:
        """Ask every source for its current batch and missed ones; one that fails costs the others nothing."""
        await asyncio.gather(*(self._ingest(source) for source in self.sources))
        await asyncio.to_thread(keep_up, self.store, self.ranker)

    async def digest(self) -> None:
        """Plan what is due, and post it."""
        planned = await asyncio.to_thread(plan_due, self.store, self.clock(), self.expected(), self.wait)
        posted = await deliver_due(self.store, self.platforms, self.clock)
        if planned or posted:
            log.info("digests", planned=planned, posted=posted)

    async def embed(self) -> None:
        """Give some papers their vectors, the latest first, and match those that waited for theirs."""
        if self.meaning is None:
            return
        steps, done = embed_missing(self.store, self.meaning), 0
        for _ in range(STEPS):
            if not (some := await asyncio.to_thread(next, steps, 0)):
                break
            done += some
        matched = await asyncio.to_thread(match_waiting, self.store, self.meaning)
        if done or matched:
            log.info("embedded", papers=done, matched=matched)

    async def _ingest(self, source: Source) -> None:
        try:
            async for done in catch_up(source, self.store, self.clock):
                log.info(
                    "ingested",
                    source=done.source,
                    day=str(done.day),
                    announced=done.announced,
                    new=done.new,
                    matched=done.matched,
                    bad=len(done.bad),
                    complete=done.complete,
                )
        except SourceError as error:
            log.warning("source failed", source=source.name, problem=str(error))


def expected(sources: Sequence[Source], clock: Clock) -> Mapping[str, date]:
    """The latest batch day of each of `sources` that keeps a calendar."""
    days = {source.name: source.expected_day(clock()) for source in sources}
    return {name: day for name, day in days.items() if day is not None}
