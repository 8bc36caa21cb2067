"""A platform for the courier, and digests in its outbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from bot.channels.channel import Address, Channel
from bot.delivery.delivery import DeliveryState
from bot.delivery.rate_limits import NO_LIMITS, PlatformLimits
from bot.messages.blocks import Message
from bot.ports.store import Store
from tests.one_part import OnePart
from tests.storage.making import DAY, NOW, a_digest


async def nothing(_place: str) -> None:
    """What most posts wait for."""


class Chat(OnePart):
    """A platform that keeps what it was given, and does what the test says meanwhile."""

    name = "chat"

    def __init__(
        self, pace: PlatformLimits = NO_LIMITS, meanwhile: Callable[[str], Awaitable[None]] = nothing
    ) -> None:
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


def planned(store: Store, *places: str, parts: int = 1, slot: date = DAY) -> None:
    """A digest in the outbox for each place."""
    for place in places:
        address = Address("chat", place)
        with store.begin() as tx:
            channel = tx.channels.ensure(address, Channel(0, address, NOW.time(), "UTC", 20, NOW))
            tx.digests.plan_digest(a_digest(channel, parts=parts, slot=slot), channel)


def states(store: Store) -> dict[str, tuple[DeliveryState, int]]:
    """The deliveries that are not sent, by place: their state and attempts."""
    every = [state for state in DeliveryState if state is not DeliveryState.SENT]
    with store.begin() as tx:
        return {one.address.place: (one.state, one.attempts) for one in tx.outbox.entries(every, 100)}
