"""The outbox under all that Hypothesis thinks of: nothing is posted twice, and everything in the end."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.channels.channel import Address, Channel
from bot.delivery.delivery import DeliveryState
from bot.delivery.rate_limits import NO_LIMITS
from bot.delivery.retry import LEASE, LONGEST_RETRY
from bot.digests.digest import Digest
from bot.errors import DeliveryError
from bot.messages.blocks import Message
from bot.services.deliver import DeliveryWorker
from storage.database import Database
from tests.apps import SetClock
from tests.databases import sqlite_in
from tests.one_part import OnePart
from tests.storage.making import DAY, NOW

PLACES = ("a", "b")
ENDS = (DeliveryState.UNKNOWN, DeliveryState.DEAD, DeliveryState.FAILED)

Outcome = Literal["well", "refused", "for good", "lost", "answer lost", "killed", "killed late", "slow"]
OUTCOMES: tuple[Outcome, ...] = (
    "well",
    "refused",
    "for good",
    "lost",
    "answer lost",
    "killed",
    "killed late",
    "slow",
)


class Killed(BaseException):
    """As good as `kill -9` for the code above the platform."""


class Chat(OnePart):
    """A platform without nonces: it can be asked what stands in it, unless it is `silent`."""

    name = "chat"
    pace = NO_LIMITS

    def __init__(self, machine: Outbox) -> None:
        self.machine = machine

    async def post(self, address: Address, message: Message, nonce: str) -> str:
        """Post, with the next outcome."""
        outcome = self.machine.outcomes.pop(0) if self.machine.outcomes else "well"
        if outcome == "refused":
            raise DeliveryError("Slow down.", permanent=False)
        if outcome == "for good":
            raise DeliveryError("Archived.", permanent=True)
        if outcome == "lost":
            raise DeliveryError("No answer.", permanent=False, unknown=True)
        if outcome == "killed":
            raise Killed
        self.machine.effects[nonce] += 1
        if outcome == "answer lost":
            raise DeliveryError("No answer.", permanent=False, unknown=True)
        if outcome == "killed late":
            raise Killed
        if outcome == "slow":
            self.machine.clock.now += LEASE
            await self.machine.courier().deliver_round()
        return nonce

    async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
        """What stands there."""
        if self.machine.silent:
            raise DeliveryError("The channel cannot be read.", permanent=True, unknown=True)
        return nonce if self.machine.effects[nonce] else None

    async def tell(self, address: Address, user: str, message: Message) -> None:
        """Nobody listens."""


class Outbox(RuleBasedStateMachine):
    """Workers, all through the real courier and store; the platform and the operator tell the truth."""

    @initialize()
    def begin(self) -> None:
        """An empty outbox of some channels."""
        self.folder = TemporaryDirectory()
        self.store = Database(sqlite_in(Path(self.folder.name)))
        self.clock = SetClock(NOW.replace(tzinfo=None).isoformat())
        self.outcomes: list[Outcome] = []
        self.effects = Counter[str]()
        self.silent = False
        self.planned = 0

    def courier(self) -> DeliveryWorker:
        """A worker."""
        return DeliveryWorker(self.store, {"chat": Chat(self)}, self.clock, lambda: 0.0)

    @rule(place=st.sampled_from(PLACES))
    def plan(self, place: str) -> None:
        """Another digest of a channel."""
        address = Address("chat", place)
        with self.store.begin() as tx:
            channel = tx.channels.ensure(address, Channel(0, address, time(9), "UTC", 20, NOW))
            slot = DAY + timedelta(days=self.planned)
            tx.digests.plan_digest(Digest(channel.id, slot, (), (Message("Digest"),)), channel)
        self.planned += 1

    @rule(outcomes=st.lists(st.sampled_from(OUTCOMES), max_size=4))
    def work(self, outcomes: list[Outcome]) -> None:
        """A worker posts what is due, until it is killed."""
        self.outcomes = list(outcomes)
        with suppress(Killed):
            asyncio.run(self.courier().deliver_round())
        self.outcomes = []

    @rule(seconds=st.sampled_from((1, 45, 130, 4000, 30_000)))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.clock.now += timedelta(seconds=seconds)

    @rule()
    def turn(self) -> None:
        """The platform can be asked from now on, or cannot any more."""
        self.silent = not self.silent

    @rule()
    def settle(self) -> None:
        """The operator looks, and says what is true."""
        with self.store.begin() as tx:
            for parcel in tx.outbox.entries(ENDS, 99):
                there = self.effects[f"paperboy-{parcel.id}"] > 0
                after = DeliveryState.SENT if there else DeliveryState.PENDING
                assert tx.outbox.settle_entry(parcel.id, parcel.state, after)

    @invariant()
    def nothing_twice(self) -> None:
        """No delivery is posted more than once."""
        assert all(times <= 1 for times in self.effects.values())

    def teardown(self) -> None:
        """In the end everything is posted."""
        if not hasattr(self, "store"):
            return
        self.silent = False
        for _ in range(self.planned + 1):
            self.settle()
            self.clock.now += LEASE + LONGEST_RETRY
            asyncio.run(self.courier().deliver_round())
        with self.store.begin() as tx:
            left = tx.outbox.current_status(self.clock()).states
        self.store.close()
        self.folder.cleanup()
        assert not left
        assert self.effects.total() == self.planned


# Every step writes to a disk: to look for a shorter life would outlast a test's time.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=40, stateful_step_count=15, deadline=None, phases=UNSHRUNK)
