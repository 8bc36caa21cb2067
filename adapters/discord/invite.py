"""The invitation, with the least that Paperboy needs to be allowed."""

from __future__ import annotations

import base64

import discord

from bot.errors import SettingsError

PERMISSIONS = {
    "view_channel": "to see the channels that it posts to",
    "send_messages": "digests",
    "send_messages_in_threads": "digests in threads and forum posts",
    "create_public_threads": "the thread of a compact digest",
    "embed_links": "embeds, where PAPERBOY_DISCORD_STYLE asks for them",
    "read_message_history": "to find a digest whose posting was not answered, rather than post it twice",
}
"""Each permission, and why."""
SHORTEST_ID = 15
"""Digits. Ids count milliseconds since 2015: https://discord.com/developers/docs/reference#snowflakes."""


def invitation(token: str) -> str:
    """The address at which a server is chosen.

    Raises SettingsError where the token names no application.
    """
    # https://discord.com/developers/docs/reference#authentication: it begins with the id, in base 64.
    begun = token.partition(".")[0]
    try:
        number = base64.b64decode(begun + "=" * (-len(begun) % 4), validate=True).decode("ascii")
    except ValueError:
        number = ""
    if not number.isdecimal() or len(number) < SHORTEST_ID:
        hint = "Copy the bot's token from the Discord developer portal, Bot, Reset Token."
        raise SettingsError("DISCORD_TOKEN is missing or is not a bot token.", hint)
    return discord.utils.oauth_url(
        int(number),
        permissions=discord.Permissions(**dict.fromkeys(PERMISSIONS, True)),
        scopes=("bot", "applications.commands"),
    )
