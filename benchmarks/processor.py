"""Time of the processor, for figures that hold on a busy machine."""

from __future__ import annotations

import os
import time
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

_TICKS = os.sysconf("SC_CLK_TCK")
_NANO = 1e-9


class Processor:
    """Seconds of the processor for this process and, on PostgreSQL, for all processes of the server.

    What the server's processes took is read where Linux tells of it, so the server has to run here:
    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html,
    https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat.
    """

    def __init__(self, url: str) -> None:
        self._server = _postmaster(url) if make_url(url).get_backend_name() == "postgresql" else None

    def __call__(self) -> float:
        """So far."""
        own = time.process_time()
        return own if self._server is None else own + _seconds(self._server)


def _postmaster(url: str) -> Path:
    """The server's first process, of which all others are children."""
    engine = create_engine(url)
    with engine.connect() as connection:
        folder = Path(connection.execute(text("SHOW data_directory")).scalar_one())
    engine.dispose()
    return Path("/proc", (folder / "postmaster.pid").read_text().partition("\n")[0])


def _seconds(process: Path) -> float:
    """Of a process with its children: those that run, and those that have ended."""
    children = (process / "task" / process.name / "children").read_text().split()
    running = sum(_nanoseconds(one) for one in (process.name, *children)) * _NANO
    after_name = (process / "stat").read_text().rpartition(")")[2].split()
    ended = sum(int(ticks) for ticks in after_name[13:15]) / _TICKS
    return running + ended


def _nanoseconds(process: str) -> int:
    try:
        return int(Path("/proc", process, "schedstat").read_text().split()[0])
    except FileNotFoundError:
        return 0
