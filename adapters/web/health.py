"""`/healthz`: whether the process answers and its database does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from adapters.web.server import served
from bot.errors import PaperboyError


@asynccontextmanager
async def health_page(host: str, port: int, check: Callable[[], None]) -> AsyncIterator[int]:
    """Serve `/healthz` while the block is open; yields the port, which the system chooses for port 0.

    200 `ok`, or 503 with the problem that `check` raised as a PaperboyError. Raises PaperboyError where the
    address cannot be listened on.
    """

    async def healthz(_request: web.Request) -> web.Response:
        try:
            await asyncio.to_thread(check)
        except PaperboyError as error:
            return web.Response(status=503, text=f"{error}\n")
        return web.Response(text="ok\n")

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    mend = "Set PAPERBOY_HEALTH_PORT to another port, or to 0 for no health page."
    async with served(app, host, port, mend) as listening:
        yield listening
