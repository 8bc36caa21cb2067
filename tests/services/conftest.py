"""A courier's clock and store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.apps import SetClock
from tests.databases import sqlite_in
from tests.storage.making import NOW


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW.replace(tzinfo=None).isoformat())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_in(tmp_path))
    yield database
    database.close()
