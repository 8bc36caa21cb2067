"""A process that is killed in the midst of its statements."""

from __future__ import annotations

import signal
import subprocess
import sys

from tests.environment import ROOT

_SCRIPT = """
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

database = Database(sys.argv[1])
"""


def kill_at(statement: int, url: str, work: str) -> None:
    """Let a process do `work`, Python on a `database`, and kill it when it has run so many statements."""
    command = [sys.executable, "-c", _SCRIPT + work, url, str(statement)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
