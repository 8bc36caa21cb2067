"""Slack's clients: one a workspace, each with its token, none of which posts twice by itself."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.faults import NETWORK, code_of
from bot.errors import SettingsError

Clients = Callable[[str], Awaitable[AsyncWebClient]]
"""The client of a workspace. Raises DeliveryError where Paperboy is not installed there."""

Authorize = Callable[..., Awaitable[Any]]
"""Whose request it is, for bolt: an AuthorizeResult."""

TIMEOUT_SECONDS = 30
"""Of one request: less than half of a delivery's lease."""


def logger() -> logging.Logger:
    """The SDK's logger, which below errors writes bodies and payloads."""
    found = logging.getLogger("slack")
    found.setLevel(logging.ERROR)
    return found


def web_client(api_url: str, token: str = "", *, patient: bool = False) -> AsyncWebClient:
    """A client that repeats nothing; a `patient` one waits and repeats where Slack asks to slow down.

    The SDK's own handler repeats a post whose connection broke, and so posts it twice.
    """
    handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=2)] if patient else []
    return AsyncWebClient(
        token=token or None,
        base_url=api_url,
        timeout=TIMEOUT_SECONDS,
        retry_handlers=list(handlers),
        logger=logger(),
    )


class OneWorkspace:
    """The workspace of `SLACK_BOT_TOKEN`."""

    def __init__(self, api_url: str, token: str) -> None:
        self._api_url = api_url
        self._token = token
        self._known: AuthorizeResult | None = None

    async def client(self, workspace: str) -> AsyncWebClient:  # noqa: ARG002 - there is one
        """The client of the one workspace."""
        return web_client(self._api_url, self._token)

    async def check_token(self) -> None:
        """Raise SettingsError where Slack refuses the token; silence from Slack is no refusal."""
        try:
            await self.fetch_identity()
        except SlackApiError as error:
            if code := code_of(error):
                hint = "Copy the Bot User OAuth Token (xoxb-…); install the app again if it is new."
                raise SettingsError(f"Slack refuses SLACK_BOT_TOKEN ({code}).", hint) from error
        except NETWORK:
            return

    @property
    def authorize(self) -> Authorize:
        """What bolt calls for every request: who we are, asked once."""

        # Bolt looks at the parameters, and cannot call a method.
        async def find_workspace() -> AuthorizeResult:
            return await self.fetch_identity()

        return find_workspace

    async def fetch_identity(self) -> AuthorizeResult:
        """Who we are, asked once. Raises SlackApiError, or the network's error."""
        if self._known is None:
            told = await web_client(self._api_url, self._token, patient=True).auth_test()
            self._known = AuthorizeResult(
                enterprise_id=told.get("enterprise_id"),
                team_id=told.get("team_id"),
                bot_id=told.get("bot_id"),
                bot_user_id=told.get("user_id"),
                bot_token=self._token,
                bot_scopes=told.headers.get("x-oauth-scopes", ""),
            )
        return self._known
