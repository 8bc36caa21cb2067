"""The local Slack of the tests here, which must have nothing to complain of at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.standins.slack import SlackStandin


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    """A Slack to which every payload must be right; a test that means to be refused clears `violations`."""
    async with SlackStandin() as standin:
        yield standin
        assert standin.violations == []
