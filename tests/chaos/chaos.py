"""Chaos: replicas deliver while they are killed, platforms fail, and the database is started anew."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adapters.discord.places import NAME as DISCORD
from bot.delivery.delivery import DeliveryState
from storage.database import Database
from tests.chaos.faults import Seen, most_in_a_second, serve_chats
from tests.chaos.outbox import fill, unsent
from tests.chaos.processes import Process, Processes, pipe, running
from tests.chaos.replica import Replica, deliver

LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done, all of it bounded: kills and restarts are spread evenly over the posts."""

    seed: int
    channels: int
    """On each platform."""
    days: int
    kills: int
    restarts: int = 0
    replicas: int = 3
    faults: float = 0.1
    """The share of requests in which something goes wrong."""
    seconds: float = 175.0
    paragraphs: int = 1
    """Of 1,500 characters, in each digest: with several it takes several messages."""

    @property
    def posts(self) -> int:
        """How many are planned."""
        return 2 * self.channels * self.days


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it, as the platforms say it."""

    planned: int
    lost: int
    twice: int
    left: Counter[DeliveryState]
    """Deliveries that are not sent, by state."""
    kills: int
    restarts: int
    faults: Counter[str]
    discord_requests: int
    """The most within any one second."""
    discord_posts: int
    """As many of them were to post."""
    seconds: float

    @property
    def well(self) -> bool:
        """Whether everything was posted once."""
        return not (self.lost or self.twice or self.left)


async def chaos(plan: Plan, url: str, restart: Callable[[], None] | None = None) -> Figures:
    """Deliver what is planned on an empty database, under chaos; `restart` starts its server anew.

    Raises TimeoutError where it takes longer than planned. Every process has ended then.
    """
    with running() as processes:
        return await _Run(plan, url, processes, restart).run()


class _Run:
    def __init__(
        self, plan: Plan, url: str, processes: Processes, restart: Callable[[], None] | None
    ) -> None:
        self._plan = plan
        self._processes = processes
        self._restart = restart
        self._random = random.Random(plan.seed)
        self._pipe, theirs = pipe()
        processes.start(serve_chats, theirs, plan.seed, plan.faults, plan.channels)
        doors, self._addresses = self._pipe.recv()
        self._store = Database(url)
        self._replica = Replica(url, doors)
        self._replicas: list[Process] = []

    async def run(self) -> Figures:
        started = time.monotonic()
        self._store.upgrade()
        fill(self._store, self._addresses, self._plan.days, self._plan.paragraphs)
        self._replicas = [self._another() for _ in range(self._plan.replicas)]
        async with asyncio.timeout(self._plan.seconds):
            kills, restarts = await self._disturb()
            left = await self._drained()
        seen: Seen = self._ask("seen")
        self._store.close()
        return Figures(
            planned=self._plan.posts,
            lost=self._plan.posts - sum("/" not in nonce for _, nonce in seen.posted),
            twice=seen.posted.total() - len(seen.posted),
            left=left,
            kills=kills,
            restarts=restarts,
            faults=seen.faults,
            discord_requests=most_in_a_second(seen.requests[DISCORD]),
            discord_posts=most_in_a_second(seen.posts[DISCORD]),
            seconds=time.monotonic() - started,
        )

    def _another(self) -> Process:
        return self._processes.start(deliver, self._replica)

    def _ask(self, what: str) -> Any:
        self._pipe.send(what)
        return self._pipe.recv()

    async def _disturb(self) -> tuple[int, int]:
        """Kill a replica, and restart the database, whenever their next share of the posts is there."""
        kills = restarts = 0
        while kills < self._plan.kills or restarts < self._plan.restarts:
            done = self._ask("effects") / self._plan.posts
            if kills < self._plan.kills and done >= (kills + 1) / (self._plan.kills + 2):
                self._kill()
                kills += 1
            if restarts < self._plan.restarts and done >= (restarts + 1) / (self._plan.restarts + 1):
                assert self._restart is not None
                await asyncio.to_thread(self._restart)
                restarts += 1
            self._supervise()
            await asyncio.sleep(self._random.uniform(0, LOOK_SECONDS))
        return kills, restarts

    def _kill(self) -> None:
        number = self._random.randrange(len(self._replicas))
        self._replicas[number].kill()
        self._replicas[number] = self._another()

    def _supervise(self) -> None:
        """Replace replicas that have ended by themselves: one cannot start while its database is down."""
        self._replicas = [one if one.is_alive() else self._another() for one in self._replicas]

    async def _drained(self) -> Counter[DeliveryState]:
        """Wait until nothing is on its way any more, and return what could not be posted."""
        while True:
            left = await asyncio.to_thread(unsent, self._store)
            if not (left[DeliveryState.PENDING] or left[DeliveryState.SENDING]):
                return left
            self._supervise()
            await asyncio.sleep(LOOK_SECONDS)
