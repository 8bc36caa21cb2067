"""A loopback server in the place of Discord: its API, and its gateway over a real WebSocket.

A test is its user: it types commands, presses buttons, chooses and fills in forms. Every body that the app
sends is validated (`discord_payloads`); what Discord would refuse stands in `violations`, and so does an
interaction that is not answered within 3 seconds. The module is not called `discord`: the library is.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Self
from zlib import crc32

from aiohttp import web

from tests.standins.discord_gateway import Gateway
from tests.standins.discord_interactions import Ack, Interactions
from tests.standins.discord_payloads import check
from tests.standins.discord_rest import POST, ROUTES
from tests.standins.discord_typed import NotOffered
from tests.standins.discord_users import Users
from tests.standins.discord_world import COMPONENTS_V2, MEMBER_PERMISSIONS, Place, Refused, World

__all__ = ["POST", "Ack", "Call", "DiscordStandin", "Fault", "NotOffered"]

Payload = dict[str, Any]
Fault = Literal[
    "429",
    "429 global",
    "429 of a proxy",
    "500",
    "502",
    "502 after it",
    "lost answer",
    "slow",
    "unauthorized",
    "missing access",
    "missing permissions",
    "unknown channel",
]
_DONE = frozenset({"slow", "lost answer", "502 after it"})
"""Faults of a call that is obeyed all the same."""
_CODES: dict[Fault, int] = {
    "unauthorized": 0,
    "missing access": 50001,
    "missing permissions": 50013,
    "unknown channel": 10003,
}

CALLBACK = "POST /interactions/{interaction}/{token}/callback"
FOLLOW_UP = "POST /webhooks/{application}/{token}"
_ANSWER = "/webhooks/{application}/{token}/messages/{message}"
BUCKET_LIMIT = 50
"""What a route's headers tell; nothing holds to it, limits are met by `fail`."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the API, at a moment on the monotonic clock. `parts` are of its path and query."""

    route: str
    parts: dict[str, str]
    body: Any
    at: float


class DiscordStandin(Users):
    """One Discord with a guild, a channel, a manager (`user`) and a member (`other`).

    `fail` makes the next calls of a route fail. Channels are added, denied and removed in `world`. Without
    `checking` every body is taken, which is quick.
    """

    def __init__(
        self, *, slow_seconds: float = 1.0, retry_after: float = 0.05, checking: bool = True
    ) -> None:
        self.token = "test-token"  # noqa: S105
        self.world = World()
        self.gateway = Gateway(self.world, self.token)
        self.interactions = Interactions(self.world)
        self.user, self.other = self.world.new_id(), self.world.new_id()
        self.world.add_user(self.user, "ann")
        self.world.add_user(self.other, "ben")
        self.guild = self._new_guild("lab")
        self.channel = self.world.add_place("papers", guild=self.guild).id
        self.shards = 1
        """How many the gateway recommends."""
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.invalid = 0
        """Answers of 401, 403 and 429, of which 10,000 in 10 minutes shut an address out."""
        self.url = self.origin = ""
        self._slow, self._retry_after, self._checking = slow_seconds, retry_after, checking
        self._faults: dict[str, deque[Fault | None]] = {}
        self._moved = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=30 * 2**20)
        for route in self._routes():
            method, _, path = route.partition(" ")
            app.router.add_route(method, f"/api/v10{path}", self._serving(route))
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_route("*", "/{rest:.*}", self._unknown)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.url = f"{self.origin}/api/v10"
        self.gateway.url = f"{self.origin.replace('http', 'ws')}/gateway/"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self.gateway.cut()
        await self._runner.cleanup()

    def add_guild(self, name: str) -> str:
        """The first channel of another guild, with the same people."""
        return self.world.add_place("papers", guild=self._new_guild(name)).id

    def fail(self, route: str, *faults: Fault | None) -> None:
        """Let the next calls of a route fail, one after the other; None is one that goes well.

        Raises KeyError for an unknown route.
        """
        if route not in self._routes():
            raise KeyError(route)
        self._faults.setdefault(route, deque()).extend(faults)

    def messages(self, channel: str = "") -> list[Payload]:
        """What everybody sees in a channel, the oldest first."""
        return self.place(channel).messages

    def place(self, channel: str = "") -> Place:
        """A channel; without one the first."""
        return self.world.places[channel or self.channel]

    def called(self, route: str) -> list[Call]:
        """The calls of a route, in order."""
        return [one for one in self.calls if one.route == route]

    async def until(self, true: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something holds, looking again whenever the app sends anything. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._moved:
            await self._moved.wait_for(true)

    def check(self, kind: str, body: Any, *, was_v2: bool = False) -> list[str]:
        """What Discord would refuse in a body of this kind; it also goes to `violations`."""
        problems = check(kind, body, was_v2=was_v2) if self._checking and kind else []
        self.violations += [f"{kind}: {problem}" for problem in problems]
        return problems

    def _new_guild(self, name: str) -> str:
        guild = self.world.add_guild(name, owner=self.user)
        guild.members[self.other] = MEMBER_PERMISSIONS
        return guild.id

    def _routes(self) -> dict[str, tuple[Callable[..., Any], str]]:
        """What each route does with its parts and its body, and the kind of that body."""
        known = {
            route: (lambda parts, body, act=one.act: act(self.world, parts, body), one.kind)
            for route, one in ROUTES.items()
        }
        return known | {
            "GET /gateway": (self._gateway, ""),
            "GET /gateway/bot": (self._gateway, ""),
            CALLBACK: (self.interactions.callback, "callback"),
            FOLLOW_UP: (self.interactions.follow_up, "follow-up"),
            f"PATCH {_ANSWER}": (self.interactions.edit, "answer edit"),
            f"GET {_ANSWER}": (self.interactions.fetch, ""),
            f"DELETE {_ANSWER}": (self.interactions.delete, ""),
        }

    def _gateway(self, _parts: Payload, _body: Any) -> Payload:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return {"url": self.gateway.url, "shards": self.shards, "session_start_limit": limit}

    def _serving(self, route: str) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._serve(route, request)

        return serve

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        self.violations.append(f"{request.method} {request.path}: the stand-in has no such route")
        return _json({"message": "404: Not Found", "code": 0}, status=404)

    async def _serve(self, route: str, request: web.Request) -> web.StreamResponse:
        parts = dict(request.query) | dict(request.match_info)
        text = await request.text()
        body = json.loads(text) if text else None
        self.calls.append(Call(route, parts, body, time.monotonic()))
        faults = self._faults.get(route)
        fault = faults.popleft() if faults else None
        answer = self._failed(fault, route) if fault and fault not in _DONE else None
        if answer is None:
            if fault == "slow":
                await asyncio.sleep(self._slow)
            answer = self._answer(route, parts, body, request.headers.get("Authorization", ""))
            if fault == "502 after it":
                answer = self._failed("502", route)
        self.invalid += answer.status in {401, 403, 429}
        async with self._moved:
            self._moved.notify_all()
        if fault == "lost answer":
            assert request.transport is not None
            request.transport.abort()
        return answer

    def _failed(self, fault: Fault, route: str) -> web.Response:
        """https://docs.discord.com/developers/topics/rate-limits"""
        if fault in {"500", "502"}:
            return web.Response(status=int(fault), text="upstream connect error")
        if fault == "429 of a proxy":
            return web.Response(status=429, text="error code: 1015", headers={"Retry-After": "1"})
        if fault in {"429", "429 global"}:
            limited = fault == "429 global"
            body = {"message": "You are being rate limited.", "retry_after": self._retry_after}
            headers = {"Retry-After": str(int(self._retry_after) + 1), "Via": "1.1 google"}
            headers |= {"X-RateLimit-Scope": "global", "X-RateLimit-Global": "true"} if limited else {}
            headers |= {} if limited else _bucket(route, 0, self._retry_after)
            return _json(body | {"global": limited}, status=429, headers=headers)
        refused = Refused(_CODES[fault])
        return _json(refused.body, status=refused.status)

    def _answer(self, route: str, parts: Payload, body: Any, authorization: str) -> web.Response:
        is_interaction = "{token}" in route
        headers = {} if is_interaction else _bucket(route, BUCKET_LIMIT - 1, 1.0)
        is_known = is_interaction or authorization == f"Bot {self.token}"
        try:
            said = self._obey(route, parts, body, is_known=is_known)
        except Refused as refused:
            return _json(refused.body, status=refused.status, headers=headers)
        if said is None or (route == CALLBACK and "with_response" not in parts):
            return web.Response(status=204, headers=headers)
        return _json(said, headers=headers)

    def _obey(self, route: str, parts: Payload, body: Any, *, is_known: bool) -> Any:
        if not is_known:
            raise Refused(0)
        act, kind = self._routes()[route]
        if kind == "thread" and isinstance(body, dict) and "message" in body:
            kind = "forum post"
        if problems := self.check(kind, body, was_v2=self._was_v2(route, parts)):
            raise Refused(50035, problems)
        return act(parts, body)

    def _was_v2(self, route: str, parts: Payload) -> bool:
        if "{token}" in route and route != FOLLOW_UP:
            return self.interactions.is_v2_source(parts)
        place = self.world.places.get(parts.get("channel", ""))
        said = [one for one in place.messages if one["id"] == parts.get("message")] if place else []
        return any(one["flags"] & COMPONENTS_V2 for one in said)


def _json(said: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Discord's content type names no charset, and discord.py reads no other."""
    body = json.dumps(said).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def _bucket(route: str, remaining: int, reset_after: float) -> dict[str, str]:
    return {
        "X-RateLimit-Bucket": f"{crc32(route.encode()):08x}",
        "X-RateLimit-Limit": str(BUCKET_LIMIT),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": f"{time.time() + reset_after:.3f}",
        "X-RateLimit-Reset-After": f"{reset_after:.3f}",
    }
