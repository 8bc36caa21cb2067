from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
import time_machine
from structlog.testing import capture_logs

from adapters.scheduler import Ticker
from bot.errors import PaperboyError
from bot.process import Tick


async def test_a_turn_that_has_begun_may_finish() -> None:
    begun, done = asyncio.Event(), []

    async def work() -> None:
        begun.set()
        await asyncio.sleep(0.1)
        done.append("posted")

    async with Ticker(Tick("digest", 0.01, work)):
        await begun.wait()

    assert done == ["posted"]


async def test_a_turn_that_does_not_end_is_broken_off(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Said in one line, with no stack."""
    monkeypatch.setattr("adapters.scheduler.DRAIN_SECONDS", 0.05)
    begun, ended = asyncio.Event(), []

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("broken off")

    with capture_logs() as logs:
        async with Ticker(Tick("deliver", 60, work)):
            await begun.wait()
        assert ended == ["broken off"]
        await asyncio.sleep(0)
    assert [(line["log_level"], line.get("tick")) for line in logs] == [("warning", "deliver")]
    assert caplog.records == []


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


@pytest.mark.timeout(20)
@pytest.mark.parametrize(("wrong", "right"), [(2006, 2026), (2026, 2006)])
async def test_a_clock_that_is_set_costs_one_turn(wrong: int, right: int) -> None:
    """Of the turns of 20 years that seem missed, one is made; none waits until it is 20 years later again."""
    moments: list[datetime] = []
    third = asyncio.Event()

    async def work() -> None:
        moments.append(datetime.now(UTC))
        if len(moments) == 1:
            clock.move_to(datetime(right, 3, 28, tzinfo=UTC))
        if len(moments) == 3:
            third.set()

    with time_machine.travel(datetime(wrong, 3, 28, tzinfo=UTC)) as clock:
        async with Ticker(Tick("deliver", 0.2, work)):
            await asyncio.wait_for(third.wait(), 10)

    assert [moment.year for moment in moments] == [wrong, right, right]
    assert (moments[2] - moments[1]).total_seconds() > 0.1
