"""Refused requests are counted: an address with 10,000 of them in ten minutes is blocked by Discord.

https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace

import aiohttp

from bot.errors import DeliveryError

INVALID = frozenset({401, 403, 429})
SECONDS = 600.0
MOST = 2_500
"""A quarter of what Discord allows, as other processes may stand behind the same address."""


class InvalidRequests:
    """The refused requests of this process within the last ten minutes."""

    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._seen: deque[float] = deque(maxlen=most)

    def trace_config(self) -> aiohttp.TraceConfig:
        """What makes an aiohttp session count its answers here."""
        config = aiohttp.TraceConfig()
        config.on_request_end.append(self._on_request_end)
        return config

    def count_answer(self, status: int, scope: str = "") -> None:
        """An answer has come; a limit that is shared with others (`scope`) does not count."""
        if status in INVALID and scope != "shared":
            self._seen.append(self._clock())

    def check_budget(self) -> None:
        """Raise the DeliveryError that says how long to wait, where too many were refused."""
        if len(self._seen) == self._most and (left := self._seen[0] + SECONDS - self._clock()) > 0:
            raise DeliveryError(
                f"Discord refused {self._most:,} requests within ten minutes.",
                "`paperboy doctor` looks for the reason.",
                permanent=False,
                retry_after=left,
            )

    async def _on_request_end(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams
    ) -> None:
        self.count_answer(end.response.status, end.response.headers.get("X-RateLimit-Scope", ""))
