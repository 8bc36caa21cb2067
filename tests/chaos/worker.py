"""A worker's process: the real outbox, store and platforms, and a point at which it is killed or stopped.

The habits beside `outbox` are what the outbox is measured against: they record on one side of the post alone.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from adapters.discord.client import PaperboyClient
from adapters.discord.invalid_requests import InvalidRequests
from adapters.discord.places import NAME as DISCORD
from adapters.discord.platform import DiscordPlatform
from adapters.discord.rest import Rest, use_api
from adapters.slack.places import NAME as SLACK
from adapters.slack.platform import SlackPlatform
from adapters.slack.workspaces import OneWorkspace
from bot.channels.channel import Address
from bot.delivery.delivery import Delivery, DeliveryState
from bot.delivery.rate_limits import NO_LIMITS
from bot.delivery.retry import DEFAULT_TIMING, LEASE, RetryTiming
from bot.messages.blocks import Message
from bot.services.deliver import DeliveryWorker
from bot.services.plan_digests import plan_at_once
from bot.services.post_message import post_message
from storage.database import Database
from tests.chaos.api import Door

Habit = Literal["outbox", "mark before", "mark after"]
Claimed = tuple[Delivery, Address]


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker does: post all that is due, by this habit; at this point it sends itself a signal."""

    database: str
    doors: Mapping[str, Door]
    ahead: timedelta = timedelta(0)
    """How far its clock is ahead: so a test need not wait for a lease to end."""
    point: str = ""
    signal: signal.Signals = signal.SIGKILL
    habit: Habit = "outbox"
    patience: RetryTiming = DEFAULT_TIMING
    plans: bool = False
    """Whether it plans what goes out at once first."""


def work(job: Job) -> None:
    """The process of a job."""
    asyncio.run(_work(job))


async def _work(job: Job) -> None:
    def clock() -> datetime:
        return datetime.now(UTC) + job.ahead

    database, point = Database(job.database), _Point(job.point, job.signal)
    store = _MortalStore(database, point)
    slack, discord = job.doors[SLACK], job.doors[DISCORD]
    use_api(discord.url)
    rest = Rest(PaperboyClient(InvalidRequests()), discord.token, InvalidRequests())
    chats = (
        SlackPlatform(OneWorkspace(slack.url, slack.token).client, pause=0.01),
        DiscordPlatform(rest, "components", pause=0.01),
    )
    platforms = {chat.name: _MortalPlatform(chat, point) for chat in chats}
    if job.plans:
        plan_at_once(store, clock())
    if job.habit == "outbox":
        await DeliveryWorker(store, platforms, clock, patience=job.patience).deliver_round()
    else:
        await {"mark before": _mark_before, "mark after": _mark_after}[job.habit](store, platforms, clock)
    await rest.close()
    database.close()


async def _mark_before(store: Any, platforms: Any, clock: Callable[[], datetime]) -> None:
    """Sent, says the database, and then it is posted."""
    while True:
        with store.begin() as tx:
            found = tx.outbox.claim(clock(), clock() + LEASE, 1)
            for delivery, _ in found:
                tx.outbox.finish(delivery, DeliveryState.SENT, "", None)
        if not found:
            return
        [(delivery, address)] = found
        await post_message(platforms[address.platform], address, delivery.message, delivery.nonce)


async def _mark_after(store: Any, platforms: Any, clock: Callable[[], datetime]) -> None:
    """It is posted, and then the database says so; nothing is asked of an earlier attempt."""
    while True:
        with store.begin() as tx:
            found = tx.outbox.claim(clock(), clock() + LEASE, 1)
        if not found:
            return
        [(delivery, address)] = found
        nonce = f"{delivery.nonce}-{clock():%f}"
        await post_message(platforms[address.platform], address, delivery.message, nonce)
        with store.begin() as tx:
            tx.outbox.finish(delivery, DeliveryState.SENT, "", None)


class _Point:
    """Where this process gets its signal, once."""

    def __init__(self, name: str, kind: signal.Signals) -> None:
        self._name = name
        self._kind = kind

    def __call__(self, name: str) -> None:
        """A point is reached."""
        if name == self._name:
            self._name = ""
            os.kill(os.getpid(), self._kind)


class _MortalStore:
    """Has points before a claim, inside it (not committed) and after it; so for start, finish and plan."""

    def __init__(self, store: Database, point: _Point) -> None:
        self._store = store
        self._point = point

    def read(self) -> AbstractContextManager[Any]:
        """A transaction that only reads has no points."""
        return self._store.read()

    @contextmanager
    def begin(self) -> Iterator[Any]:
        """A transaction of the store."""
        called: list[str] = []
        with self._store.begin() as tx:
            outbox, digests = (_Watched(one, self._point, called) for one in (tx.outbox, tx.digests))
            yield _Transaction(tx, outbox, digests)
        for name in called:
            self._point(f"after {name}")


@dataclass
class _Transaction:
    tx: Any
    outbox: Any
    digests: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tx, name)


@dataclass
class _Watched:
    """An outbox, or digests, whose calls are noted where they change something."""

    part: Any
    point: _Point
    called: list[str]

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            self.point(f"before {name}")
            done = getattr(self.part, name)(*arguments, **named)
            if done:
                self.called.append(name)
                self.point(f"inside {name}")
            return done

        return call


class _MortalPlatform:
    """Has points before and after each part is posted. There is no pace, which is for other tests."""

    pace = NO_LIMITS

    def __init__(self, platform: Any, point: _Point) -> None:
        self._platform = platform
        self._point = point
        self.name = platform.name
        self.tell = platform.tell

    async def prepare(self, address: Address, message: Message, nonce: str) -> _MortalPosting:
        """Lay out."""
        return _MortalPosting(await self._platform.prepare(address, message, nonce), self._point)


class _MortalPosting:
    def __init__(self, posting: Any, point: _Point) -> None:
        self._posting = posting
        self._point = point
        self.parts, self.find = posting.parts, posting.find

    async def send(self, done: Sequence[str]) -> str:
        """Post a part; the points are around the first and the last, as around a whole message."""
        if not done:
            self._point("before post")
        posted: str = await self._posting.send(done)
        if len(done) + 1 == self.parts:
            self._point("after post")
        return posted
