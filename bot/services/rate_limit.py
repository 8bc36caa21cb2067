"""The pace of a lane of requests, kept over all processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.ports.clock import Clock
from bot.ports.store import Store


def make_reserver(store: Store, clock: Clock) -> Callable[[str, float], Awaitable[None]]:
    """What waits for the next turn of the lane of a name, whose turns are so many seconds apart."""

    async def wait_for_turn(name: str, seconds: float) -> None:
        def reserve_turn() -> datetime:
            with store.begin() as tx:
                return tx.rate_limits.reserve_time(f"lane:{name}", timedelta(seconds=seconds), clock())

        at = await asyncio.to_thread(reserve_turn)
        await asyncio.sleep(max(0.0, (at - clock()).total_seconds()))

    return wait_for_turn
