"""The stand-in Discord, and small real clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.standins.discord_listener import NONE, connected
from tests.standins.discord_standin import DiscordStandin


@pytest.fixture
async def standin() -> AsyncIterator[DiscordStandin]:
    async with DiscordStandin(slow_seconds=0.05) as one:
        yield one


@pytest.fixture
def addresses(standin: DiscordStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let discord.py reach the stand-in alone."""
    monkeypatch.setattr(Route, "BASE", standin.url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(standin.gateway.url))


@pytest.fixture
async def client(standin: DiscordStandin, addresses: None) -> AsyncIterator[discord.AutoShardedClient]:
    async with connected(standin) as one:
        yield one


@pytest.fixture
async def plain(standin: DiscordStandin, addresses: None) -> AsyncIterator[discord.Client]:
    """Logged in for the API alone."""
    async with discord.Client(intents=discord.Intents(guilds=True), allowed_mentions=NONE) as client:
        await client.login(standin.token)
        yield client
