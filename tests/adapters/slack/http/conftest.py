"""HTTP mode on a database of its own, over an app that counts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.adapters.slack.http_app import Counting, counting
from tests.databases import sqlite_in
from tests.standins.slack import SlackStandin


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_in(tmp_path), lock_seconds=5)
    yield database
    database.close()


@pytest.fixture
async def app(slack: SlackStandin, database: Database) -> AsyncIterator[Counting]:
    async with counting(slack, database) as app:
        yield app
