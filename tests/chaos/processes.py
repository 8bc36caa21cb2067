"""Real processes for tests of crashes: forked from a server that has the imports, ended whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from typing import Any

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.chaos.worker", "tests.chaos.api"])

Process = ForkServerProcess
pipe = _CONTEXT.Pipe


class Processes:
    """Starts processes; all of them end with the block of `running`."""

    def __init__(self) -> None:
        self._started: list[Process] = []

    def start(self, work: Callable[..., object], *arguments: Any) -> Process:
        """A process that calls `work`, a function of a module."""
        process = _CONTEXT.Process(target=work, args=arguments, daemon=True)
        process.start()
        self._started.append(process)
        return process

    def end(self) -> None:
        """Kill what still runs, also where it is stopped."""
        for process in self._started:
            if process.is_alive():
                process.kill()
        for process in self._started:
            process.join(10)


@contextmanager
def running() -> Iterator[Processes]:
    """Processes, all of which end with the block."""
    processes = Processes()
    try:
        yield processes
    finally:
        processes.end()


async def ended(process: Process) -> int | None:
    """The exit code of a process, once it has ended, or None after half a minute."""
    await asyncio.to_thread(process.join, 30)
    return process.exitcode
