"""`paperboy` in a folder of its own, empty or with three papers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.command import Paperboy, write_papers


@pytest.fixture
def paperboy(tmp_path: Path) -> Paperboy:
    return Paperboy(tmp_path)


@pytest.fixture(scope="session")
def three_papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `paperboy ingest` leaves in a folder."""
    paperboy = Paperboy(tmp_path_factory.mktemp("stocked"))
    write_papers(paperboy.folder / "papers.jsonl")
    done = paperboy("ingest", "--file", "papers.jsonl", "--source", "club")
    assert done.returncode == 0, done.stderr
    return paperboy.folder


@pytest.fixture
def stocked(paperboy: Paperboy, three_papers: Path) -> Paperboy:
    """A folder of its own with three papers, copied, as a process for each test takes long."""
    shutil.copytree(three_papers, paperboy.folder, dirs_exist_ok=True)
    return paperboy
