"""How long a delivery is left alone after its replica was killed, among three that run."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from aiohttp.test_utils import unused_port

from adapters.slack.places import NAME as SLACK
from storage.database import Database
from tests.chaos.api import Chats, Door, Handler
from tests.chaos.outbox import all_sent, fill
from tests.chaos.processes import Process, running
from tests.chaos.replica import HASTY, Replica, deliver

REPLICAS = 3
SECONDS = 60
"""How long it may take in all."""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """What was seen by the platform."""

    seconds: float
    """From the kill of the replica to the post of another."""
    lease: float
    """Seconds for which the delivery was the first one's."""
    posted: int
    """How often it stands in the channel in the end."""

    @property
    def well(self) -> bool:
        """Whether it was posted once, within two leases."""
        return self.posted == 1 and self.seconds < 2 * self.lease


@dataclass(slots=True)
class _Killer:
    """Kills whoever posts first, before that has an effect; a `Meddle`."""

    replicas: dict[str, Process] = field(default_factory=dict)
    """By the token that each has of its own."""
    killed: float = 0.0
    taken_over: asyncio.Future[float] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    async def __call__(self, post: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer, but the first post."""
        if post and not self.killed:
            self.replicas[request.headers["Authorization"].removeprefix("Bearer ")].kill()
            self.killed = time.monotonic()
            return web.Response()
        if post and not self.taken_over.done():
            self.taken_over.set_result(time.monotonic() - self.killed)
        return await handler(request)


async def take_over(url: str) -> TakeOver:
    """Let three replicas wait on the empty database of `url`, plan a digest, and kill the one that posts it.

    Raises TimeoutError where nobody takes over.
    """
    killer, store = _Killer(), Database(url)
    store.upgrade()
    async with Chats(killer) as chats, asyncio.timeout(SECONDS):
        with running() as processes:
            ports = [unused_port() for _ in range(REPLICAS)]
            for port, token in zip(ports, chats.slack_tokens(REPLICAS), strict=True):
                doors = chats.doors | {SLACK: Door(chats.doors[SLACK].url, token)}
                killer.replicas[token] = processes.start(deliver, Replica(url, doors, port))
            await asyncio.gather(*(_ready(port) for port in ports))
            fill(store, chats.channels(SLACK, 1))
            seconds = await killer.taken_over
            await all_sent(store)
        posted = chats.posted().total()
    store.close()
    return TakeOver(seconds, HASTY.lease.total_seconds(), posted)


async def _ready(port: int) -> None:
    """Wait until a replica says that it is ready."""
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)
