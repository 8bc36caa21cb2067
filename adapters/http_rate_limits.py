"""How fast each service is asked: what a lane lets through, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from aiolimiter import AsyncLimiter


@dataclass(frozen=True, slots=True)
class Lane:
    """How fast one service may be asked, over all of its hosts together."""

    name: str
    pace_seconds: float = 0.0
    """Seconds between the starts of two requests."""
    connections: int = 4


Turns = Callable[[str, float], Awaitable[None]]
"""Waits for the next turn of a lane, given by name and pace, where several processes share one."""


class Traffic:
    """What a lane lets through: some connections at a time, paced, and held where a server asks for it."""

    def __init__(self, lane: Lane, turns: Turns | None) -> None:
        self._slots = asyncio.Semaphore(lane.connections)
        self._wait = _wait_until(lane, turns)
        self._held_until = 0.0

    def hold_lane(self, seconds: float) -> None:
        """Let nothing through for so long: a `Retry-After` is meant for every request of a lane."""
        self._held_until = max(self._held_until, asyncio.get_running_loop().time() + seconds)

    def held_for(self) -> float:
        """Seconds until the lane is let go again, 0 where it is not held."""
        return max(0.0, self._held_until - asyncio.get_running_loop().time())

    async def __aenter__(self) -> None:
        await self._slots.acquire()
        try:
            await asyncio.sleep(self.held_for())
            await self._wait()
        except BaseException:
            self._slots.release()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._slots.release()


def _wait_until(lane: Lane, turns: Turns | None) -> Callable[[], Awaitable[None]]:
    """What waits for the lane's next turn."""
    if not lane.pace_seconds:
        return partial(asyncio.sleep, 0)
    return (
        partial(turns, lane.name, lane.pace_seconds) if turns else AsyncLimiter(1, lane.pace_seconds).acquire
    )
