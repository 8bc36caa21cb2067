"""Killing a worker from outside, while its request is on the way, or holding that up."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import timedelta

from aiohttp import web

from bot.delivery.retry import LEASE
from tests.chaos.api import Handler
from tests.chaos.processes import Process

REQUEST_LOST, ANSWER_LOST = "request sent, not arrived", "effect without answer"
LATER = LEASE + timedelta(seconds=1)
"""How far the clock of who takes over is ahead."""


class Killer:
    """Kills a process while its post is on the way, before or after it had its effect."""

    def __init__(self, point: str) -> None:
        self.point = point
        self.victim: Process | subprocess.Popen[str] | None = None

    async def __call__(self, post: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer; the first post is the last thing that the victim does."""
        if not (post and self.victim and self.point in {REQUEST_LOST, ANSWER_LOST}):
            return await handler(request)
        victim, self.victim = self.victim, None
        answer = web.Response() if self.point == REQUEST_LOST else await handler(request)
        victim.kill()
        return answer


class HeldUp:
    """The first post arrives only when it is let go."""

    def __init__(self) -> None:
        self.sent, self.let_go = asyncio.Event(), asyncio.Event()

    async def __call__(self, post: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer, the first post after a while."""
        if post and not self.sent.is_set():
            self.sent.set()
            await self.let_go.wait()
        return await handler(request)
