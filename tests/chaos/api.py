"""The chat platforms of the crash tests: the stand-ins, with something that meddles with their requests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Self

from aiohttp import web

from adapters.discord.places import NAME as DISCORD
from adapters.discord.places import address_of as discord_address
from adapters.slack.places import NAME as SLACK
from adapters.slack.places import address_of as slack_address
from adapters.slack.places import channel_of
from bot.channels.channel import Address
from tests.standins.discord_standin import POST, DiscordStandin
from tests.standins.slack import SlackStandin

TEAMS = 10
"""Slack workspaces over which channels are spread."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Meddle = Callable[[str, web.Request, Handler], Awaitable[web.StreamResponse]]
"""Answers a request, by the handler or otherwise. It is told the platform, "" for what is no post."""


async def leave_alone(_post: str, request: web.Request, handler: Handler) -> web.StreamResponse:
    """No meddling."""
    return await handler(request)


def too_many(platform: str, seconds: int) -> web.Response:
    """The platform asks to slow down."""
    headers = {"Retry-After": str(seconds), "Via": "1.1 google"}
    if platform == SLACK:
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
    body = json.dumps({"message": "You are being rate limited.", "retry_after": seconds, "global": False})
    return web.Response(text=body, content_type="application/json", status=429, headers=headers)


class _Slack(SlackStandin):
    meddle: Meddle = staticmethod(leave_alone)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        post = SLACK if request.match_info["method"] == "chat.postMessage" else ""
        return await self.meddle(post, request, super()._api)


class _Discord(DiscordStandin):
    meddle: Meddle = staticmethod(leave_alone)

    async def _serve(self, route: str, request: web.Request) -> web.StreamResponse:
        post = DISCORD if route == POST else ""
        return await self.meddle(post, request, partial(super()._serve, route))


@dataclass(frozen=True, slots=True)
class Door:
    """How a worker reaches a platform."""

    url: str
    token: str


class Chats:
    """Both platforms on loopback, with channels to post to. What stands there nobody but they can say."""

    def __init__(self, meddle: Meddle = leave_alone) -> None:
        self._slack, self._discord = _Slack(checking=False), _Discord(checking=False)
        self._slack.meddle = self._discord.meddle = meddle
        self._teams: dict[str, str] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._slack)
        await self._stack.enter_async_context(self._discord)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def doors(self) -> dict[str, Door]:
        """By platform."""
        return {
            SLACK: Door(self._slack.url, self._slack.bot_token),
            DISCORD: Door(self._discord.url, self._discord.token),
        }

    def slack_tokens(self, number: int) -> list[str]:
        """So many tokens, each as good as that of Slack's door."""
        tokens = [f"{self._slack.bot_token}-{count}" for count in range(number)]
        self._slack.workspaces |= dict.fromkeys(tokens, self._slack.space)
        return tokens

    def channels(self, platform: str, number: int) -> list[Address]:
        """So many new channels."""
        if platform == SLACK:
            names = [f"C{len(self._slack.space.places) + count:06}" for count in range(number)]
            # The one token is good for all of these workspaces, each of which has its own pace.
            self._teams |= {name: f"T{count % TEAMS}" for count, name in enumerate(names)}
            return [slack_address(self._teams[name], self._slack.add_place(name).id) for name in names]
        world, guild = self._discord.world, self._discord.guild
        places = [world.add_place("papers", guild=guild) for _ in range(number)]
        return [discord_address(int(guild), int(place.id)) for place in places]

    def forget_nonces(self) -> None:
        """Let the time be over in which Discord knows a nonce again."""
        self._discord.world.nonce_seconds = 0

    def said(self, address: Address) -> list[str]:
        """The texts in a channel of Slack, the oldest first."""
        return [str(one["text"]) for one in self._slack.messages(channel_of(address))]

    def talk(self, address: Address, number: int) -> None:
        """Let people say so much in a channel."""
        world = self._discord.world
        for _ in range(number):
            if address.platform == SLACK:
                said = {"ts": self._slack.space.timestamp(), "text": "Hello"}
                self._slack.messages(channel_of(address)).append(said)
            else:
                place = world.places[address.place.rpartition("/")[2]]
                place.messages.append(world.message(place.id, {"content": "Hello"}))

    def posted(self) -> Counter[tuple[Address, str]]:
        """How often each nonce stands in each channel."""
        slack = [
            (slack_address(self._teams[place.id], place.id), said["metadata"]["event_payload"]["nonce"])
            for place in self._slack.space.places.values()
            for said in place.messages
            if "metadata" in said
        ]
        discord = [
            (discord_address(int(place.guild), int(place.id)), said["nonce"])
            for place in self._discord.world.places.values()
            for said in place.messages
            if "nonce" in said
        ]
        return Counter(slack + discord)
