"""A database for each crash test, copied, as most of the time would go into making it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storage.database import Database


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


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url
