"""Discord as the settings have it: one client that posts, and answers while `serving`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket

from adapters.discord.app import App
from adapters.discord.client import PaperboyClient
from adapters.discord.commands import sync_commands
from adapters.discord.faults import NETWORK, REFUSED
from adapters.discord.invalid_requests import InvalidRequests
from adapters.discord.platform import DiscordPlatform
from adapters.discord.recovery import Recovery
from adapters.discord.rest import API_URL, Rest, use_api
from adapters.discord.wiring import wire_client
from bot.commands.front_door import FrontDoor
from bot.errors import DeliveryError, SettingsError
from bot.ports.clock import Clock
from bot.ports.store import Store
from bot.settings import Settings

AGAIN_SECONDS = 30.0

log = structlog.get_logger()


class Discord:
    """Discord, set up. Nothing is opened before something is posted, or `serving`."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        use_api(settings.discord_api_url)
        self._settings = settings
        self._recovery = Recovery(store, clock)
        invalid = InvalidRequests()
        self.client = PaperboyClient(invalid, settings.discord_shard_ids, settings.discord_shard_count)
        self.rest = Rest(self.client, settings.discord_token.get_secret_value(), invalid)
        self.platform = DiscordPlatform(self.rest, settings.discord_style)
        """Where digests are posted."""

    def wire(self, front_door: FrontDoor) -> None:
        """Make the client answer commands."""
        self._recovery.listen_to(self.client)
        style = self._settings.discord_style
        wire_client(self.client, App(front_door, style), style)

    @asynccontextmanager
    async def open_service(self, front_door: FrontDoor) -> AsyncIterator[None]:
        """Answer Discord while the block is open.

        Raises SettingsError where Discord refuses the token, or the shards are only partly configured.
        """
        check_settings(self._settings)
        self.wire(front_door)
        is_in = await self._log_in()
        serving = asyncio.create_task(self._serve_gateway(is_in=is_in))
        serving.add_done_callback(_log_end)
        try:
            yield
        finally:
            await self.close()
            serving.cancel()
            with suppress(asyncio.CancelledError, discord.DiscordException, *NETWORK):
                await serving

    async def close(self) -> None:
        """Close the connections."""
        await self.rest.close()

    async def _log_in(self) -> bool:
        try:
            await self.rest.client()
        except DeliveryError as error:
            if isinstance(error.__cause__, discord.LoginFailure):
                raise SettingsError(str(error)) from error
            log.warning("Discord cannot be reached yet", problem=str(error))
            return False
        return True

    async def _serve_gateway(self, *, is_in: bool) -> None:
        while not is_in:
            await asyncio.sleep(AGAIN_SECONDS)
            is_in = await self._log_in()
        later = None if await self._put_commands() else asyncio.create_task(self._put_commands_later())
        try:
            await self._find_gateway()
            await self.client.connect(reconnect=True)
        finally:
            if later:
                later.cancel()

    async def _put_commands(self) -> bool:
        """Put the commands in place; False where another try may help."""
        try:
            if await sync_commands(self.client):
                log.info("Discord commands put in place")
        except (*REFUSED, *NETWORK) as error:
            log.warning("Discord commands not put in place", problem=type(error).__name__)
            return isinstance(error, discord.HTTPException) and error.status < 500 and error.status != 429
        return True

    async def _put_commands_later(self) -> None:
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            if await self._put_commands():
                return

    async def _find_gateway(self) -> None:
        """Where shards are counted already or a session is over, discord.py asks nobody where to go."""
        if self._settings.discord_api_url.rstrip("/") != API_URL:
            _, url, _ = await self.client.http.get_bot_gateway()
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)


def check_settings(settings: Settings) -> None:
    """Raise the SettingsError that names what is missing."""
    if not settings.discord_token:
        raise SettingsError("Discord is only partly configured: DISCORD_TOKEN is missing.", "Set it.")
    count = settings.discord_shard_count
    if settings.discord_shard_ids and not all(0 <= one < count for one in settings.discord_shard_ids):
        raise SettingsError(
            "PAPERBOY_DISCORD_SHARD_IDS names shards outside PAPERBOY_DISCORD_SHARD_COUNT.",
            "Set the count of all processes together; shards are numbered from 0.",
        )


def _log_end(serving: asyncio.Task[None]) -> None:
    if not serving.cancelled() and (error := serving.exception()):
        log.error("Discord is not served any more", exc_info=error)
