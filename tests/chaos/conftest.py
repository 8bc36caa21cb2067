"""Processes, and a database of each kind, for each crash test."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
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
def seed(record_property: Callable[[str, object], None]) -> int:
    """A new seed, which the end of the run prints."""
    number = random.SystemRandom().randrange(1 << 32)
    record_property("seed", number)
    return number


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file of its own."""
    return sqlite_in(tmp_path)


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of its own, of each kind."""
    with new_database(request.param, request, tmp_path) as url:
        yield url
