"""The local Discord of the tests here, which has nothing to complain of at the end, and Paperboy on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.adapters.discord.wire_app import Paperboy, paperboy_on
from tests.apps import ListedSource, SetClock, batch, paper
from tests.standins.discord_standin import DiscordStandin

PAPERS = [paper(number, f"Agents that plan, part {number}") for number in range(1, 4)]


@pytest.fixture
def arxiv() -> ListedSource:
    """arXiv, with three papers about agents announced on Friday."""
    return ListedSource("arxiv", batch("arxiv", "2025-10-10", PAPERS))


@pytest.fixture
async def discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordStandin]:
    """A Discord to which every body must be right; a test that means to be refused clears `violations`."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    async with DiscordStandin() as standin:
        yield standin
        assert standin.violations == []


@pytest.fixture
async def paperboy(
    tmp_path: Path, discord: DiscordStandin, clock: SetClock, arxiv: ListedSource
) -> AsyncIterator[Paperboy]:
    """Paperboy, served to the local Discord."""
    async with paperboy_on(discord, tmp_path, clock, arxiv) as running:
        yield running
