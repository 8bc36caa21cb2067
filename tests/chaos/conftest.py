"""Processes, and a database of each kind, for each crash test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.processes import Processes, running
from tests.databases import ENGINES, new_database, sqlite_in


@pytest.fixture
def processes() -> Iterator[Processes]:
    """Processes that end with the test."""
    with running() as started:
        yield started


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file of its own."""
    return sqlite_in(tmp_path)


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of its own, of each kind."""
    with new_database(request.param, request, tmp_path) as url:
        yield url
