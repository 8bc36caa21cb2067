"""Installs in many workspaces, over OAuth: their tokens, and the states of installs that are on their way."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization.async_authorize import AsyncAuthorize, AsyncInstallationStoreAuthorize
from slack_bolt.listener.async_builtins import AsyncTokenRevocationListeners
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.faults import NETWORK, code_of
from adapters.slack.places import NAME
from adapters.slack.workspaces import logger, web_client
from bot.channels import installation as installations
from bot.errors import DeliveryError, StorageError
from bot.ports.clock import Clock
from bot.ports.store import Store
from bot.services.broken_channels import break_off, recover_channel

STATE_LASTS = timedelta(minutes=10)
REMOVED = "Paperboy was removed from this Slack workspace. Reinstall it to continue."
KNOWN_SECONDS = 60.0
"""How long a token is not read anew: Slack waits 3 seconds, and the database may be busy."""
_STATE = "slack oauth state"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Client:
    """An app's credentials, and what it asks for when it is installed."""

    id: str
    secret: str
    scopes: Sequence[str]
    authorize_url: str = "https://slack.com/oauth/v2/authorize"


class Installs(AsyncInstallationStore):
    """slack_sdk's store of installations, over `bot.ports.store.Installations`.

    One bot a workspace is kept; no user's token is asked for or kept. Its methods raise StorageError.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[str, tuple[float, Bot]] = {}

    @property
    def logger(self) -> logging.Logger:
        """Where slack_sdk writes."""
        return logger()

    async def async_save(self, installation: Installation) -> None:
        """Keep a workspace's bot, and let its subscriptions go on."""
        await asyncio.to_thread(self._save_installation, installation.to_bot(), mend=True)

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep a bot whose token was refreshed."""
        await asyncio.to_thread(self._save_installation, bot, mend=False)

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,  # noqa: ARG002 - slack_sdk's signature; a team's id is Slack-wide
        team_id: str | None,
        is_enterprise_install: bool | None = False,  # noqa: ARG002
    ) -> Bot | None:
        """The bot of a workspace."""
        return await self.bot(team_id or "")

    async def bot(self, workspace: str) -> Bot | None:
        """The bot of a workspace, as it was within the last minute."""
        known = self._known.get(workspace)
        if known and time.monotonic() - known[0] < KNOWN_SECONDS:
            return known[1]
        found = await asyncio.to_thread(self._get_installation, workspace)
        if found is None:
            return None
        bot = Bot(**json.loads(found.secret))
        self._known[workspace] = (time.monotonic(), bot)
        return bot

    async def async_delete_bot(
        self,
        *,
        enterprise_id: str | None,  # noqa: ARG002
        team_id: str | None,
    ) -> None:
        """Forget a workspace's tokens. Its subscriptions are kept, and say why nothing comes."""
        await asyncio.to_thread(self._remove_installation, team_id or "")

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Nothing: users have no tokens here."""

    def _save_installation(self, bot: Bot, *, mend: bool) -> None:
        workspace = bot.team_id or ""
        secret = json.dumps(bot.to_dict(), default=datetime.isoformat)
        now = self._clock()
        with self._store.begin() as tx:
            tx.installations.save(installations.Installation(NAME, workspace, secret, now))
            if mend:
                for channel in tx.channels.in_workspace(NAME, workspace):
                    recover_channel(tx, channel, now)
        self._known.pop(workspace, None)
        log.info("Slack workspace installed" if mend else "Slack token refreshed", workspace=workspace)

    def _get_installation(self, workspace: str) -> installations.Installation | None:
        with self._store.begin() as tx:
            return tx.installations.get(NAME, workspace)

    def _remove_installation(self, workspace: str) -> None:
        with self._store.begin() as tx:
            tx.installations.remove(NAME, workspace)
            hit = [
                subscription
                for channel in tx.channels.in_workspace(NAME, workspace)
                for subscription in break_off(tx, channel, REMOVED, self._clock())
            ]
        self._known.pop(workspace, None)
        log.warning("Slack workspace removed Paperboy", workspace=workspace, broken=len(hit))


@dataclass(frozen=True, slots=True)
class ManyWorkspaces:
    """The clients of the workspaces that installed the app."""

    api_url: str
    installs: Installs

    async def client(self, workspace: str) -> AsyncWebClient:
        """The client of a workspace.

        Raises DeliveryError where Paperboy is not installed there, or its token cannot be read.
        """
        try:
            bot = await self.installs.bot(workspace)
        except StorageError as error:
            raise DeliveryError(error.problem, error.hint, permanent=False) from error
        if bot is None:
            raise DeliveryError(
                "Paperboy is not installed in this Slack workspace.", "Install it again.", permanent=True
            )
        return web_client(self.api_url, bot.bot_token)


class States(AsyncOAuthStateStore):
    """The states of installs that began here: each is good once, for ten minutes, in any process."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    @property
    def logger(self) -> logging.Logger:
        """Where slack_sdk writes."""
        return logger()

    async def async_issue(self, *_args: object, **_kwargs: object) -> str:
        """A new one."""
        state = secrets.token_urlsafe(32)
        await asyncio.to_thread(self._add_state, state)
        return state

    async def async_consume(self, state: str) -> bool:
        """Whether it is good; from now on it is not."""
        return await asyncio.to_thread(self._take_state, state)

    def _add_state(self, state: str) -> None:
        now = self._clock()
        with self._store.begin() as tx:
            tx.marks.add(_STATE, state, now, now + STATE_LASTS)

    def _take_state(self, state: str) -> bool:
        with self._store.begin() as tx:
            return tx.marks.take(_STATE, state, self._clock())


class _Flow(AsyncOAuthFlow):
    """Bolt's own exchange writes the code into the log, and lets an answer that never comes escape."""

    async def run_installation(self, code: str) -> Installation | None:
        """Exchange the code; None where that fails, and for a whole organisation, which has no channels."""
        try:
            answer = await self.client.api_call(
                "oauth.v2.access",
                data={
                    "client_id": self.client_id,
                    "client_secret": self.settings.client_secret,
                    "code": code,
                },
            )
            tested = await self.client.auth_test(token=answer["access_token"])
        except (*NETWORK, SlackClientError) as error:
            told = code_of(error) if isinstance(error, SlackApiError) else ""
            log.warning("a Slack install failed", problem=told or type(error).__name__)
            return None
        if not answer.get("team"):
            log.warning("a Slack install for a whole organisation was refused")
            return None
        return _as_slack_installation(answer, str(tested["bot_id"]))


def _as_slack_installation(answer: AsyncSlackResponse, bot_id: str) -> Installation:
    """https://docs.slack.dev/reference/methods/oauth.v2.access"""
    team: dict[str, str] = answer["team"]
    return Installation(
        app_id=answer.get("app_id"),
        team_id=team["id"],
        team_name=team.get("name"),
        bot_token=answer["access_token"],
        bot_id=bot_id,
        bot_user_id=answer.get("bot_user_id"),
        bot_scopes=answer.get("scope", ""),
        bot_refresh_token=answer.get("refresh_token"),
        bot_token_expires_in=answer.get("expires_in"),
        user_id=(answer.get("authed_user") or {}).get("id", ""),
    )


def install_flow(client: Client, web: AsyncWebClient, installs: Installs, states: States) -> AsyncOAuthFlow:
    """`/slack/install` sends to Slack, `/slack/oauth_redirect` takes what comes back.

    `web` holds no token.
    """
    settings = AsyncOAuthSettings(
        client_id=client.id,
        client_secret=client.secret,
        scopes=list(client.scopes),
        user_scopes=[],
        authorization_url=client.authorize_url,
        install_page_rendering_enabled=False,
        installation_store=installs,
        installation_store_bot_only=True,
        state_store=states,
        state_expiration_seconds=int(STATE_LASTS.total_seconds()),
    )
    return _Flow(client=web, settings=settings, logger=logger())


def authorize(client: Client, web: AsyncWebClient, installs: Installs) -> AsyncAuthorize:
    """How bolt finds the token of the workspace that a request comes from.

    A token that was found good is not tested again for every request: Slack waits 3 seconds for the answer.
    """
    return AsyncInstallationStoreAuthorize(
        logger=installs.logger,
        installation_store=installs,
        client_id=client.id,
        client_secret=client.secret,
        client=web,
        bot_only=True,
        cache_enabled=True,
    )


def forget_when_removed(app: AsyncApp, installs: Installs) -> None:
    """Let Slack's events of an uninstall, or of tokens revoked, remove what is kept of the workspace."""
    listeners = AsyncTokenRevocationListeners(installs)
    app.event("tokens_revoked")(listeners.handle_tokens_revoked_events)
    app.event("app_uninstalled")(listeners.handle_app_uninstalled_events)
