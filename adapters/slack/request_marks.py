"""Which requests had their effect: none has it twice, whichever process they come to."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog

from bot.errors import StorageError
from bot.ports.clock import Clock
from bot.ports.store import Store

KEPT = timedelta(minutes=11)
"""A signature from 300 s ahead is good for 600 s. Slack repeats an event up to five minutes later."""
REMEMBERED = 10_000
"""Requests that this process remembers by itself; the database remembers all of `KEPT`."""
_KIND = "slack request"

log = structlog.get_logger()


class Once:
    """Remembers requests: the latest in memory, all in the database, so that replicas and restarts know."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._waiting: list[tuple[str, asyncio.Future[bool | None]]] = []
        self._writing: asyncio.Task[None] | None = None
        # Its own: the threads of the event loop are busy answering while new requests wait here.
        self._thread = ThreadPoolExecutor(1, "slack-requests")

    async def is_first(self, key: str, seconds: float | None = None) -> bool | None:
        """Whether this request is here for the first time.

        None where the database does not say so within `seconds`, or cannot be used: then this process's own
        memory does not know it.
        """
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        answer: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_mark())
        done, _ = await asyncio.wait([answer], timeout=seconds)
        if not done:
            log.warning("the database is busy, so a repeated Slack request is known to this process alone")
            return None
        return answer.result()

    async def forget_key(self, key: str) -> None:
        """Let a request come again, since it had no effect."""
        self._seen.pop(key, None)
        await asyncio.get_running_loop().run_in_executor(self._thread, self._take_mark, key)

    async def _write_mark(self) -> None:
        """Write what waits, all that came meanwhile in one transaction: each costs a wait for the disk."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            firsts: Sequence[bool | None] = [None] * len(batch)
            try:
                firsts = await loop.run_in_executor(self._thread, self._add_mark, [key for key, _ in batch])
            except Exception:  # whatever it was, those that wait here must be answered, or they wait for ever
                log.exception("Slack requests could not be remembered")
            for (_, answer), first in zip(batch, firsts, strict=True):
                answer.set_result(first)

    def _add_mark(self, keys: Sequence[str]) -> list[bool] | list[None]:
        now = self._clock()
        try:
            with self._store.begin() as tx:
                return [tx.marks.add(_KIND, key, now, now + KEPT) for key in keys]
        except StorageError as error:
            log.warning("Slack requests could not be remembered", problem=str(error))
            return [None for _ in keys]

    def _take_mark(self, key: str) -> None:
        try:
            with self._store.begin() as tx:
                tx.marks.take(_KIND, key, self._clock())
        except StorageError as error:
            log.warning("a Slack request could not be forgotten", problem=str(error))
