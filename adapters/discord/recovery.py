"""Channels that Paperboy can post to again: seen from the gateway, so that nobody has to ask for it."""

from __future__ import annotations

import asyncio

import discord
import structlog

from adapters.discord.places import NAME, channel_of
from bot.errors import StorageError
from bot.ports.clock import Clock
from bot.ports.store import Store
from bot.services.broken_channels import recover_channel

log = structlog.get_logger()


class Recovery:
    """Mends the broken channels of a server where they can be posted to."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._one = asyncio.Lock()
        """One server at a time: at the start all of them come at once."""

    def listen_to(self, client: discord.Client) -> None:
        """Look again whenever something changes that may have given access back."""

        @client.event
        async def on_guild_join(guild: discord.Guild) -> None:
            await self._look_again(guild)

        @client.event
        async def on_guild_available(guild: discord.Guild) -> None:
            await self._look_again(guild)

        @client.event
        async def on_thread_update(_before: discord.Thread, after: discord.Thread) -> None:
            await self._look_again(after.guild)

        @client.event
        async def on_guild_channel_update(
            _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
        ) -> None:
            await self._look_again(after.guild)

        @client.event
        async def on_guild_role_update(_before: discord.Role, after: discord.Role) -> None:
            await self._look_again(after.guild)

        @client.event
        async def on_member_update(_before: discord.Member, after: discord.Member) -> None:
            if client.user and after.id == client.user.id:
                await self._look_again(after.guild)

    async def _look_again(self, guild: discord.Guild) -> None:
        try:
            async with self._one:
                mended = await asyncio.to_thread(self._recover_channels, guild)
        except StorageError as error:
            log.warning("channels not looked at", problem=str(error))
            return
        for channel in mended:
            log.info("channel works again", channel=channel)

    def _recover_channels(self, guild: discord.Guild) -> list[str]:
        with self._store.begin() as tx:
            return [
                str(channel.address)
                for channel in tx.channels.in_workspace(NAME, str(guild.id))
                if can_post(guild, channel_of(channel.address))
                and recover_channel(tx, channel, self._clock())
            ]


def can_post(guild: discord.Guild, channel: int) -> bool:
    """Whether Paperboy may post in a channel or thread of the server."""
    found = guild.get_channel_or_thread(channel)
    if found is None or guild.me is None:
        return False
    may = found.permissions_for(guild.me)
    if isinstance(found, discord.Thread):
        return may.view_channel and may.send_messages_in_threads and not found.locked
    return may.view_channel and may.send_messages
