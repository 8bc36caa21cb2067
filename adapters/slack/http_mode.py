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

from adapters.slack.render import render_message
from adapters.slack.replies import send_reply
from adapters.slack.request_check import LARGEST_BODY, Genuine, Refused, check_genuine
from adapters.slack.request_marks import Once
from adapters.web.server import serve_pages
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
    pages.router.add_post(EVENTS, door.handle_event)
    if flow is not None:
        pages.router.add_get(INSTALL, partial(_install_page, flow.handle_installation))
        pages.router.add_get(REDIRECT, partial(_install_page, flow.handle_callback))
    hint = "Set PAPERBOY_SLACK_PORT to another port, or to 0 for Socket Mode."
    async with serve_pages(pages, at.host, at.port, hint) as port:
        yield port
    await door.wait_settled()


class _Door:
    """What somebody typed or pressed is acknowledged at once, and marked before it has its effect."""

    def __init__(self, app: AsyncApp, verifier: SignatureVerifier, once: Once) -> None:
        self._app = app
        self._verifier = verifier
        self._once = once
        self._under_way: set[asyncio.Task[None]] = set()

    async def handle_event(self, request: web.Request) -> web.Response:
        """A command, an interaction or an event."""
        try:
            found = check_genuine(request.headers, await _read_body(request), self._verifier)
        except Refused as refused:
            log.info("refused a request to Slack's address", status=refused.status, reason=refused.reason)
            return web.Response(status=refused.status, text=f"{refused.reason}\n")
        if found.is_by_hand:
            task = asyncio.create_task(self._carry_out(found))
            self._under_way.add(task)
            task.add_done_callback(self._log_end)
            return web.Response()
        # Where the database does not answer in time, the memory of this process decides.
        if await self._once.is_first(found.key, PATIENCE) is False:
            return web.Response()
        try:
            answer = await to_aiohttp_response(await self._dispatch_to_bolt(found))
        except StorageError as error:
            answer = _unavailable_page(request, error)
        if answer.status >= 500:
            await self._once.forget_key(found.key)
        return answer

    def _log_end(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a Slack request failed", exc_info=error)

    async def wait_settled(self) -> None:
        """Wait, for a moment, until all that was acknowledged has had its effect."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=GRACE)

    async def _carry_out(self, found: Genuine) -> None:
        """Carry out what is acknowledged; nothing that cannot be marked, and then say so."""
        problem = StorageError("A Slack request cannot be marked, so it had no effect.")
        try:
            first = await self._once.is_first(found.key)
            if first:
                await self._dispatch_to_bolt(found)
        except StorageError as error:
            first, problem = None, error
        if first is None:
            await self._once.forget_key(found.key)
            if url := json.loads(found.payload).get("response_url"):
                await send_reply(url, render_message(explain_outage(problem)))

    async def _dispatch_to_bolt(self, found: Genuine) -> BoltResponse:
        # None of the request's own headers: some steer bolt.
        asked = AsyncBoltRequest(body=found.payload, headers={"content-type": "application/json"})
        return await self._app.async_dispatch(asked)


async def _install_page(
    handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]], request: web.Request
) -> web.Response:
    """A page of the install, for somebody's browser."""
    cookies: dict[str, str | Sequence[str]] = {"cookie": request.headers.getall("Cookie", [])}
    asked = AsyncBoltRequest(body="", query=request.url.raw_query_string, headers=cookies)
    try:
        return await to_aiohttp_response(await handle(asked))
    except StorageError as error:
        return _unavailable_page(request, error)


async def _read_body(request: web.Request) -> bytes:
    """The body. Raises Refused where it is too large."""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Refused(400, "too large") from None


def _unavailable_page(request: web.Request, error: StorageError) -> web.Response:
    log.error("Slack could not be answered", path=request.path, problem=str(error))
    return web.Response(status=503, text="The database cannot be used at the moment.\n")
