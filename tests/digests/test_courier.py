"""Several deliveries at once: in their turns, fair between channels, and none twice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from structlog.testing import capture_logs

from bot.channels.channel import Address, Channel
from bot.channels.schedule import DAILY
from bot.digests.deliver import Courier
from bot.digests.digest import DeliveryState
from bot.digests.outcomes import DEAD_AFTER, LEASE, Patience
from bot.digests.pacing import AHEAD, LATE, NO_PACE, Pace, Turn, limits, next_turn
from bot.errors import DeliveryError, StorageError
from bot.messages import Message
from bot.ports import Store, Transaction
from bot.topics.parser import parse
from storage.database import Database
from tests.apps import SetClock
from tests.storage.making import DAY, NOW, a_digest


async def nothing(_place: str) -> None:
    """What most posts wait for."""


class Chat:
    """A platform that keeps what it was given, and does what the test says meanwhile."""

    name = "chat"

    def __init__(self, pace: Pace = NO_PACE, meanwhile: Callable[[str], Awaitable[None]] = nothing) -> None:
        self.pace = pace
        self.meanwhile = meanwhile
        self.got: list[str] = []
        self.nonces: list[str] = []

    async def post(self, address: Address, message: Message, nonce: str) -> str:
        self.nonces.append(nonce)
        await self.meanwhile(address.place)
        self.got.append(address.place)
        return nonce

    async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
        return nonce if nonce in self.nonces else None

    async def tell(self, address: Address, user: str, message: Message) -> None:
        """Nobody listens."""


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW.replace(tzinfo=None).isoformat())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/papers.db")
    database.upgrade()
    yield database
    database.close()


def planned(store: Store, *places: str, parts: int = 1, slot: date = DAY) -> None:
    """A digest in the outbox for each place."""
    for place in places:
        address = Address("chat", place)
        with store.begin() as tx:
            channel = tx.channels.ensure(address, Channel(0, address, NOW.time(), "UTC", 20, NOW))
            tx.digests.plan(a_digest(channel, parts=parts, slot=slot), channel)


def states(store: Store) -> dict[str, tuple[DeliveryState, int]]:
    """The deliveries that are not sent, by place: their state and attempts."""
    every = [state for state in DeliveryState if state is not DeliveryState.SENT]
    with store.begin() as tx:
        return {one.address.place: (one.state, one.attempts) for one in tx.outbox.parcels(every, 100)}


async def test_one_that_answers_slowly_holds_up_none(store: Database, clock: SetClock) -> None:
    planned(store, "slow", "b", "c", parts=2)
    others = asyncio.Event()

    async def meanwhile(place: str) -> None:
        if place == "slow":
            await asyncio.wait_for(others.wait(), 20)
        elif len(chat.got) == 3:
            others.set()

    chat = Chat(meanwhile=meanwhile)
    assert await Courier(store, {"chat": chat}, clock).round() == 6
    assert set(chat.got[:4]) == {"b", "c"}
    assert len(set(chat.nonces)) == 6


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


async def test_a_database_that_is_away_breaks_off_no_post(store: Database, clock: SetClock) -> None:
    planned(store, "a")
    unsteady = Unsteady(store)

    async def meanwhile(_place: str) -> None:
        unsteady.away = True
        assert await asyncio.to_thread(unsteady.missed.wait, 20)
        unsteady.away = False

    chat = Chat(meanwhile=meanwhile)
    with pytest.raises(StorageError, match="away"):
        await Courier(unsteady, {"chat": chat}, clock).round()
    assert chat.got == ["a"]
    assert states(store) == {}


async def test_no_more_are_in_hand_than_the_platform_bears(store: Database, clock: SetClock) -> None:
    planned(store, *"abcdefg")
    in_hand, most = 0, 0
    full = asyncio.Event()

    async def meanwhile(_place: str) -> None:
        nonlocal in_hand, most
        in_hand, most = in_hand + 1, max(most, in_hand + 1)
        if in_hand == 3:
            full.set()
        await asyncio.wait_for(full.wait(), 20)
        in_hand -= 1

    assert await Courier(store, {"chat": Chat(Pace(at_once=3), meanwhile)}, clock).round() == 7
    assert most == 3


async def test_turns_are_booked_and_kept(store: Database, clock: SetClock) -> None:
    planned(store, "a", "b", "c")
    chat = Chat(Pace(platform=10))
    courier = Courier(store, {"chat": chat}, clock)
    for seconds, expected in ((0, "a"), (8, "a"), (10, "ab"), (18, "ab"), (25, "ab"), (30, "abc")):
        clock.now = NOW + timedelta(seconds=seconds)
        await courier.round()
        assert "".join(chat.got) == expected, "a turn that is long past is given anew"
    assert states(store) == {}


async def test_a_busy_workspace_keeps_no_other_waiting(store: Database, clock: SetClock) -> None:
    planned(store, *(f"T1/C{number}" for number in range(9)), "T2/C1")
    chat = Chat(Pace(channel=1, workspace=10, platform=0.01))
    await Courier(store, {"chat": chat}, clock).round()

    assert sorted(chat.got) == ["T1/C0", "T2/C1"]
    assert {attempts for _, attempts in states(store).values()} == {0}, "waiting is no attempt"


async def test_parts_of_a_channel_come_in_order_at_its_pace(store: Database, clock: SetClock) -> None:
    planned(store, "a", parts=3)
    planned(store, "a", slot=DAY + timedelta(days=1))
    chat = Chat(Pace(channel=10))
    for number in range(4):
        clock.now = NOW + timedelta(seconds=10 * number)
        await Courier(store, {"chat": chat}, clock).round()
        assert len(chat.nonces) == number + 1
    assert chat.nonces == sorted(chat.nonces)


async def test_a_stop_lets_what_has_begun_end_and_gives_back_the_rest(
    store: Database, clock: SetClock
) -> None:
    planned(store, "a", "b", "c")

    async def meanwhile(_place: str) -> None:
        courier.stop()
        await asyncio.sleep(0.05)

    chat = Chat(Pace(platform=0.8), meanwhile)
    courier = Courier(store, {"chat": chat}, clock)
    assert await courier.round() == 1
    assert chat.got == ["a"]
    assert states(store) == {"b": (DeliveryState.PENDING, 0), "c": (DeliveryState.PENDING, 0)}
    assert await courier.round() == 0, "and nothing more is claimed"
    with store.begin() as tx:
        later = clock() + timedelta(seconds=9)
        found = tx.outbox.claim(later, later + LEASE, 9)
    assert [delivery.taken_over for delivery, _ in found] == [False, False]


async def test_a_platform_that_is_another_processs_is_left_to_it(store: Database, clock: SetClock) -> None:
    planned(store, "a")
    assert await Courier(store, {}, clock).round() == 0
    assert states(store) == {"a": (DeliveryState.PENDING, 0)}
    assert await Courier(store, {"chat": Chat()}, clock).round() == 1


async def test_a_post_that_has_begun_ends_also_where_no_more_can_be_claimed(
    store: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.digests.deliver.LOOK_SECONDS", 0.01)
    planned(store, "a")
    refused = asyncio.Event()

    class Failing:
        """The store, which for a while cannot be used."""

        fails = False

        def begin(self) -> AbstractContextManager[Transaction]:
            if self.fails:
                loop.call_soon_threadsafe(refused.set)
                raise StorageError("The database is held by another process.")
            return store.begin()

    async def meanwhile(_place: str) -> None:
        failing.fails = True
        await asyncio.wait_for(refused.wait(), 20)
        failing.fails = False
        await asyncio.sleep(0.05)

    loop, failing = asyncio.get_running_loop(), Failing()
    chat = Chat(meanwhile=meanwhile)
    with pytest.raises(StorageError):
        await Courier(failing, {"chat": chat}, clock).round()
    assert chat.got == ["a"]
    assert states(store) == {}


async def test_a_post_that_was_broken_off_is_taken_over(store: Database, clock: SetClock) -> None:
    planned(store, "a")

    begun = asyncio.Event()

    async def meanwhile(_place: str) -> None:
        begun.set()
        await asyncio.sleep(60)

    slow = Chat(meanwhile=meanwhile)
    courier = Courier(store, {"chat": slow}, clock)
    task = asyncio.create_task(courier.round())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert states(store) == {"a": (DeliveryState.SENDING, 1)}

    clock.now += LEASE
    assert await Courier(store, {"chat": slow}, clock).round() == 1
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
    assert await Courier(store, {"chat": Mute()}, clock).round() == 0
    with store.begin() as tx:
        tx.outbox.requeue(delivery.channel_id, DAY)
    clock.now += LEASE
    assert await Courier(store, {"chat": chat}, clock).round() == 1
    assert chat.got == ["a"]


def bugs(place: str) -> Callable[[str], Awaitable[None]]:
    """A renderer that cannot bear what is posted to a place."""

    async def meanwhile(where: str) -> None:
        if where == place:
            raise KeyError("colour")

    return meanwhile


async def test_a_bug_is_a_failure_of_its_delivery_alone(store: Database, clock: SetClock) -> None:
    planned(store, "a", "b", "c")
    ended: list[DeliveryState] = []
    chat = Chat(meanwhile=bugs("b"))
    courier = Courier(
        store, {"chat": chat}, clock, lambda: 0.0, ended=lambda _platform, state: ended.append(state)
    )
    with capture_logs() as logs:
        assert await courier.round() == 2
    assert states(store) == {"b": (DeliveryState.PENDING, 1)}
    assert sorted(ended) == [DeliveryState.PENDING, DeliveryState.SENT, DeliveryState.SENT]
    assert [line["exc_info"] for line in logs if line["log_level"] == "error"] == [True]


async def test_a_bug_ends_dead_and_its_owners_are_told(store: Database, clock: SetClock) -> None:
    class Told(Chat):
        users: ClassVar[list[str]] = []

        async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
            return None

        async def tell(self, address: Address, user: str, message: Message) -> None:
            self.users.append(user)
            raise KeyError("colour")

    planned(store, "a")
    with store.begin() as tx:
        tx.channels.subscribe(1, parse("owls"), DAILY, "ann", NOW)
    courier = Courier(store, {"chat": Told(meanwhile=bugs("a"))}, clock, lambda: 0.0)
    tries = 0
    while states(store)["a"][0] is DeliveryState.PENDING:
        await courier.round()
        clock.now += timedelta(hours=1)
        tries += 1
        assert tries < 20
    assert states(store) == {"a": (DeliveryState.DEAD, 7)}
    assert Told.users == ["ann"]
    with store.begin() as tx:
        [parcel] = tx.outbox.parcels([DeliveryState.DEAD], 9)
    assert parcel.detail == "Paperboy failed at it (KeyError). The log says where: please report it."


async def test_a_bug_after_the_post_does_not_post_again(store: Database, clock: SetClock) -> None:
    class Careless(Chat):
        async def post(self, address: Address, message: Message, nonce: str) -> str:
            await super().post(address, message, nonce)
            raise KeyError("ts")

    planned(store, "a")
    chat = Careless()
    courier = Courier(store, {"chat": chat}, clock, lambda: 0.0)
    assert await courier.round() == 0
    clock.now += timedelta(minutes=1)
    assert await courier.round() == 1
    assert chat.got == ["a"]


async def test_a_post_that_never_ends_is_given_up(store: Database, clock: SetClock) -> None:
    async def meanwhile(_place: str) -> None:
        await asyncio.sleep(60)

    class Endless(Chat):
        async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
            return None

    planned(store, "a")
    patience = Patience(lease=timedelta(seconds=0.05))
    courier = Courier(store, {"chat": Endless(meanwhile=meanwhile)}, clock, lambda: 0.0, patience=patience)
    await courier.round()
    assert states(store) == {"a": (DeliveryState.PENDING, 1)}
    clock.now += DEAD_AFTER
    await courier.round()
    assert states(store) == {"a": (DeliveryState.UNKNOWN, 2)}


def test_turns_of_all_processes_are_apart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/papers.db"
    replicas = [Database(url) for _ in range(3)]
    replicas[0].upgrade()
    length = timedelta(milliseconds=25)

    def work(database: Database) -> list[Turn]:
        taken = []
        for _ in range(40):
            with database.begin() as tx:
                taken.append(Turn(tx.paces.reserve("platform:chat", length, NOW)))
        database.close()
        return taken

    with ThreadPoolExecutor(3) as pool:
        turns = sorted(turn.at for taken in pool.map(work, replicas) for turn in taken)

    assert turns == [NOW + length * number for number in range(120)]


@pytest.mark.parametrize(
    ("waited", "expected"),
    [
        (None, Turn(NOW + timedelta(seconds=1), 3)),
        (Turn(NOW, 3), Turn(NOW, 3)),
        (Turn(NOW - LATE, 3), Turn(NOW - LATE, 3)),
        (Turn(NOW - LATE * 2, 3), Turn(NOW + timedelta(seconds=1), 3)),
        (Turn(NOW, 1), Turn(NOW + timedelta(seconds=1), 3)),
        (Turn(NOW + AHEAD * 2, 1), Turn(NOW + AHEAD * 2, 1)),
    ],
)
def test_the_next_turn(waited: Turn | None, expected: Turn) -> None:
    free = {
        "channel:chat:T/C": NOW,
        "workspace:chat:T": NOW + timedelta(seconds=1),
        "platform:chat": NOW,
    }
    wanted = limits(Pace(channel=1, workspace=1, platform=1), Address("chat", "T/C"))

    assert [name for name, _ in wanted] == list(free)
    assert next_turn(wanted, waited, NOW, lambda name, _, earliest: max(free[name], earliest)) == expected


def test_a_wider_limit_is_not_asked_before_the_narrower_is_near() -> None:
    asked = []

    def reserve(name: str, _length: timedelta, _earliest: object) -> object:
        asked.append(name)
        return NOW + AHEAD * 2

    wanted = limits(Pace(channel=1, platform=1), Address("chat", "C"))
    assert next_turn(wanted, None, NOW, reserve) == Turn(NOW + AHEAD * 2, 1)  # type: ignore[arg-type]
    assert asked == ["channel:chat:C"]
