"""Slack's places as addresses: `T0123/C0456`, the workspace and the channel or user in it."""

from __future__ import annotations

from bot.channels.channel import Address

NAME = "slack"


def address_of(workspace: str, place: str) -> Address:
    """A channel, or a user for what is private to them."""
    return Address(NAME, f"{workspace}/{place}" if workspace else place)


def channel_of(where: Address) -> str:
    """The id that Slack's methods take as `channel`."""
    return where.place.rpartition("/")[2]
