"""HTTP mode over a bolt app that counts what reaches it, on a real database and a real port."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.http_mode import Address, http_mode
from adapters.slack.request_marks import Once
from storage.database import Database
from tests.standins.slack import SlackStandin

SECRET = "test-signing-secret"  # noqa: S105
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
COMMAND = urlencode({"command": "/papers", "text": "agents", "team_id": "T0LAB", "user_id": "U0ANN"})


@dataclass
class Counting:
    """HTTP mode at `url`; `effects` is what bolt's listeners were called with."""

    url: str
    once: Once
    effects: list[str] = field(default_factory=list)


async def settled() -> None:
    """Wait until all that was acknowledged has had its effect."""
    acts = [
        task
        for task in asyncio.all_tasks()
        if "_Door._carry_out" in getattr(task.get_coro(), "__qualname__", "")
    ]
    await asyncio.gather(*acts)


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def counting(slack: SlackStandin, database: Database) -> AsyncIterator[Counting]:
    """Serve while the block is open."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.url)
    app = AsyncApp(client=client, request_verification_enabled=False)
    found = Counting("", Once(database, utc_now))

    @app.command("/papers")
    async def _command(ack: Any, body: dict[str, Any]) -> None:
        found.effects.append(body["text"])
        await ack(body["text"])

    @app.event("app_home_opened")
    async def _home(event: dict[str, Any]) -> None:
        found.effects.append(event["user"])

    @app.action("go")
    async def _action(ack: Any) -> None:
        found.effects.append("go")
        await ack()

    async with http_mode(app, slack.signing_secret, found.once, Address("127.0.0.1", 0)) as port:
        found.url = f"http://127.0.0.1:{port}/slack/events"
        slack.through(found.url)
        yield found


def signed(
    body: str | bytes, kind: str = FORM, *, at: float = 0.0, secret: str = SECRET, **more: str
) -> dict[str, str]:
    """Headers as Slack makes them; `at` is in seconds from now."""
    stamp = str(int(time.time() + at))
    data = body.encode() if isinstance(body, str) else body
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + data, hashlib.sha256).hexdigest()
    base = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
    return base | {name.replace("_", "-"): value for name, value in more.items()}


async def posted(url: str, body: bytes | str, headers: dict[str, str]) -> tuple[int, str]:
    """The status and text of the answer."""
    data = io.BytesIO(body if isinstance(body, bytes) else body.encode())
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.post(url, data=data, headers=headers, skip_auto_headers=["Content-Type"]) as answer,
    ):
        return answer.status, await answer.text()
