"""The one client of discord.py: it posts without the gateway, and hears of presses and servers with it."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from types import SimpleNamespace

import aiohttp
import discord
from discord import app_commands

from adapters.discord.invalid_requests import InvalidRequests
from adapters.discord.rest import PATIENCE_SECONDS

_NEW_POST = re.compile(r"/channels/\d+/threads$")


class PaperboyClient(discord.AutoShardedClient):
    """It sees servers and their channels, and no messages; it pings nobody and remembers no message."""

    def __init__(self, invalid: InvalidRequests, shard_ids: Sequence[int] = (), shards: int = 0) -> None:
        logging.getLogger("discord").setLevel(logging.ERROR)
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            http_trace=_traced_session(invalid),
            max_ratelimit_timeout=PATIENCE_SECONDS,
            shard_count=shards or None,
        )
        self.shard_ids = list(shard_ids) or None
        self.tree: app_commands.CommandTree[PaperboyClient] = app_commands.CommandTree(self)


def _traced_session(invalid: InvalidRequests) -> aiohttp.TraceConfig:
    config = invalid.trace_config()
    config.on_request_end.append(_once)
    return config


async def _once(_: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
    """Fail a forum's post that may be there: it has no nonce, and discord.py would send it again unasked.

    Raises aiohttp.ClientResponseError.
    """
    answer = end.response
    if answer.status >= 500 and end.method == "POST" and _NEW_POST.search(end.url.path):
        answer.close()
        raise aiohttp.ClientResponseError(answer.request_info, answer.history, status=answer.status)
