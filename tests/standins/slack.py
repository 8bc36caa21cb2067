"""A loopback server in the place of Slack: the Web API, response URLs and Socket Mode over a real WebSocket.

A test is its user: it types commands, presses buttons and submits modals. Every payload the app sends is
validated in three layers (`slack_payloads`); what Slack would refuse stands in `violations`, and so does an
acknowledgement that comes after 3 seconds.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from base64 import b64decode
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from aiohttp import web

from tests.standins.slack_socket import Ack, Sockets
from tests.standins.slack_users import Users
from tests.standins.slack_web_api import call, decoded
from tests.standins.slack_workspace import Place, Refused, Workspace

__all__ = ["Ack", "Call", "Fault", "Response", "SlackStandin"]

Fault = Literal[
    "429",
    "500",
    "lost answer",
    "slow",
    "channel_not_found",
    "is_archived",
    "not_in_channel",
    "token_revoked",
    "missing_scope",
    "invalid_auth",
    "msg_too_long",
]

TEAM, CHANNEL, USER = "T0LAB", "C0GENERAL", "U0ANN"
RESPONSES, RESPONSE_SECONDS = 5, 30 * 60
"""How often and how long a `response_url` can be posted to."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the Web API, at a moment on the monotonic clock, by the holder of a token."""

    method: str
    args: dict[str, Any]
    at: float
    token: str


@dataclass(frozen=True, slots=True)
class Response:
    """A post to a `response_url`."""

    url: str
    body: dict[str, Any]
    at: float
    channel: str


@dataclass(slots=True)
class _ResponseUrl:
    channel: str
    user: str
    source: dict[str, Any] | None
    made: float = field(default_factory=time.monotonic)
    uses: int = 0


class SlackStandin(Users):
    """One Slack with a workspace, a channel and a user; `add_workspace` and `place` make more.

    `fail` makes the next calls of a method fail. A channel may be archived or left, a scope taken away and
    a token revoked in `space`, as in Slack. Without `checking` every payload is taken, which is quick.
    """

    def __init__(self, *, slow_seconds: float = 1.0, retry_after: int = 1, checking: bool = True) -> None:
        super().__init__(checking=checking)
        self.bot_token, self.app_token = "xoxb-test-bot-token", "xapp-test-app-token"
        self.client_id, self.client_secret = "1.2", "test-client-secret"
        self.space = Workspace(TEAM, self.bot_token)
        self.workspaces = {self.bot_token: self.space}
        self.space.add_user(USER, "ann", zone="Europe/Berlin")
        self.space.add_user("U0BEN", "ben")
        self.space.add_place(Place(CHANNEL, "general", members={USER, "U0BEN"}))
        self.calls: list[Call] = []
        self.responses: list[Response] = []
        self.codes: dict[str, str] = {}
        """OAuth codes that can be exchanged, and the team each installs."""
        self.sockets = Sockets()
        self.url = self.origin = ""
        self._slow, self._retry_after = slow_seconds, retry_after
        self._faults: dict[str, deque[Fault]] = {}
        self._urls: dict[str, _ResponseUrl] = {}
        self._tickets: set[str] = set()
        self._numbers = itertools.count(1)
        self._moved = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=20 * 2**20)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/response/{id}", self._response)
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.url = f"{self.origin}/api/"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self.sockets.cut()
        await self._runner.cleanup()

    def add_workspace(self, team: str, token: str) -> Workspace:
        """Another team that has installed the app."""
        self.workspaces[token] = space = Workspace(team, token)
        space.add_user(USER, "ann")
        space.add_place(Place(CHANNEL, "general", members={USER}))
        return space

    def add_place(self, channel: str, *, private: bool = False, with_bot: bool = True) -> Place:
        """Another channel of the first workspace."""
        place = Place(channel, channel.lower(), private, members={USER})
        self.space.add_place(place, with_bot=with_bot)
        return place

    def fail(self, method: str, *faults: Fault) -> None:
        """Let the next calls of a method fail, one after the other."""
        self._faults.setdefault(method, deque()).extend(faults)

    def messages(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """What everybody sees in a channel of the first workspace, the oldest first."""
        return self.space.places[channel].messages

    def called(self, method: str) -> list[Call]:
        """The calls of a method, in order."""
        return [one for one in self.calls if one.method == method]

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask a socket to be replaced."""
        await self.sockets.disconnect(reason)

    async def until(self, true: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something holds, looking again whenever the app sends anything. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._moved:
            await self._moved.wait_for(true)

    def new_response_url(self, channel: str, user: str, source: dict[str, Any] | None = None) -> str:
        """A URL for answers to one event; `source` is the message that it came from."""
        name = f"r{next(self._numbers)}"
        self._urls[name] = _ResponseUrl(channel, user, source)
        return f"{self.origin}/response/{name}"

    async def _notify(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args = decoded(await _arguments(request))
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            args["client_id"], _, args["client_secret"] = b64decode(secret).decode().partition(":")
        token = secret if scheme == "Bearer" else args.pop("token", "")
        self.calls.append(Call(method, args, time.monotonic(), token))
        faults = self._faults.get(method)
        fault = faults.popleft() if faults else None
        if fault in {"429", "500"}:
            await self._notify()
            return self._refusal(fault)
        if fault == "slow":
            await asyncio.sleep(self._slow)
        answer, scopes = self._answer(method, args, token, fault)
        await self._notify()
        if fault == "lost answer":
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(answer, headers={"x-oauth-scopes": scopes} if scopes else None)

    def _refusal(self, fault: str | None) -> web.Response:
        if fault == "429":
            wait = {"Retry-After": str(self._retry_after)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=wait)
        return web.Response(status=500, text="upstream connect error")

    def _answer(
        self, method: str, args: dict[str, Any], token: str, fault: Fault | None
    ) -> tuple[dict[str, Any], str]:
        """The answer, and the scopes of the token that asked."""
        space = self.workspaces.get(token)
        scopes = ",".join(space.scopes) if space else "connections:write" if token == self.app_token else ""
        if fault not in {None, "slow", "lost answer"}:
            return Refused(str(fault)).answer, scopes
        try:
            return self._obey(method, args, token, space), scopes
        except Refused as refused:
            return refused.answer, scopes

    def _obey(self, method: str, args: dict[str, Any], token: str, space: Workspace | None) -> dict[str, Any]:
        if method == "apps.connections.open":
            return self._connection(token)
        if method == "oauth.v2.access":
            return self._exchange(args)
        if space is None:
            raise Refused("invalid_auth" if token else "not_authed")
        if problems := self.check(method, args):
            raise Refused("invalid_blocks", response_metadata={"messages": problems})
        return call(space, method, args)

    def _connection(self, token: str) -> dict[str, Any]:
        if token != self.app_token:
            raise Refused("invalid_auth")
        ticket = f"ticket{next(self._numbers)}"
        self._tickets.add(ticket)
        return {"ok": True, "url": f"{self.origin.replace('http', 'ws')}/link?ticket={ticket}"}

    def _exchange(self, args: dict[str, Any]) -> dict[str, Any]:
        if (args.get("client_id"), args.get("client_secret")) != (self.client_id, self.client_secret):
            raise Refused("bad_client_secret")
        team = self.codes.pop(str(args.get("code", "")), None)
        if team is None:
            raise Refused("invalid_code")
        space = self.add_workspace(team, f"xoxb-{team}-{next(self._numbers)}")
        return {
            "ok": True,
            "app_id": space.app_id,
            "authed_user": {"id": USER},
            "scope": ",".join(space.scopes),
            "token_type": "bot",
            "access_token": space.bot_token,
            "bot_user_id": space.bot_user,
            "team": {"id": team, "name": f"Team {team}"},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    async def _link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403)
        self._tickets.remove(ticket)
        return await self.sockets.serve(request)

    async def _response(self, request: web.Request) -> web.Response:
        url = self._urls.get(request.match_info["id"])
        if url is None:
            return web.Response(status=404, text="invalid_url")
        url.uses += 1
        if url.uses > RESPONSES or time.monotonic() - url.made > RESPONSE_SECONDS:
            self.violations.append(f"response_url: used {url.uses} times, {RESPONSES} are allowed")
            return web.Response(status=404, text="expired_url")
        body = await request.json()
        public = body.get("response_type") == "in_channel" and not body.get("replace_original")
        problems = self.check("response_url in channel" if public else "response_url", body)
        self.responses.append(Response(str(request.url), body, time.monotonic(), url.channel))
        self._take_response(url, body, public=public)
        await self._notify()
        return web.json_response({"ok": not problems}, status=200)

    def _take_response(self, url: _ResponseUrl, body: Mapping[str, Any], *, public: bool) -> None:
        """What a post to a response URL changes in the channel."""
        place = self.space.places.get(url.channel) or Place(url.channel, url.channel)
        shown = place.messages if any(one is url.source for one in place.messages) else self.space.ephemerals
        if url.source is not None and (body.get("delete_original") or body.get("replace_original")):
            shown[:] = [one for one in shown if one is not url.source]
        if body.get("delete_original"):
            return
        said = self.space.message(dict(body), {"channel": url.channel})
        if public or (shown is place.messages and body.get("replace_original")):
            place.messages.append(said)
        else:
            self.space.ephemerals.append(said | {"ephemeral_to": url.user})


async def _arguments(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        body: dict[str, Any] = json.loads(await request.text() or "{}")
        return dict(request.query) | body
    return dict(request.query) | dict(await request.post())
