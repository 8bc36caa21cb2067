"""Deliveries that a stop, a fault or another process comes between: none lost, and none twice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta

import pytest

from bot.channels.channel import Address
from bot.delivery.delivery import DeliveryState
from bot.delivery.rate_limits import LATEST_START, PlatformLimits
from bot.delivery.retry import LEASE
from bot.errors import DeliveryError, StorageError
from bot.messages.blocks import Message
from bot.ports.store import Store, Transaction
from bot.services.deliver import DeliveryWorker
from storage.database import Database
from tests.apps import SetClock
from tests.services.chat_platform import Chat, planned, states
from tests.storage.making import DAY, NOW


class Unsteady:
    """A store that cannot be used while it is `away`."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.away = False
        self.missed = threading.Event()

    def begin(self) -> AbstractContextManager[Transaction]:
        if self.away:
            self.missed.set()
            raise StorageError("The database is away.")
        return self.store.begin()

    def read(self) -> AbstractContextManager[Transaction]:
        return self.store.read()


class HeldUp:
    """A store, after whose second transaction, which is the start, some time has passed."""

    def __init__(self, store: Store, clock: SetClock, by: timedelta) -> None:
        self.store = store
        self.clock = clock
        self.waits = iter((timedelta(0), by))

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        with self.store.begin() as tx:
            yield tx
        self.clock.now += next(self.waits, timedelta(0))

    def read(self) -> AbstractContextManager[Transaction]:
        return self.store.read()


async def test_a_database_that_is_away_breaks_off_no_post(store: Database, clock: SetClock) -> None:
    planned(store, "a")
    unsteady = Unsteady(store)

    async def meanwhile(_place: str) -> None:
        unsteady.away = True
        assert await asyncio.to_thread(unsteady.missed.wait, 20)
        unsteady.away = False

    chat = Chat(meanwhile=meanwhile)
    with pytest.raises(StorageError, match="away"):
        await DeliveryWorker(unsteady, {"chat": chat}, clock).deliver_round()
    assert chat.got == ["a"]
    assert states(store) == {}


async def test_once_the_database_is_back_a_slow_post_holds_up_none(
    store: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.deliver.LOOK_SECONDS", 0.01)
    planned(store, "slow", "b")
    unsteady, another = Unsteady(store), asyncio.Event()

    async def meanwhile(place: str) -> None:
        if place == "slow":
            await asyncio.wait_for(another.wait(), 20)
        unsteady.away = place == "b"
        if place == "c":
            another.set()

    async def come_back() -> None:
        assert await asyncio.to_thread(unsteady.missed.wait, 20)
        planned(store, "c")
        unsteady.away = False

    chat = Chat(meanwhile=meanwhile)
    back = asyncio.create_task(come_back())
    with pytest.raises(StorageError, match="away"):
        await DeliveryWorker(unsteady, {"chat": chat}, clock).deliver_round()
    await back
    assert chat.got == ["b", "c", "slow"]


async def test_a_post_begins_in_the_first_half_of_its_lease(store: Database, clock: SetClock) -> None:
    """A process that was held up once it had noted the start takes the delivery anew."""

    async def meanwhile(_place: str) -> None:
        with store.begin() as tx:
            [parcel] = tx.outbox.entries([DeliveryState.SENDING], 9)
        assert parcel.next_try is not None
        left.append(parcel.next_try - clock())

    left: list[timedelta] = []
    planned(store, "a")
    held_up = HeldUp(store, clock, LEASE * 3 / 4)
    assert await DeliveryWorker(held_up, {"chat": Chat(meanwhile=meanwhile)}, clock).deliver_round() == 1
    assert left == [LEASE]


async def test_a_post_begins_at_its_turn_or_takes_another(store: Database, clock: SetClock) -> None:
    planned(store, "a")
    chat = Chat(PlatformLimits(platform=1))
    assert (
        await DeliveryWorker(HeldUp(store, clock, LATEST_START * 2), {"chat": chat}, clock).deliver_round()
        == 1
    )
    with store.begin() as tx:
        following = tx.rate_limits.reserve_time("platform:chat", timedelta(0), clock())
    assert following == NOW + timedelta(seconds=2)


async def test_a_stop_lets_what_has_begun_end_and_gives_back_the_rest(
    store: Database, clock: SetClock
) -> None:
    planned(store, "a", "b", "c")

    async def meanwhile(_place: str) -> None:
        courier.stop_claiming()
        await asyncio.sleep(0.05)

    chat = Chat(PlatformLimits(platform=0.8), meanwhile)
    courier = DeliveryWorker(store, {"chat": chat}, clock)
    assert await courier.deliver_round() == 1
    assert chat.got == ["a"]
    assert states(store) == {"b": (DeliveryState.PENDING, 0), "c": (DeliveryState.PENDING, 0)}
    assert await courier.deliver_round() == 0, "and nothing more is claimed"
    with store.begin() as tx:
        later = clock() + timedelta(seconds=9)
        found = tx.outbox.claim(later, later + LEASE, 9)
    assert [delivery.taken_over for delivery, _ in found] == [False, False]


async def test_a_platform_that_is_another_processs_is_left_to_it(store: Database, clock: SetClock) -> None:
    planned(store, "a")
    assert await DeliveryWorker(store, {}, clock).deliver_round() == 0
    assert states(store) == {"a": (DeliveryState.PENDING, 0)}
    assert await DeliveryWorker(store, {"chat": Chat()}, clock).deliver_round() == 1


async def test_a_post_that_has_begun_ends_also_where_no_more_can_be_claimed(
    store: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.deliver.LOOK_SECONDS", 0.01)
    planned(store, "a")
    refused = asyncio.Event()

    class Failing:
        """The store, which for a while cannot be used."""

        fails = False

        def begin(self) -> AbstractContextManager[Transaction]:
            if self.fails:
                loop.call_soon_threadsafe(refused.set)
                raise StorageError("The database is locked by another process.")
            return store.begin()

        def read(self) -> AbstractContextManager[Transaction]:
            return store.read()

    async def meanwhile(_place: str) -> None:
        failing.fails = True
        await asyncio.wait_for(refused.wait(), 20)
        failing.fails = False
        await asyncio.sleep(0.05)

    loop, failing = asyncio.get_running_loop(), Failing()
    chat = Chat(meanwhile=meanwhile)
    with pytest.raises(StorageError):
        await DeliveryWorker(failing, {"chat": chat}, clock).deliver_round()
    assert chat.got == ["a"]
    assert states(store) == {}


async def test_a_post_that_was_broken_off_is_taken_over(store: Database, clock: SetClock) -> None:
    planned(store, "a")

    begun = asyncio.Event()

    async def meanwhile(_place: str) -> None:
        begun.set()
        await asyncio.sleep(60)

    slow = Chat(meanwhile=meanwhile)
    courier = DeliveryWorker(store, {"chat": slow}, clock)
    task = asyncio.create_task(courier.deliver_round())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert states(store) == {"a": (DeliveryState.SENDING, 1)}

    clock.now += LEASE
    assert await DeliveryWorker(store, {"chat": slow}, clock).deliver_round() == 1
    assert len(slow.nonces) == 1, "the platform said that it was there"


@pytest.mark.parametrize("permanent", [True, False])
async def test_one_that_is_in_doubt_stays_so_until_the_platform_has_told(
    store: Database, clock: SetClock, *, permanent: bool
) -> None:
    class Mute(Chat):
        async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
            raise DeliveryError("No token.", permanent=permanent)

    planned(store, "a")
    chat = Chat()
    with store.begin() as tx:
        [(delivery, address)] = tx.outbox.claim(clock(), clock() + LEASE, 1)
        tx.outbox.start(delivery, clock() + LEASE)
    await chat.post(address, delivery.message, delivery.nonce)

    clock.now += LEASE
    assert await DeliveryWorker(store, {"chat": Mute()}, clock).deliver_round() == 0
    with store.begin() as tx:
        tx.outbox.requeue(delivery.channel_id, DAY)
    clock.now += LEASE
    assert await DeliveryWorker(store, {"chat": chat}, clock).deliver_round() == 1
    assert chat.got == ["a"]
