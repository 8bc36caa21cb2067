"""`/healthz`: whether the process answers and its database does."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

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
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise _cannot_listen(host, port, error) from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _cannot_listen(host: str, port: int, error: OSError) -> PaperboyError:
    problem = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be listened on: {error.strerror}"
    return PaperboyError(
        f"{host}:{port} {problem}.", "Set PAPERBOY_HEALTH_PORT to another port, or to 0 for no health page."
    )
