"""The few ticks of a running Paperboy, on APScheduler. What is due stands in the database, not in here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.errors import PaperboyError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tick:
    """`work` runs every `seconds`, never twice at once; what it missed is run once."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[object]]


DRAIN_SECONDS = 20.0
"""How long turns that have begun are waited for at the end: less than a container is given to stop."""


class Ticker(AbstractAsyncContextManager["Ticker"]):
    """Runs ticks while its block is open, the first turn of each after its interval.

    When the block ends, turns that have begun may finish, within `DRAIN_SECONDS`.
    """

    def __init__(self, *ticks: Tick) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for tick in ticks:
            self._scheduler.add_job(
                self._turn,
                "interval",
                args=[tick],
                seconds=tick.seconds,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )

    async def __aenter__(self) -> Self:
        self._scheduler.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scheduler.pause()
        if self._running:
            await asyncio.wait(self._running, timeout=DRAIN_SECONDS)
        self._scheduler.shutdown(wait=False)

    async def _turn(self, tick: Tick) -> None:
        # A task of its own, since the scheduler cancels those that it runs itself.
        task = asyncio.create_task(run_tick(tick))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.shield(task)


async def run_tick(tick: Tick) -> None:
    """One turn: an error that says its mend is logged, and the next turn comes all the same."""
    try:
        await tick.work()
    except PaperboyError as error:
        log.warning("tick failed", tick=tick.name, problem=str(error))
