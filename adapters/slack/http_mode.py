"""Slack over HTTP: for installs in many workspaces, and for replicas behind a balancer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from adapters.slack.guard import LARGEST_BODY, Genuine, Refused, genuine
from adapters.slack.once import Once
from adapters.slack.render import render
from adapters.slack.replies import reply
from adapters.web.server import served
from bot.commands.front_door import explain_outage
from bot.errors import StorageError

PATIENCE = 1.5
"""Seconds that an event waits for the database: Slack waits 3 for the acknowledgement."""
GRACE = 5.0
"""Seconds that a stop waits for what is under way."""
EVENTS, INSTALL, REDIRECT = "/slack/events", "/slack/install", "/slack/oauth_redirect"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    port: int


@asynccontextmanager
async def http_mode(
    app: AsyncApp, signing_secret: str, once: Once, at: Address, flow: AsyncOAuthFlow | None = None
) -> AsyncIterator[int]:
    """Serve `/slack/events`, and with `flow` the pages of the install, while the block is open.

    `app` must not verify signatures itself. Yields the port. Raises PaperboyError where the address cannot be
    listened on.
    """
    door = _Door(app, SignatureVerifier(signing_secret), once)
    pages = web.Application(client_max_size=LARGEST_BODY)
    pages.router.add_post(EVENTS, door.event)
    if flow is not None:
        pages.router.add_get(INSTALL, partial(_page, flow.handle_installation))
        pages.router.add_get(REDIRECT, partial(_page, flow.handle_callback))
    hint = "Set PAPERBOY_SLACK_PORT to another port, or to 0 for Socket Mode."
    async with served(pages, at.host, at.port, hint) as port:
        yield port
    await door.settled()


class _Door:
    """What somebody typed or pressed is acknowledged at once, and marked before it has its effect."""

    def __init__(self, app: AsyncApp, verifier: SignatureVerifier, once: Once) -> None:
        self._app = app
        self._verifier = verifier
        self._once = once
        self._under_way: set[asyncio.Task[None]] = set()

    async def event(self, request: web.Request) -> web.Response:
        """A command, an interaction or an event."""
        try:
            found = genuine(request.headers, await _body(request), self._verifier)
        except Refused as refused:
            log.info("refused a request to Slack's address", status=refused.status, reason=refused.reason)
            return web.Response(status=refused.status, text=f"{refused.reason}\n")
        if found.is_by_hand:
            task = asyncio.create_task(self._act(found))
            self._under_way.add(task)
            task.add_done_callback(self._ended)
            return web.Response()
        # Where the database does not answer in time, the memory of this process decides.
        if await self._once.first(found.key, PATIENCE) is False:
            return web.Response()
        try:
            answer = await to_aiohttp_response(await self._dispatched(found))
        except StorageError as error:
            answer = _unavailable(request, error)
        if answer.status >= 500:
            await self._once.forget(found.key)
        return answer

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a Slack request failed", exc_info=error)

    async def settled(self) -> None:
        """Wait, for a moment, until all that was acknowledged has had its effect."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=GRACE)

    async def _act(self, found: Genuine) -> None:
        """Carry out what is acknowledged; nothing that cannot be marked, and then say so."""
        problem = StorageError("A Slack request cannot be marked, so it had no effect.")
        try:
            first = await self._once.first(found.key)
            if first:
                await self._dispatched(found)
        except StorageError as error:
            first, problem = None, error
        if first is None:
            await self._once.forget(found.key)
            if url := json.loads(found.payload).get("response_url"):
                await reply(url, render(explain_outage(problem)))

    async def _dispatched(self, found: Genuine) -> BoltResponse:
        # None of the request's own headers: some steer bolt.
        asked = AsyncBoltRequest(body=found.payload, headers={"content-type": "application/json"})
        return await self._app.async_dispatch(asked)


async def _page(
    handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]], request: web.Request
) -> web.Response:
    """A page of the install, for somebody's browser."""
    cookies: dict[str, str | Sequence[str]] = {"cookie": request.headers.getall("Cookie", [])}
    asked = AsyncBoltRequest(body="", query=request.url.raw_query_string, headers=cookies)
    try:
        return await to_aiohttp_response(await handle(asked))
    except StorageError as error:
        return _unavailable(request, error)


async def _body(request: web.Request) -> bytes:
    """The body. Raises Refused where it is too large."""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Refused(400, "too large") from None


def _unavailable(request: web.Request, error: StorageError) -> web.Response:
    log.error("Slack could not be answered", path=request.path, problem=str(error))
    return web.Response(status=503, text="The database cannot be used at the moment.\n")
