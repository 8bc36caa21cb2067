"""Platforms of tests: those whose every message is one part, and what tests ask of real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.channels.channel import Address
from bot.messages.blocks import Message
from bot.ports.platform import Platform


class OnePart:
    """A platform that posts a message whole. It says with `post` and `posted` what becomes of it."""

    async def post(self, address: Address, message: Message, nonce: str) -> str:
        """Post; the nonce is its id."""
        raise NotImplementedError

    async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
        """What an earlier `post` returned, None where there was none."""
        raise NotImplementedError

    async def prepare(self, address: Address, message: Message, nonce: str) -> Part:
        """The message as its only part."""
        return Part(self, address, message, nonce)


@dataclass(frozen=True, slots=True)
class Part:
    """A `bot.ports.platform.Posting` of one part."""

    platform: OnePart
    address: Address
    message: Message
    nonce: str
    parts: int = 1

    async def send(self, done: Sequence[str]) -> str:
        """Post it."""
        assert not done
        return await self.platform.post(self.address, self.message, self.nonce)

    async def find(self, since: datetime) -> Sequence[str]:
        """It, where it is there."""
        found = await self.platform.posted(self.address, self.message, self.nonce, since)
        return [] if found is None else [found]


async def find_whole(
    platform: Platform, address: Address, message: Message, nonce: str, since: datetime
) -> str | None:
    """The id of a message's first part where all of it is there."""
    posting = await platform.prepare(address, message, nonce)
    found = await posting.find(since)
    return found[0] if len(found) == posting.parts else None
