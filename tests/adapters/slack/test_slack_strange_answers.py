"""Answers of what stands before Slack: pages instead of JSON, and every kind of `Retry-After`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from adapters.slack.places import NAME
from adapters.slack.platform import SlackPlatform
from adapters.slack.workspaces import OneWorkspace
from bot.errors import DeliveryError
from bot.messages.blocks import Message
from bot.services.post_message import post_message
from tests.chaos.api import Chats, Handler

DIGEST = Message("1 paper")
PAGE = "<html><body>Bad gateway</body></html>"


class Proxy:
    """Answers the first post by itself, once it has arrived or instead of that."""

    def __init__(self, status: int, kind: str, wait: str, *, arrives: bool) -> None:
        self.status, self.kind, self.wait, self.arrives = status, kind, wait, arrives
        self.posts = 0

    async def __call__(self, post: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer; a `Meddle`."""
        self.posts += bool(post)
        if not post or self.posts > 1:
            return await handler(request)
        if self.arrives:
            await handler(request)
        headers = {"Retry-After": self.wait} if self.wait else {}
        return web.Response(status=self.status, text=PAGE, content_type=self.kind, headers=headers)


def platform_of(chats: Chats) -> SlackPlatform:
    """Slack, as a worker reaches it."""
    door = chats.doors[NAME]
    return SlackPlatform(OneWorkspace(door.url, door.token).client, pause=0)


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
@pytest.mark.parametrize("status", [200, 502])
async def test_a_page_in_the_place_of_an_answer_is_a_lost_answer(status: int, kind: str) -> None:
    async with Chats(Proxy(status, kind, "", arrives=True)) as chats:
        [address] = chats.channels(NAME, 1)
        await post_message(platform_of(chats), address, DIGEST, "paperboy-1")
        assert chats.posted() == {(address, "paperboy-1"): 1}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("wait", "seconds"),
    [("17", (17, 17)), ("date", (280, 300)), ("9" * 400, (86_400, 86_400)), ("-5", None), ("soon", None)],
)
async def test_the_time_that_is_asked_for_is_kept(
    status: int, wait: str, seconds: tuple[float, float] | None
) -> None:
    if wait == "date":
        wait = format_datetime(datetime.now(UTC) + timedelta(seconds=300), usegmt=True)
    async with Chats(Proxy(status, "text/html", wait, arrives=False)) as chats:
        [address] = chats.channels(NAME, 1)
        with pytest.raises(DeliveryError) as caught:
            await post_message(platform_of(chats), address, DIGEST, "paperboy-1")
    told = caught.value.retry_after
    if seconds is None:
        assert told == (30 if status == 429 else None)
    else:
        assert told is not None
        assert seconds[0] <= told <= seconds[1]
