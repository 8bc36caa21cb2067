"""What nobody foresaw: a bug in a platform, and a post that never ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import ClassVar

from structlog.testing import capture_logs

from bot.channels.channel import Address
from bot.channels.schedule import DAILY
from bot.delivery.delivery import DeliveryState
from bot.delivery.rate_limits import PlatformLimits
from bot.delivery.retry import DEAD_AFTER, RetryTiming
from bot.messages.blocks import Message
from bot.services.deliver import DeliveryWorker
from bot.topics.parser import parse_query
from storage.database import Database
from tests.apps import SetClock
from tests.services.chat_platform import Chat, planned, states
from tests.storage.making import NOW


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
    courier = DeliveryWorker(
        store, {"chat": chat}, clock, lambda: 0.0, ended=lambda _platform, state: ended.append(state)
    )
    with capture_logs() as logs:
        assert await courier.deliver_round() == 2
    assert states(store) == {"b": (DeliveryState.PENDING, 1)}
    assert sorted(ended) == [DeliveryState.PENDING, DeliveryState.SENT, DeliveryState.SENT]
    assert [line["exc_info"] for line in logs if line["log_level"] == "error"] == [True]


async def test_what_cannot_be_counted_holds_up_nobody(store: Database, clock: SetClock) -> None:
    def uncountable(_message: Message) -> int:
        raise KeyError("colour")

    planned(store, "a", "b")
    chat = Chat(PlatformLimits(channel=1, count_messages=uncountable))
    assert await DeliveryWorker(store, {"chat": chat}, clock).deliver_round() == 2


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
        tx.channels.subscribe(1, parse_query("owls"), DAILY, "ann", NOW)
    courier = DeliveryWorker(store, {"chat": Told(meanwhile=bugs("a"))}, clock, lambda: 0.0)
    tries = 0
    while states(store)["a"][0] is DeliveryState.PENDING:
        await courier.deliver_round()
        clock.now += timedelta(hours=1)
        tries += 1
        assert tries < 20
    assert states(store) == {"a": (DeliveryState.DEAD, 7)}
    assert Told.users == ["ann"]
    with store.begin() as tx:
        [parcel] = tx.outbox.entries([DeliveryState.DEAD], 9)
    assert parcel.detail == "Paperboy failed (KeyError). Please report it; the log has the details."


async def test_a_bug_after_the_post_does_not_post_again(store: Database, clock: SetClock) -> None:
    class Careless(Chat):
        async def post(self, address: Address, message: Message, nonce: str) -> str:
            await super().post(address, message, nonce)
            raise KeyError("ts")

    planned(store, "a")
    chat = Careless()
    courier = DeliveryWorker(store, {"chat": chat}, clock, lambda: 0.0)
    assert await courier.deliver_round() == 0
    clock.now += timedelta(minutes=1)
    assert await courier.deliver_round() == 1
    assert chat.got == ["a"]


async def test_a_post_that_never_ends_is_given_up(store: Database, clock: SetClock) -> None:
    async def meanwhile(_place: str) -> None:
        await asyncio.sleep(60)

    class Endless(Chat):
        async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
            return None

    planned(store, "a")
    patience = RetryTiming(lease=timedelta(seconds=0.05))
    courier = DeliveryWorker(
        store, {"chat": Endless(meanwhile=meanwhile)}, clock, lambda: 0.0, patience=patience
    )
    await courier.deliver_round()
    assert states(store) == {"a": (DeliveryState.PENDING, 1)}
    clock.now += DEAD_AFTER
    await courier.deliver_round()
    assert states(store) == {"a": (DeliveryState.UNKNOWN, 2)}
