"""The temporary files of the tests in memory where there is room: a database on a disk waits for the disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder below it is made by mkdtemp
_ROOM = 4 << 30
"""Bytes that have to be free: a run takes less than 1 GB, and others use the machine too."""
_PREFIX = "paperboy-tests-"


def use_memory() -> Path | None:
    """Put temporary files, of this process and of those it starts, into memory; None where there is no room.

    Folders of runs that were killed are removed first.
    """
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _ROOM:
        return None
    for left in _MEMORY.glob(f"{_PREFIX}*"):
        owner = left.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdecimal() and not Path("/proc", owner).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_MEMORY))
    # PostgreSQL runs as another user where the tests are root's, and has to get through.
    folder.chmod(0o711)
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    return folder
