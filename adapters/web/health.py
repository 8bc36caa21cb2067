"""What a process says of itself: `/healthz` alive, `/readyz` able to work, `/metrics` for Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from adapters.web.server import serve_pages
from bot.errors import PaperboyError


@asynccontextmanager
async def health_page(
    host: str, port: int, ready: Callable[[], None], metrics: Callable[[], bytes]
) -> AsyncIterator[int]:
    """Serve the pages while the block is open; yields the port, which the system chooses for port 0.

    `/healthz` answers 200 as long as the process does. `/readyz` and `/metrics` answer 503 with the problem
    that `ready` or `metrics` raised as a PaperboyError. Raises PaperboyError where the address cannot be
    listened on.
    """

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_request: web.Request) -> web.Response:
        try:
            await asyncio.to_thread(ready)
        except PaperboyError as error:
            return web.Response(status=503, text=f"{error}\n")
        return web.Response(text="ok\n")

    async def metrics_(_request: web.Request) -> web.Response:
        try:
            body = await asyncio.to_thread(metrics)
        except PaperboyError as error:
            return web.Response(status=503, text=f"{error}\n")
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics_)
    hint = "Set PAPERBOY_HEALTH_PORT to another port, or to 0 for no health page."
    async with serve_pages(app, host, port, hint) as listening:
        yield listening
