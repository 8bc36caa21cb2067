"""Slack as the settings have it: one workspace or many, over a socket or over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from urllib.parse import urljoin

from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

from adapters.slack.app import make_app
from adapters.slack.http_mode import Address, http_mode
from adapters.slack.oauth import (
    Client,
    Installs,
    ManyWorkspaces,
    States,
    authorize,
    forget_when_removed,
    install_flow,
)
from adapters.slack.platform import SlackPlatform
from adapters.slack.request_marks import Once
from adapters.slack.required_settings import missing_settings
from adapters.slack.scopes import SCOPES
from adapters.slack.socket_mode import socket_mode
from adapters.slack.workspaces import OneWorkspace, web_client
from bot.commands.front_door import FrontDoor
from bot.errors import SettingsError
from bot.ports.clock import Clock
from bot.ports.store import Store
from bot.settings import Settings


class Slack:
    """Slack, set up. Nothing is opened before `serving`."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._one = OneWorkspace(settings.slack_api_url, settings.slack_bot_token.get_secret_value())
        self._many = ManyWorkspaces(settings.slack_api_url, Installs(store, clock))
        self._by_oauth = bool(settings.slack_client_id)
        self.platform = SlackPlatform(self._many.client if self._by_oauth else self._one.client)
        """Where digests are posted."""

    async def close(self) -> None:
        """Nothing stays open: each request has a connection of its own."""

    @asynccontextmanager
    async def open_service(self, front_door: FrontDoor) -> AsyncIterator[None]:
        """Answer Slack while the block is open.

        Raises SettingsError where Slack is only partly configured or refuses a token, and PaperboyError where
        the port cannot be had.
        """
        for name, hint in missing_settings(self._settings):
            raise SettingsError(f"Slack is only partly configured: {name} is missing.", hint)
        if not self._by_oauth:
            await self._one.check_token()
        async with self._open_door(front_door):
            yield

    def _open_door(self, front_door: FrontDoor) -> AbstractAsyncContextManager[object]:
        if self._by_oauth:
            return self._serving_many(front_door)
        app = make_app(front_door, web_client(self._settings.slack_api_url), self._one.authorize)
        if self._settings.slack_port:
            return self._over_http(app, None)
        app_token = self._settings.slack_app_token.get_secret_value()
        return socket_mode(app, app_token, self._settings.slack_api_url)

    def _serving_many(self, front_door: FrontDoor) -> AbstractAsyncContextManager[int]:
        web, installs = web_client(self._settings.slack_api_url), self._many.installs
        client = Client(
            self._settings.slack_client_id,
            self._settings.slack_client_secret.get_secret_value(),
            tuple(SCOPES),
            urljoin(self._settings.slack_api_url, "/oauth/v2/authorize"),
        )
        app = make_app(front_door, web, authorize(client, web, installs))
        forget_when_removed(app, installs)
        return self._over_http(app, install_flow(client, web, installs, States(self._store, self._clock)))

    def _over_http(self, app: AsyncApp, flow: AsyncOAuthFlow | None) -> AbstractAsyncContextManager[int]:
        secret = self._settings.slack_signing_secret.get_secret_value()
        at = Address(self._settings.slack_host, self._settings.slack_port)
        return http_mode(app, secret, Once(self._store, self._clock), at, flow)
