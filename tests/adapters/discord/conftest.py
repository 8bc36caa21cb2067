"""The local Discord of the tests here, which must have nothing to complain of at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.apps import ListedSource, batch, paper
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
