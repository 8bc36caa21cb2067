"""Post a message in its parts, going on from those that an earlier attempt has posted."""

from __future__ import annotations

from datetime import datetime

from bot.channels.channel import Address
from bot.errors import DeliveryError
from bot.messages.blocks import Message
from bot.ports.platform import Platform, Posting


async def post_message(
    platform: Platform, address: Address, message: Message, nonce: str, since: datetime | None = None
) -> str:
    """Post what is not there yet, and return the id of the first part.

    `since` is when the first attempt began, UTC, where an earlier one may have posted some of it; without,
    nobody looks. Raises DeliveryError, `begun` where some of the message is there.
    """
    done: list[str] = []
    if since is None:
        posting = await platform.prepare(address, message, nonce)
    else:
        posting, done = await _find_posted(platform, address, message, nonce, since)
    try:
        while len(done) < posting.parts:
            done.append(await posting.send(done))
    except DeliveryError as error:
        # The next try may be another process's, which has to see what is there already.
        error.begun = bool(done)
        raise
    return done[0]


async def _find_posted(
    platform: Platform, address: Address, message: Message, nonce: str, since: datetime
) -> tuple[Posting, list[str]]:
    """The message laid out, and the ids of its parts that are there."""
    try:
        posting = await platform.prepare(address, message, nonce)
        return posting, list(await posting.find(since))
    except DeliveryError as error:
        # Nobody could look: it is as much in doubt as before.
        error.unknown |= not error.permanent
        error.begun = True
        raise
