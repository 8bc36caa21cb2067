"""A web server on an address of this machine."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.errors import PaperboyError


@asynccontextmanager
async def serve_pages(app: web.Application, host: str, port: int, hint: str) -> AsyncIterator[int]:
    """Serve `app` while the block is open; yields the port, which the system chooses for port 0.

    Compressed bodies are handed on as they came. Raises PaperboyError, with `hint`, where the address cannot
    be listened on.
    """
    runner = web.AppRunner(app, access_log=None, auto_decompress=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise _cannot_listen(host, port, error, hint) from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _cannot_listen(host: str, port: int, error: OSError, hint: str) -> PaperboyError:
    problem = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be listened on: {error.strerror}"
    return PaperboyError(f"{host}:{port} {problem}.", hint)
