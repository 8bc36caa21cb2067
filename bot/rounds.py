"""The rounds of a running Paperboy: ask the sources, plan what is due, deliver it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import structlog

from bot.digests.deliver import deliver_due
from bot.digests.planner import plan_due
from bot.errors import SourceError
from bot.ports import Clock, Platform, Source, Store
from bot.repair import catch_up

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

    def expected(self) -> Mapping[str, date]:
        """The latest batch day of each source that keeps a calendar."""
        return expected(self.sources, self.clock)

    async def ingest(self) -> None:
        """Ask every source for its current batch and missed ones; one that fails costs the others nothing."""
        await asyncio.gather(*(self._ingest(source) for source in self.sources))

    async def digest(self) -> None:
        """Plan what is due, and post it."""
        planned = await asyncio.to_thread(plan_due, self.store, self.clock(), self.expected(), self.wait)
        posted = await deliver_due(self.store, self.platforms, self.clock)
        if planned or posted:
            log.info("digests", planned=planned, posted=posted)

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
