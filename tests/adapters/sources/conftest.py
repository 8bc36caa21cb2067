"""The sources, served on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.adapters.sources.arxiv_served import DAY
from tests.standins.sources import SourcesStandin


@pytest.fixture
async def standin() -> AsyncIterator[SourcesStandin]:
    async with SourcesStandin() as served:
        served.set_day(DAY)
        yield served
