"""What every chat platform does with a command that was typed or pressed: run it, answer come what may."""

from __future__ import annotations

from dataclasses import dataclass, replace

import structlog

from bot.commands.arguments import Which
from bot.commands.desk import Caller
from bot.commands.grammar import parse
from bot.commands.model import (
    Command,
    Pause,
    Preview,
    Resume,
    Search,
    Settings,
    Show,
    Subscribe,
    Trending,
    Unsubscribe,
)
from bot.commands.say import unknown_paper, usage_error
from bot.commands.service import Commands, Listed
from bot.errors import StorageError, UsageError
from bot.messages import Button, Buttons, Code, Message, Text
from bot.papers.bibtex import bibtex
from bot.papers.identity import PaperId

CHANGING = (Subscribe, Unsubscribe, Pause, Resume, Settings)
SHARED = (Search, Trending, Show)
SHARE, BIBTEX = "share", "bibtex"
"""What only buttons say: the rest of their text is a command, and a paper."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Door:
    """Answers commands, whatever goes wrong."""

    commands: Commands

    async def pressed(self, text: str, caller: Caller, *, shared: bool = False) -> Message:
        """The answer to a command as text; a `shared` one has no button to share it again."""
        word, _, rest = text.partition(" ")
        if word == BIBTEX:
            return await self._bibtex(rest)
        try:
            command = parse(text)
        except UsageError as error:
            return usage_error(error)
        answer = await self.run(command, caller)
        return answer if shared else sharable(answer, command, text)

    async def run(self, command: Command, caller: Caller) -> Message:
        """The answer to a command."""
        try:
            return await self.commands.run(command, caller)
        except UsageError as error:
            return usage_error(error)
        except StorageError as error:
            log.warning("command failed", problem=str(error))
            return sorry()

    async def replaced(self, command: Subscribe, number: int, caller: Caller) -> Message:
        """Subscribe, and then let go of subscription `number`."""
        try:
            answer = await self.commands.run(command, caller)
            await self.commands.run(Unsubscribe(Which(number)), caller)
        except UsageError as error:
            return usage_error(error)
        except StorageError as error:
            log.warning("command failed", problem=str(error))
            return sorry()
        return answer

    async def channel(self, caller: Caller) -> Listed:
        """The channel and its subscriptions; as it would start where the database cannot be used."""
        try:
            return await self.commands.channel(caller.address)
        except StorageError as error:
            log.warning("channel not read", problem=str(error))
            return self.commands.defaults.channel(caller.address, self.commands.clock()), ()

    async def _bibtex(self, paper: str) -> Message:
        try:
            found = await self.commands.paper(PaperId.of(paper))
        except UsageError as error:
            return usage_error(error)
        except StorageError as error:
            log.warning("command failed", problem=str(error))
            return sorry()
        return Message("", (Code(bibtex(found)),)) if found else unknown_paper(PaperId.of(paper))


def sorry() -> Message:
    """What is said while the database cannot be used; the log has the reason."""
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
    """Whether a command turns the page of a search, whose answer takes the place of the page before."""
    try:
        command = parse(text)
    except UsageError:
        return False
    return isinstance(command, Search) and command.page > 1
