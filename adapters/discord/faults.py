"""What Discord's refusals mean to a delivery.

https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import aiohttp
import discord

from adapters.http_headers import retry_after
from bot.errors import DeliveryError

NETWORK = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
"""What comes out of the client where no answer does: a request may or may not have been carried out."""
REFUSED = (discord.HTTPException, discord.RateLimited, discord.LoginFailure)
"""What comes out of it where an answer does."""

_INVITE = "`paperboy discord invite` prints the invitation."
_GONE = ("This Discord channel no longer exists.", "Use another one.")
_NO_ACCESS = ("Paperboy cannot see this channel.", f"Let it view the channel, or invite it: {_INVITE}")
_THREAD = ("The thread is closed.", "Open it again.")
PERMANENT: Mapping[int, tuple[str, str]] = {
    10003: _GONE,
    10004: ("This Discord server no longer exists.", _INVITE),
    50001: _NO_ACCESS,
    50013: (
        "Paperboy may not post in this channel.",
        "Give it View Channel, Send Messages, Embed Links and Send Messages in Threads there.",
    ),
    50007: ("This person does not accept direct messages.", ""),
    50008: ("Paperboy cannot post in this kind of channel.", "Use a text channel, a thread or a forum."),
    50083: _THREAD,
    40067: ("This forum requires a tag, and has none that Paperboy may use.", "Add one."),
}
_BANNED_SECONDS = 600.0
"""Discord's own wait for an address that it has blocked, where it names none."""


def refusal_error(error: Exception) -> DeliveryError:
    """A delivery's view of one of `REFUSED`: everything unknown is worth another try."""
    if isinstance(error, discord.RateLimited):
        return _slow_down(error.retry_after)
    if isinstance(error, discord.LoginFailure):
        return _token_error()
    if not isinstance(error, discord.HTTPException):
        return DeliveryError(f"Discord answered {type(error).__name__}.", permanent=False)
    if error.status == 401:
        return _token_error()
    if error.status == 429:
        return _slow_down(_retry_seconds(error))
    if error.code in PERMANENT:
        problem, hint = PERMANENT[error.code]
        return DeliveryError(f"{problem} ({error.code})", hint, permanent=True)
    # Without a code it is a proxy that refuses, and not Discord.
    if error.status in {403, 404} and error.code:
        return DeliveryError(
            f"Discord refuses this channel ({error.status}, {error.code}).", _INVITE, permanent=True
        )
    return DeliveryError(f"Discord answered {error.status} ({error.code}).", permanent=False)


def silence_error(error: BaseException) -> DeliveryError:
    """A delivery's view of one of `NETWORK`."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return DeliveryError("Discord cannot be reached.", permanent=False)
    return DeliveryError(f"Discord did not answer: {type(error).__name__}.", permanent=False)


def is_uncertain(error: BaseException) -> bool:
    """Whether the request may have been carried out all the same."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500
    return isinstance(error, NETWORK) and not isinstance(error, aiohttp.ClientConnectorError)


def _slow_down(seconds: float) -> DeliveryError:
    return DeliveryError("Discord is rate limiting Paperboy.", permanent=False, retry_after=seconds)


def _token_error() -> DeliveryError:
    hint = "Copy it again from the Discord developer portal, Bot, Reset Token."
    return DeliveryError("Discord refuses DISCORD_TOKEN.", hint, permanent=False)


def _retry_seconds(error: discord.HTTPException) -> float:
    wait = retry_after(str(error.response.headers.get("Retry-After", "")), datetime.now(UTC))
    return _BANNED_SECONDS if wait is None else wait
