"""The local Slack of the tests here, which must have nothing to complain of at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.bootstrap import App
from tests.adapters.slack.slack_app import served
from tests.standins.slack import SlackStandin


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    """A Slack to which every payload must be right; a test that means to be refused clears `violations`."""
    async with SlackStandin() as standin:
        yield standin
        assert standin.violations == []


@pytest.fixture
async def app(slack: SlackStandin, tmp_path: Path) -> AsyncIterator[App]:
    """Paperboy with eight papers about agents, in Socket Mode."""
    async with served(slack, tmp_path) as one:
        yield one
