from __future__ import annotations

import asyncio

from adapters.scheduler import Ticker
from bot.errors import PaperboyError
from bot.service import Tick


async def test_a_turn_that_has_begun_may_finish() -> None:
    begun, done = asyncio.Event(), []

    async def work() -> None:
        begun.set()
        await asyncio.sleep(0.1)
        done.append("posted")

    async with Ticker(Tick("digest", 0.01, work)):
        await begun.wait()

    assert done == ["posted"]


async def test_a_turn_that_fails_does_not_end_the_ticks() -> None:
    turns = 0
    third = asyncio.Event()

    async def work() -> None:
        nonlocal turns
        turns += 1
        if turns == 3:
            third.set()
        raise PaperboyError("The database is locked.")

    async with Ticker(Tick("digest", 0.01, work)):
        await asyncio.wait_for(third.wait(), 10)
