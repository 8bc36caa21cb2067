"""Waiting for what happens after an acknowledgement."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def eventually(true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Look again and again until something holds. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for is any condition
            await asyncio.sleep(0.02)
