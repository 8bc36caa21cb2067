"""What every chat platform does with a command that was typed or pressed: run it, answer come what may."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, replace

import structlog

from bot.channels.channel import Address
from bot.commands.context import Caller
from bot.commands.grammar import parse
from bot.commands.model import (
    Command,
    Dislike,
    Feedback,
    Like,
    Mute,
    Pause,
    Preview,
    Resume,
    Saved,
    Search,
    Settings,
    Show,
    Subscribe,
    Trending,
    Unlike,
    Unmute,
    Unsubscribe,
)
from bot.commands.replies.subscriptions import usage_error
from bot.commands.service import Commands, Listed
from bot.errors import StorageError, UsageError
from bot.messages.blocks import Button, Buttons, Message, Text

CHANGING = (Subscribe, Unsubscribe, Mute, Unmute, Pause, Resume, Settings)
"""What is done to a channel, by those who may."""
RATING = (Like, Dislike, Unlike, Feedback)
"""What a channel learns from: everybody may, but for forgetting all of it."""
OF_CHANNELS = (*CHANGING, *RATING)
"""What means something only where digests come."""
SHARED = (Search, Trending, Show)
SHARE = "share"
"""What only buttons say: the rest of their text is a command."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Door:
    """Answers commands, whatever goes wrong."""

    commands: Commands

    async def pressed(self, text: str, caller: Caller, *, shared: bool = False) -> Message:
        """The answer to a command as text; a `shared` one has no button to share it again."""
        try:
            command = parse(text)
        except UsageError as error:
            return usage_error(error)
        answer = await self.run(command, caller)
        return answer if shared else sharable(answer, command, text)

    async def run(self, command: Command, caller: Caller) -> Message:
        """The answer to a command."""
        return await _said(self.commands.run(command, caller))

    async def edited(self, number: int, command: Subscribe, caller: Caller) -> Message:
        """Subscribe in the place of subscription `number`."""
        return await _said(self.commands.edit(number, command, caller))

    async def channel(self, address: Address) -> Listed:
        """The channel and its subscriptions; as it would start where the database cannot be used."""
        try:
            return await self.commands.channel(address)
        except StorageError as error:
            log.warning("channel not read", problem=str(error))
            return Listed(self.commands.defaults.channel(address, self.commands.clock()))


async def _said(answer: Awaitable[Message]) -> Message:
    """An answer, or what went wrong."""
    try:
        return await answer
    except UsageError as error:
        return usage_error(error)
    except StorageError as error:
        return sorry(error)


def sorry(error: StorageError) -> Message:
    """What is said while the database cannot be used; the log gets the reason."""
    log.warning("the database cannot be used", problem=str(error))
    return Message(
        "Paperboy cannot reach its database just now",
        (Text("Nothing was changed. Try again in a minute; the log of Paperboy has the reason."),),
    )


def sharable(answer: Message, command: Command, text: str) -> Message:
    """`answer` with a button that shows it to all, where it is of use to all."""
    if not isinstance(command, SHARED) and not (isinstance(command, Preview) and command.topic):
        return answer
    share = Button("Share to channel", f"{SHARE} {text}")
    last = answer.blocks[-1] if answer.blocks else None
    if isinstance(last, Buttons):
        return replace(answer, blocks=(*answer.blocks[:-1], Buttons((*last.buttons, share))))
    return replace(answer, blocks=(*answer.blocks, Buttons((share,))))


def turns_page(text: str) -> bool:
    """Whether a button turns the page of a search or a list: its answer takes the place of that page."""
    try:
        command = parse(text)
    except UsageError:
        return False
    # The first page, too, is one that a button names.
    return isinstance(command, Search | Saved) and text.endswith(f" page:{command.page}")
