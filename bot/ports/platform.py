"""What the core asks of the places where messages go; they are asynchronous."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.channels.channel import Address
from bot.delivery.rate_limits import Pace
from bot.messages.blocks import Message


class Platform(Protocol):
    """Where messages go."""

    @property
    def name(self) -> str:
        """As `Address.platform` names it."""
        ...

    @property
    def pace(self) -> Pace:
        """How fast it may be posted to."""
        ...

    async def post(self, address: Address, message: Message, nonce: str) -> str:
        """Post, and return the platform's id of what was posted ("" where it has none).

        `nonce` is the same for every attempt at one delivery. Raises DeliveryError.
        """
        ...

    async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
        """What `post` would return where an earlier attempt had got through, None where it had not.

        The first attempt was not before `since`, by our clock.

        Raises DeliveryError, with `unknown` where the platform cannot tell.
        """
        ...

    async def tell(self, address: Address, user: str, message: Message) -> None:
        """Say something to a user of this place's workspace, in private. Raises DeliveryError."""
        ...
