"""Who is an admin, and who is in which channels."""

from __future__ import annotations

import time

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.faults import NETWORK

SECONDS = 300
MOST = 10_000
KINDS = "public_channel,private_channel"
PAGE, MOST_PAGES = 200, 10
"""Channels of one answer: https://docs.slack.dev/reference/methods/users.conversations"""

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

    async def channels_of(self, client: AsyncWebClient, user: str) -> list[str] | None:
        """The channels that `user` is in, of private ones those where Paperboy is too; None where Slack does
        not say, as without the scopes channels:read and groups:read.
        """
        found: list[str] = []
        cursor = None
        try:
            for _ in range(MOST_PAGES):
                page = await client.users_conversations(
                    user=user, types=KINDS, exclude_archived=False, limit=PAGE, cursor=cursor
                )
                found += [str(one["id"]) for one in page.get("channels") or ()]
                cursor = (page.get("response_metadata") or {}).get("next_cursor")
                if not cursor:
                    break
        except (SlackApiError, *NETWORK) as error:
            log.info("cannot tell who is in which channels", problem=type(error).__name__)
            return None
        return found
