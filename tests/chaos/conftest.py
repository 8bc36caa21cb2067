"""A database of each kind for each crash test, copied, as making it would take most of the time."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.chaos.processes import Processes, running
from tests.databases import ENGINES, Server


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


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with Paperboy's schema."""
    path = tmp_path_factory.mktemp("template") / "papers.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, template: Path) -> str:
    """A SQLite file of its own."""
    return f"sqlite:///{shutil.copy(template, tmp_path / 'papers.db')}"


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of its own, of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.database() as url:
        yield url
