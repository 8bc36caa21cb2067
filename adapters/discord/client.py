"""The one client of discord.py: it posts without the gateway, and hears of presses and servers with it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import discord
from discord import app_commands

from adapters.discord.budget import InvalidRequests
from adapters.discord.rest import PATIENCE_SECONDS


class PaperboyClient(discord.AutoShardedClient):
    """It sees servers and their channels, and no messages; it pings nobody and remembers no message."""

    def __init__(self, invalid: InvalidRequests, shard_ids: Sequence[int] = (), shards: int = 0) -> None:
        logging.getLogger("discord").setLevel(logging.ERROR)
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            http_trace=invalid.trace(),
            max_ratelimit_timeout=PATIENCE_SECONDS,
            shard_count=shards or None,
        )
        self.shard_ids = list(shard_ids) or None
        self.tree: app_commands.CommandTree[PaperboyClient] = app_commands.CommandTree(self)
