"""Slack over HTTP: for installs in many workspaces, and for replicas behind a balancer."""

from __future__ import annotations

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

from adapters.slack.guard import LARGEST_BODY, Refused, genuine
from adapters.slack.once import Once
from adapters.web.server import served
from bot.errors import StorageError

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
    mend = "Set PAPERBOY_SLACK_PORT to another port, or to 0 for Socket Mode."
    async with served(pages, at.host, at.port, mend) as port:
        yield port


@dataclass(frozen=True, slots=True)
class _Door:
    app: AsyncApp
    verifier: SignatureVerifier
    once: Once

    async def event(self, request: web.Request) -> web.Response:
        """A command, an interaction or an event."""
        try:
            found = genuine(request.headers, await _body(request), self.verifier)
        except Refused as refused:
            log.info("refused a request to Slack's address", status=refused.status, reason=refused.reason)
            return web.Response(status=refused.status, text=f"{refused.reason}\n")
        if not await self.once.first(found.key):
            return web.Response()
        answer = await self._answer(found.payload, request)
        if answer.status >= 500:
            await self.once.forget(found.key)
        return answer

    async def _answer(self, payload: str, request: web.Request) -> web.Response:
        # None of the request's own headers: some steer bolt.
        asked = AsyncBoltRequest(body=payload, headers={"content-type": "application/json"})
        try:
            return await to_aiohttp_response(await self.app.async_dispatch(asked))
        except StorageError as error:
            return _unavailable(request, error)


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
