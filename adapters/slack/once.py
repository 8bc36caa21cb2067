"""Which requests had their effect: none has it twice, whichever process they come to."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import timedelta

import structlog

from bot.errors import StorageError
from bot.ports import Clock, Store

KEPT = timedelta(minutes=11)
"""A signature from 300 s ahead is good for 600 s. Slack repeats an event up to five minutes later."""
REMEMBERED = 10_000
"""Requests that this process remembers by itself; the database remembers all of `KEPT`."""
PATIENCE = 1.5
"""Seconds. Slack waits 3 for the answer, so a database that is busy longer is not waited for."""
_KIND = "slack request"

log = structlog.get_logger()


class Once:
    """Remembers requests: the latest in memory, all in the database, so that replicas and restarts know."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._seen: OrderedDict[str, None] = OrderedDict()

    async def first(self, key: str) -> bool:
        """Whether this request is here for the first time.

        While the database is locked or does not answer, this process's own memory decides.
        """
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        adding = asyncio.create_task(asyncio.to_thread(self._add, key))
        done, _ = await asyncio.wait([adding], timeout=PATIENCE)
        if not done:
            log.warning("the database is busy, so a repeated Slack request is known to this process alone")
            return True
        return adding.result()

    async def forget(self, key: str) -> None:
        """Let a request come again, since it had no effect."""
        self._seen.pop(key, None)
        await asyncio.to_thread(self._take, key)

    def _add(self, key: str) -> bool:
        now = self._clock()
        try:
            with self._store.begin() as tx:
                return tx.marks.add(_KIND, key, now, now + KEPT)
        except StorageError as error:
            log.warning("a Slack request could not be remembered", problem=str(error))
            return True

    def _take(self, key: str) -> None:
        try:
            with self._store.begin() as tx:
                tx.marks.take(_KIND, key, self._clock())
        except StorageError as error:
            log.warning("a Slack request could not be forgotten", problem=str(error))
