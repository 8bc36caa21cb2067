"""`paperboy run` as an admin starts it: a real process, and its end."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path

from tests.environment import environment


async def started(folder: Path, *arguments: str, **settings: str) -> Process:
    """The process, in a folder."""
    command, env = [sys.executable, "-m", "bot", "run", *arguments], environment(**settings)
    return await asyncio.create_subprocess_exec(*command, cwd=folder, env=env, stdout=PIPE, stderr=STDOUT)


async def refused(process: Process) -> str:
    """What a process said that ends by itself, as its settings cannot be used."""
    return await _said(process, 2)


async def stopped(process: Process) -> str:
    """Tell a process to stop; what it said."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    return await _said(process, 0)


async def _said(process: Process, code: int) -> str:
    async with asyncio.timeout(40):
        said, _ = await process.communicate()
    assert process.returncode == code, said.decode()
    assert b"Traceback" not in said, said.decode()
    return said.decode()
