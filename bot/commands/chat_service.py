"""What the process asks of a chat platform: to post there, and to answer there."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.commands.front_door import FrontDoor
from bot.ports.platform import Platform


class ChatService(Protocol):
    """A chat platform, set up. Nothing is opened before something is posted, or `serving`."""

    @property
    def platform(self) -> Platform:
        """Where digests are posted."""
        ...

    def open_service(self, front_door: FrontDoor) -> AbstractAsyncContextManager[None]:
        """Answer people there while the block is open.

        Raises SettingsError where it is only partly configured or refuses a token, and PaperboyError where a
        port cannot be had.
        """
        ...

    async def close(self) -> None:
        """Close the connections that posting has opened."""
        ...
