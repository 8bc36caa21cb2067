"""`paperboy db import` killed in the middle: nothing is stored, and the next one finds a new database."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.export_import import moved_tables
from tests.chaos.processes import Processes, ended
from tests.storage.making import a_paper, ingest

PAPERS = 1500
"""More than are inserted at once."""


def load_and_die(url: str, lines: list[str], after: int) -> None:
    """The process: it is killed when it asks for what comes after so many lines."""

    def told() -> Iterator[str]:
        yield from lines[:after]
        os.kill(os.getpid(), signal.SIGKILL)

    list(Database(url).load(told()))


@pytest.mark.parametrize("part", [0.5, 1.0])
async def test_a_killed_import_leaves_nothing(
    database_url: str, processes: Processes, tmp_path: Path, part: float
) -> None:
    source, target, lines = Database(f"sqlite:///{tmp_path}/source.db"), Database(database_url), list[str]()
    source.upgrade()
    ingest(source, *(a_paper(f"2503.{number:05}") for number in range(PAPERS)))
    told = list(source.export(lines.append))
    source.close()

    dying = processes.start(load_and_die, database_url, lines, int(len(lines) * part))
    assert await ended(dying) == -signal.SIGKILL
    with target.read() as tx:
        assert tx.papers.count_papers() == 0
    assert list(target.load(lines)) == told
    assert len(told) == len(moved_tables())
    target.close()
