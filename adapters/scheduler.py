"""The few ticks of a running Paperboy, on APScheduler. What is due stands in the database, not in here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.errors import PaperboyError
from bot.process import Tick

log = structlog.get_logger()


DRAIN_SECONDS = 20.0
"""How long turns that have begun are waited for at the end: less than a container is given to stop."""
LOOK_SECONDS = 1.0
"""Between two looks at whether the machine's clock was set back."""


class _Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """So many seconds between turns; all that was missed is one turn.

    APScheduler's own interval lists every turn that was missed before it drops them, for minutes where a
    machine's clock was wrong by months until it was set.
    """

    def __init__(self, seconds: float) -> None:
        self.length = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime, now: datetime) -> datetime:
        """The turn after `previous`, or after `now` where that is over."""
        following = previous + self.length
        return following if following > now else now + self.length


class Ticker(AbstractAsyncContextManager["Ticker"]):
    """Runs ticks while its block is open, the first turn of each at once.

    When the block ends, turns that have begun may finish, within `DRAIN_SECONDS`; then they are cancelled.
    `done` hears of each turn that went well.
    """

    def __init__(self, *ticks: Tick, done: Callable[[str], None] = lambda _name: None) -> None:
        self._done = done
        self._running: dict[str, asyncio.Task[None]] = {}
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for tick in ticks:
            self._scheduler.add_job(
                self._run_tick,
                _Every(tick.seconds),
                args=[tick],
                next_run_time=datetime.now(UTC),
                coalesce=True,
                # A second one finds the first still running, and ends: no reason for APScheduler to warn.
                max_instances=2,
                misfire_grace_time=None,
            )

    async def __aenter__(self) -> Self:
        self._scheduler.start()
        self._clock = asyncio.create_task(self._mind_the_clock())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clock.cancel()
        self._scheduler.pause()
        if self._running:
            await asyncio.wait(self._running.values(), timeout=DRAIN_SECONDS)
        for name, task in self._running.items():
            log.warning("turn broken off, as it did not end", tick=name)
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        self._scheduler.shutdown(wait=False)

    async def _mind_the_clock(self) -> None:
        """Have the turns now that APScheduler would make when a clock that was set back is there again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = datetime.now(UTC)
            for job in self._scheduler.get_jobs():
                if job.next_run_time > now + job.trigger.length:
                    job.modify(next_run_time=now)

    async def _run_tick(self, tick: Tick) -> None:
        if tick.name in self._running:
            return
        # A task of its own, since the scheduler cancels those that it runs itself.
        task = asyncio.create_task(self._run_work(tick))
        self._running[tick.name] = task
        task.add_done_callback(lambda _: self._running.pop(tick.name))
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    async def _run_work(self, tick: Tick) -> None:
        """One turn: an error that says its mend is logged, and the next turn comes all the same."""
        try:
            await tick.work()
        except PaperboyError as error:
            log.warning("tick failed", tick=tick.name, problem=str(error))
        else:
            self._done(tick.name)
