"""Threads share a database, and processes its file."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from storage.database import Database
from tests.databases import contents
from tests.storage.making import NOW, a_channel, a_digest, a_paper, ingest

ROOT = Path(__file__).resolve().parents[2]
COUNT_UP = """
import sys
from dataclasses import replace
from storage.database import Database

database = Database(sys.argv[1])
database.upgrade()
for _ in range(int(sys.argv[2])):
    with database.begin() as tx:
        channel = tx.channels.by_id(1)
        tx.channels.save(replace(channel, limit=channel.limit + 1))
"""
KILLED_AT = """
import os, signal, sys
from sqlalchemy import Engine, event
from storage.database import Database
from tests.storage.making import a_paper, ingest

told = 0

@event.listens_for(Engine, "after_cursor_execute")
def count(*_):
    global told
    told += 1
    if told == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

ingest(Database(sys.argv[1]), a_paper("2502.00001"), a_paper("2502.00002"))
"""
UPGRADE = "import sys; from storage.database import Database; Database(sys.argv[1]).upgrade()"


def run_at_once(script: str, processes: int, *arguments: str) -> None:
    """Run so many Python processes at once; each must end well."""
    command = [sys.executable, "-c", script, *arguments]
    running = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    for process in running:
        _, errors = process.communicate(timeout=50)
        assert process.returncode == 0, errors


def test_processes_read_and_write_without_losing_a_change(store: Database, database_url: str) -> None:
    channel = a_channel(store)
    run_at_once(COUNT_UP, 3, database_url, "60")

    with store.begin() as tx:
        assert tx.channels.by_id(channel.id) == replace(channel, limit=channel.limit + 180)


def test_processes_may_make_the_database_at_once(empty_url: str) -> None:
    run_at_once(UPGRADE, 3, empty_url)

    database = Database(empty_url)
    database.check()
    database.close()


@pytest.mark.parametrize("statement", [3, 5, 6, 8])
def test_a_process_that_is_killed_leaves_half_a_batch_nowhere(
    store: Database, database_url: str, statement: int
) -> None:
    before = contents(database_url)
    command = [sys.executable, "-c", KILLED_AT, database_url, str(statement)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL

    assert contents(database_url) == before
    assert ingest(store, a_paper("2502.00001"), a_paper("2502.00002")).new == 2


def test_threads_claim_each_delivery_once(store: Database) -> None:
    for number in range(60):
        channel = a_channel(store, str(number))
        with store.begin() as tx:
            tx.digests.plan(a_digest(channel), channel)

    def work(_worker: int) -> list[int]:
        mine: list[int] = []
        while True:
            with store.begin() as tx:
                claimed = tx.outbox.claim(NOW, NOW + timedelta(minutes=2), 3)
            if not claimed:
                return mine
            mine += [delivery.id for delivery, _ in claimed]

    with ThreadPoolExecutor(8) as pool:
        ids = [number for mine in pool.map(work, range(8)) for number in mine]

    assert sorted(ids) == sorted(set(ids))
    assert len(ids) == 60
