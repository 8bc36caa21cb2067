"""Discord's places as addresses: `81384788765712384/155101607195836416`, the server and the channel in it.

A thread is a channel of its own. A direct message has `@me` in the place of the server.
"""

from __future__ import annotations

from bot.channels.channel import Address
from bot.errors import DeliveryError

NAME = "discord"
DIRECT = "@me"


def address_of(guild: int | None, channel: int) -> Address:
    """A channel, a thread or a direct message."""
    return Address(NAME, f"{guild or DIRECT}/{channel}")


def channel_of(where: Address) -> int:
    """The id of the channel.

    Raises DeliveryError where the address has none.
    """
    return parse_snowflake(where.place.rpartition("/")[2])


def parse_snowflake(text: str) -> int:
    """An id that Discord gave.

    Raises DeliveryError for anything else.
    """
    if text.isdecimal() and text.isascii():
        return int(text)
    raise DeliveryError(f"“{text[:50]}” is no id of Discord's.", permanent=True)
