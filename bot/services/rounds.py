"""The rounds of a running Paperboy: ask the sources, plan what is due, deliver it, tidy up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import structlog

from bot.delivery.delivery import DeliveryState
from bot.delivery.retry import DEFAULT_TIMING, RetryTiming
from bot.errors import SourceError
from bot.ports.clock import Clock
from bot.ports.platform import Platform
from bot.ports.search import Ranker
from bot.ports.sources import Source, Voters
from bot.ports.store import Store
from bot.services.backfill import catch_up
from bot.services.deliver import DeliveryWorker
from bot.services.embed import embed_missing, make_ready, match_waiting
from bot.services.plan_digests import plan_at_once, plan_due
from bot.services.refresh_votes import refresh_votes
from bot.services.semantic import Meaning
from bot.services.summarise import Summariser, summarise_papers
from bot.services.sync_index import keep_up

STEPS = 8
"""Steps of embedding in one turn: some ten seconds, so that a stop is not kept waiting for long."""

POLL_LEASE = timedelta(minutes=15)
"""How long a source belongs to the process that asks it: a long back-fill fits in."""

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
    every: timedelta = timedelta(minutes=30)
    """How long after one answer a source is asked again."""
    jitter: Callable[[], float] = random.random
    """Numbers from 0 to 1, by which what failed together comes apart."""
    patience: RetryTiming = DEFAULT_TIMING
    """How long those that post wait."""
    meaning: Meaning | None = None
    summariser: Summariser | None = None
    voters: Sequence[Voters] = ()

    def expected_days(self) -> Mapping[str, date]:
        """The latest batch day of each source that keeps a calendar."""
        return expected_days(self.sources, self.clock)

    async def poll_sources(self) -> None:
        """Ask those sources that are due and that no other process is asking."""
        due = await asyncio.to_thread(self._claim_polls)
        await asyncio.gather(*(self._poll_source(source) for source in due))
        if due:
            await asyncio.to_thread(keep_up, self.store, self.ranker)

    async def ingest_all(self) -> None:
        """Ask every source for its current batch and missed ones; one that fails costs the others nothing."""
        await asyncio.gather(*(self._ingest_source(source) for source in self.sources))
        await asyncio.to_thread(keep_up, self.store, self.ranker)

    async def caught_up(self) -> bool:
        """Whether every source has been asked since it was due: after a pause, papers come before digests."""

        def none_due() -> bool:
            with self.store.begin() as tx:
                return not tx.source_polls.due_sources([source.name for source in self.sources], self.clock())

        return await asyncio.to_thread(none_due)

    async def plan_digests(self) -> None:
        """Plan what is due."""
        # First, so that what is wanted at once does not wait for the rest of a digest.
        planned = await asyncio.to_thread(plan_at_once, self.store, self.clock(), self.meaning)
        planned += await asyncio.to_thread(
            plan_due, self.store, self.clock(), self.expected_days(), self.wait, self.meaning
        )
        if planned:
            log.info("planned", digests=planned)

    def make_worker(
        self, ended: Callable[[str, DeliveryState], None] = lambda _platform, _state: None
    ) -> DeliveryWorker:
        """Who posts; `ended` hears of every attempt's platform and outcome."""
        return DeliveryWorker(self.store, self.platforms, self.clock, self.jitter, ended, self.patience)

    async def post_digests(self) -> None:
        """Plan what is due, and post it."""
        await self.plan_digests()
        await self.make_worker().deliver_round()

    async def embed_papers(self) -> None:
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
        await asyncio.to_thread(make_ready, self.store, self.meaning)

    async def summarise_papers(self) -> None:
        """Have some papers summarised that came without a summary, where a model was set up for it."""
        if self.summariser and (made := await summarise_papers(self.store, self.summariser, self.clock)):
            log.info("summarised", papers=made)

    async def refresh_votes(self) -> None:
        """Ask again for the votes of the last days' papers, where that is due."""
        for voters in self.voters:
            if changed := await refresh_votes(self.store, voters, self.clock):
                log.info("votes refreshed", source=voters.name, papers=changed)

    def _claim_polls(self) -> Sequence[Source]:
        now = self.clock()
        with self.store.begin() as tx:
            return [
                one for one in self.sources if tx.source_polls.claim_poll(one.name, now, now + POLL_LEASE)
            ]

    async def _poll_source(self, source: Source) -> None:
        well = None
        try:
            well = await self._ingest_source(source)
        finally:
            await asyncio.to_thread(self._end_poll, source, well=well)

    def _end_poll(self, source: Source, *, well: bool | None) -> None:
        """Note how it ended; where a stop or the database broke it off, it is the next process's at once."""
        with self.store.begin() as tx:
            if well is None:
                tx.source_polls.give_back(source.name)
            else:
                tx.source_polls.finish_poll(source.name, self.clock() + self.every, failed=not well)

    async def _ingest_source(self, source: Source) -> bool:
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
            return False
        return True


def expected_days(sources: Sequence[Source], clock: Clock) -> Mapping[str, date]:
    """The latest batch day of each of `sources` that keeps a calendar."""
    days = {source.name: source.expected_day(clock()) for source in sources}
    return {name: day for name, day in days.items() if day is not None}
