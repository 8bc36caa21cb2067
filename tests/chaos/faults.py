"""Chat platforms in a process of their own, where a share of all requests goes wrong: seeded, and noted."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from aiohttp import web

from adapters.discord.places import NAME as DISCORD
from adapters.slack.places import NAME as SLACK
from bot.channels.channel import Address
from tests.chaos.api import Chats, Handler, too_many

FAULTS = ("429", "500", "lost request", "lost answer", "slow")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the platforms say in the end, and only they can."""

    posted: Counter[tuple[Address, str]]
    """How often each nonce stands in each channel."""
    faults: Counter[str]
    requests: dict[str, list[float]]
    """When each platform was asked for anything, on the monotonic clock."""
    posts: dict[str, list[float]]
    """When something was to be posted there."""


@dataclass
class Dice:
    """Lets a share of requests fail; a `Meddle`."""

    share: float
    random: random.Random
    effects: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    requests: dict[str, list[float]] = field(default_factory=lambda: {SLACK: [], DISCORD: []})
    posts: dict[str, list[float]] = field(default_factory=lambda: {SLACK: [], DISCORD: []})

    async def __call__(self, post: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer, or do not."""
        platform = DISCORD if "/v10/" in request.path else SLACK
        for noted in (self.requests, self.posts) if post else (self.requests,):
            noted[platform].append(time.monotonic())
        fault = self.random.choice(FAULTS) if self.random.random() < self.share else ""
        self.faults[fault] += 1
        if fault == "429":
            return too_many(platform, 1)
        if fault == "500":
            return web.Response(status=500, text="upstream connect error")
        if fault == "slow":
            await asyncio.sleep(self.random.uniform(0.2, 1.0))
        answer = web.Response() if fault == "lost request" else await handler(request)
        self.effects += bool(post) and fault != "lost request"
        if fault in {"lost request", "lost answer"} and request.transport:
            request.transport.abort()
        return answer


def serve_chats(pipe: Connection, seed: int, share: float, channels: int) -> None:
    """The process of the platforms: it sends their doors and channels, and answers questions by the pipe."""
    # Of requests whose client was killed.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    asyncio.run(_serve(pipe, Dice(share, random.Random(seed)), channels))


async def _serve(pipe: Connection, dice: Dice, channels: int) -> None:
    async with Chats(dice) as chats:
        addresses = [one for platform in (SLACK, DISCORD) for one in chats.channels(platform, channels)]
        pipe.send((chats.doors, addresses))
        answers: dict[str, Callable[[], object]] = {
            "effects": lambda: dice.effects,
            "seen": lambda: Seen(chats.posted(), dice.faults, dice.requests, dice.posts),
        }
        gone = asyncio.Event()

        def answer() -> None:
            try:
                pipe.send(answers[pipe.recv()]())
            except EOFError:
                gone.set()

        asyncio.get_running_loop().add_reader(pipe.fileno(), answer)
        await gone.wait()


def most_in_a_second(times: list[float]) -> int:
    """The most moments within any one second."""
    first = most = 0
    for last, moment in enumerate(times):
        while times[first] <= moment - 1:
            first += 1
        most = max(most, last - first + 1)
    return most
