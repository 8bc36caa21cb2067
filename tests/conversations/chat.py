"""A platform for conversations, which keeps what it is given."""

from __future__ import annotations

from datetime import datetime

from bot.channels.channel import Address
from bot.delivery.rate_limits import NO_LIMITS
from bot.errors import DeliveryError
from bot.messages.blocks import Message
from tests.one_part import OnePart


class Chat(OnePart):
    """Keeps what is posted, and what its users are told; raises its `trouble` while it has one."""

    pace = NO_LIMITS

    def __init__(self, name: str = "chat") -> None:
        self.name = name
        self.trouble: DeliveryError | None = None
        self.got: list[Message] = []
        self.places: list[str] = []
        """Where each message was posted."""
        self.told: list[tuple[str, str]] = []
        """Users, and what they were told."""

    async def post(self, address: Address, message: Message, nonce: str) -> str:
        """Keep it, or raise."""
        if self.trouble:
            raise self.trouble
        self.got.append(message)
        self.places.append(address.place)
        return nonce

    async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
        """What was kept, by its message."""
        return nonce if message in self.got else None

    async def tell(self, address: Address, user: str, message: Message) -> None:
        """Keep it; a user who is called gone cannot be told."""
        if user == "gone":
            raise DeliveryError("No such user.", permanent=True)
        self.told.append((user, f"{message.title} {message.blocks}"))
