"""Socket Mode: Slack's events over a WebSocket that Paperboy opens, so that it needs no public address."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from adapters.slack.faults import NETWORK, code_of
from adapters.slack.workspaces import web_client
from bot.errors import SettingsError

FIRST_SECONDS = 10
"""How long a start waits for the socket before it goes on without, to be connected later."""

log = structlog.get_logger()


@asynccontextmanager
async def socket_mode(app: AsyncApp, app_token: str, api_url: str) -> AsyncIterator[None]:
    """Keep a socket open while the block is; where Slack cannot be reached the SDK tries again and again.

    Raises SettingsError where Slack refuses the token.
    """
    await _check_token(app_token, api_url)
    handler = AsyncSocketModeHandler(app, app_token, logger=_quiet_logger(), web_client=web_client(api_url))
    client = handler.client
    connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]
    try:
        done, _ = await asyncio.wait({connecting}, timeout=FIRST_SECONDS)
        if not done:
            log.warning("Slack cannot be reached yet")
        yield
    finally:
        connecting.cancel()
        with suppress(asyncio.CancelledError, *NETWORK):
            await connecting
        await client.close()  # type: ignore[no-untyped-call]


async def _check_token(app_token: str, api_url: str) -> None:
    """The SDK would try a refused token for ever."""
    try:
        await web_client(api_url, patient=True).apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        if code := code_of(error):
            hint = "Make an app-level token with the scope connections:write."
            raise SettingsError(f"Slack refuses SLACK_APP_TOKEN ({code}).", hint) from error
    except NETWORK as error:
        log.warning("Slack did not answer", problem=type(error).__name__)


def _quiet_logger() -> logging.Logger:
    """The socket's logger: it reports each lost connection as an error, with its traceback."""
    found = logging.getLogger("slack.socket")
    found.setLevel(logging.CRITICAL)
    return found
