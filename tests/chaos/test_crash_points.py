"""A worker is killed at every point of a delivery's life: nothing is lost, and nothing is posted twice."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web

from adapters.discord.places import NAME as DISCORD
from adapters.slack.places import NAME as SLACK
from bot.channels.channel import Address
from bot.digests.outcomes import LEASE
from storage.database import Database
from tests.chaos.api import Chats, Handler
from tests.chaos.outbox import fill, unsent
from tests.chaos.processes import Process, Processes, running
from tests.chaos.worker import Habit, Job, work

REQUEST_LOST, ANSWER_LOST = "request sent, not arrived", "effect without answer"
POINTS = (
    "before claim",
    "inside claim",
    "after claim",
    "inside start",
    "after start",
    "before post",
    REQUEST_LOST,
    ANSWER_LOST,
    "after post",
    "inside finish",
    "after finish",
)
PLATFORMS = (SLACK, DISCORD)
LATER = LEASE + timedelta(seconds=1)


class Killer:
    """Kills a process while its post is on the way, before or after it had its effect."""

    def __init__(self, point: str) -> None:
        self.point = point
        self.victim: Process | None = None

    async def __call__(self, post: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer; the first post is the last thing that the victim does."""
        if not (post and self.victim and self.point in {REQUEST_LOST, ANSWER_LOST}):
            return await handler(request)
        victim, self.victim = self.victim, None
        answer = web.Response() if self.point == REQUEST_LOST else await handler(request)
        victim.kill()
        return answer


@pytest.fixture
def processes() -> Iterator[Processes]:
    with running() as started:
        yield started


async def ended(process: Process) -> int | None:
    """The exit code of a process."""
    await asyncio.to_thread(process.join, 30)
    return process.exitcode


async def crash(
    url: str, processes: Processes, platform: str, point: str, *, habit: Habit = "outbox", nonces: bool = True
) -> tuple[list[int], Counter[object]]:
    """Kill a worker at a point, let another end its work.

    How often each of two deliveries stands in its channel, and what is left in the outbox.
    """
    killer, store = Killer(point), Database(url)
    async with Chats(killer) as chats:
        addresses = chats.channels(platform, 2)
        fill(store, addresses)
        job = Job(url, chats.doors, die_at=point, habit=habit)
        killer.victim = victim = processes.start(work, job)
        assert await ended(victim) == -signal.SIGKILL
        if not nonces:
            chats.forget_nonces()
        assert await ended(processes.start(work, replace(job, die_at="", ahead=LATER))) == 0
        posted = Counter[Address](address for address, _ in chats.posted().elements())
        left = unsent(store)
        store.close()
        return [posted[address] for address in addresses], Counter(left)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("point", POINTS)
async def test_a_crash_loses_nothing_and_repeats_nothing(
    database_url: str, processes: Processes, platform: str, point: str
) -> None:
    assert await crash(database_url, processes, platform, point) == ([1, 1], Counter())
