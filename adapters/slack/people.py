"""Who is an admin."""

from __future__ import annotations

import time

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.faults import NETWORK

SECONDS = 300
MOST = 10_000

log = structlog.get_logger()


class People:
    """What Slack tells of people, remembered for five minutes."""

    def __init__(self) -> None:
        self._admins: dict[tuple[str, str], tuple[float, bool]] = {}

    async def is_admin(self, client: AsyncWebClient, workspace: str, user: str) -> bool:
        """Whether `user` is an admin or owner of the workspace; False where Slack does not say."""
        now = time.monotonic()
        known = self._admins.get((workspace, user))
        if known and now - known[0] < SECONDS:
            return known[1]
        try:
            told = (await client.users_info(user=user)).get("user") or {}
        except (SlackApiError, *NETWORK) as error:
            log.warning("cannot tell who is an admin", problem=type(error).__name__)
            return False
        if len(self._admins) >= MOST:
            self._admins.clear()
        found = bool(told.get("is_admin") or told.get("is_owner"))
        self._admins[workspace, user] = (now, found)
        return found
