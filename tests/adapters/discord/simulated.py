"""The real discord.py in process, with a simulated Discord around it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
from simcord.env import Env


@asynccontextmanager
async def simulated(client: discord.Client) -> AsyncIterator[Env]:
    """Discord with this bot, logged in; what the bot swallowed is raised at the end.

    Not `simcord.run`, whose context cannot be left in a fixture: its plugin sets the clock for the test.
    """
    env = Env(client, shard_count=1)
    await env.start()
    try:
        yield env
    finally:
        await env.shutdown()
    env.raise_errors()
