"""Discord's REST, through discord.py's own client: no gateway is needed to post."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable
from typing import TypeVar

import discord
from discord.http import Route

from adapters.discord.faults import NETWORK, REFUSED, refusal_error, silence_error
from adapters.discord.invalid_requests import InvalidRequests
from bot.errors import DeliveryError

T = TypeVar("T")

API_URL = "https://discord.com/api/v10"
PATIENCE_SECONDS = 30.0
"""A longer wait that Discord asks for is the outbox's; discord.py takes no less."""
MOST_PLACES = 10_000


def use_api(url: str) -> None:
    """Ask at this address: discord.py holds it in one place for all clients."""
    Route.BASE = url.rstrip("/")


class Rest:
    """A client that is logged in when it is first asked for."""

    def __init__(self, client: discord.Client, token: str, invalid: InvalidRequests) -> None:
        self._client = client
        self._token = token
        self._invalid = invalid
        self._login = asyncio.Lock()
        self._places: OrderedDict[int, discord.abc.Messageable | discord.ForumChannel] = OrderedDict()

    async def client(self) -> discord.Client:
        """The client, logged in.

        Raises DeliveryError.
        """
        self._invalid.check_budget()
        async with self._login:
            if not self._is_in:
                await self._log_in()
        return self._client

    @property
    def _is_in(self) -> bool:
        """Whether the client is logged in: it learns its application's id last."""
        return self._client.application_id is not None

    async def _log_in(self) -> None:
        try:
            await self._client.login(self._token)
        except (*REFUSED, *NETWORK) as error:
            # The next attempt opens a session of its own.
            await self._client.http.close()
            self._client.http.connector = discord.utils.MISSING
            raise (refusal_error(error) if isinstance(error, REFUSED) else silence_error(error)) from error

    async def place(self, channel: int) -> discord.abc.Messageable | discord.ForumChannel:
        """Where to post: as the gateway tells it, else asked for once.

        Raises DeliveryError where nothing can be posted there.
        """
        client = await self.client()
        known = client.get_channel(channel) or self._places.get(channel)
        if known is None:
            try:
                known = await self.within(client.fetch_channel(channel), PATIENCE_SECONDS)
            except REFUSED as error:
                raise refusal_error(error) from error
            except NETWORK as error:
                raise silence_error(error) from error
            except discord.InvalidData as error:
                raise DeliveryError("Discord has a channel of a new kind here.", permanent=True) from error
        if not isinstance(known, discord.abc.Messageable | discord.ForumChannel):
            raise DeliveryError("Paperboy cannot post in this kind of channel.", permanent=True)
        self._places[channel] = known
        while len(self._places) > MOST_PLACES:
            self._places.popitem(last=False)
        return known

    def forget(self, place: discord.abc.Messageable | discord.ForumChannel) -> None:
        """Ask for a place again before the next post: it may have changed."""
        for channel in [channel for channel, known in self._places.items() if known is place]:
            del self._places[channel]

    async def within(self, call: Awaitable[T], seconds: float) -> T:
        """What `call` gives. Raises TimeoutError after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                return await call
        except (TimeoutError, asyncio.CancelledError):
            # A request that is stopped in a wait for all requests would leave all others waiting for ever.
            self._client.http._global_over.set()  # noqa: SLF001
            raise

    async def close(self) -> None:
        """Close the connections."""
        if self._is_in and not self._client.is_closed():
            await self._client.close()
