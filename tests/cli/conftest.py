"""`paperboy` in a folder of its own, empty or with three papers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import Paperboy, write_papers
from tests.cli.forking import Forks, forks


@pytest.fixture(scope="session")
def forking() -> Iterator[Forks]:
    """What forks commands, for all tests of this process."""
    with forks() as server:
        yield server


@pytest.fixture
def paperboy(tmp_path: Path, forking: Forks) -> Paperboy:
    return Paperboy(tmp_path, forking)


@pytest.fixture(scope="session")
def three_papers(tmp_path_factory: pytest.TempPathFactory, forking: Forks) -> Path:
    """What `paperboy ingest` leaves in a folder."""
    paperboy = Paperboy(tmp_path_factory.mktemp("stocked"), forking)
    write_papers(paperboy.folder / "papers.jsonl")
    done = paperboy.anew("ingest", "--file", "papers.jsonl", "--source", "club")
    assert done.returncode == 0, done.stderr
    return paperboy.folder


@pytest.fixture
def stocked(paperboy: Paperboy, three_papers: Path) -> Paperboy:
    """A folder of its own with three papers, copied, as ingesting them for each test takes long."""
    shutil.copytree(three_papers, paperboy.folder, dirs_exist_ok=True)
    return paperboy
