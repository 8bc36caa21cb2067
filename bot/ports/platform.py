"""What the core asks of the places where messages go; they are asynchronous."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.channels.channel import Address
from bot.delivery.rate_limits import PlatformLimits
from bot.messages.blocks import Message


class Posting(Protocol):
    """A message laid out for one channel, in parts that go out one after the other."""

    @property
    def parts(self) -> int:
        """How many there are, at least one."""
        ...

    async def send(self, done: Sequence[str]) -> str:
        """Post the part that follows those with the ids `done`, and return its id ("" where it has none).

        A part whose answer was lost is looked for before it is called failed. Raises DeliveryError, with
        `unknown` where the platform cannot tell whether the part is there.
        """
        ...

    async def find(self, since: datetime) -> Sequence[str]:
        """The ids of the parts that are there already, in order, up to the first that is not.

        None of them was posted before `since`, by our clock. Raises DeliveryError, with `unknown` where the
        platform cannot tell.
        """
        ...


class Platform(Protocol):
    """Where messages go. It keeps nothing of a message between calls: another process may go on with it."""

    @property
    def name(self) -> str:
        """As `Address.platform` names it."""
        ...

    @property
    def pace(self) -> PlatformLimits:
        """How fast it may be posted to."""
        ...

    async def prepare(self, address: Address, message: Message, nonce: str) -> Posting:
        """Lay a message out for its channel.

        `nonce` is the same for every attempt at one delivery, at most 25 characters. Raises DeliveryError.
        """
        ...

    async def tell(self, address: Address, user: str, message: Message) -> None:
        """Say something to a user of this place's workspace, in private. Raises DeliveryError."""
        ...
