"""Commands from Slack: who asks, what is answered, and how it looks there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.home import SAVED, Tab
from adapters.slack.incoming import as_command, tidy
from adapters.slack.listing import listing
from adapters.slack.people import People
from adapters.slack.places import address
from adapters.slack.render import render
from adapters.slack.splitting import SlackMessage
from bot.channels.channel import Address
from bot.commands.arguments import Which
from bot.commands.desk import Caller
from bot.commands.grammar import parse
from bot.commands.model import (
    Command,
    List,
    Mute,
    Pause,
    Preview,
    Resume,
    Search,
    Settings,
    Show,
    Subscribe,
    Trending,
    Unmute,
    Unsubscribe,
)
from bot.commands.say import usage_error
from bot.commands.service import Commands, Listed
from bot.errors import StorageError, UsageError
from bot.messages import Button, Buttons, Message, Text
from bot.papers.identity import recognise

CHANGING = (Subscribe, Unsubscribe, Mute, Unmute, Pause, Resume, Settings)
SHARED = (Search, Trending, Show)
SHARE = "share"
"""What only buttons say: the rest of their text is a command."""
OLD_NAMES = {"bibtex": "export bibtex"}
"""Commands of buttons under messages that an earlier version posted."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody in a channel, and the client of their workspace."""

    client: AsyncWebClient
    workspace: str
    channel: str
    user: str

    @property
    def address(self) -> Address:
        """The channel."""
        return address(self.workspace, self.channel)


class Answers:
    """Answers everything that is typed or pressed."""

    def __init__(self, commands: Commands) -> None:
        self.commands = commands
        self._people = People()

    async def typed(self, text: str, who: Who) -> list[SlackMessage]:
        """The answer to what stands after `/papers`."""
        return await self.pressed(as_command(tidy(text)), who)

    async def pressed(self, text: str, who: Who, *, shared: bool = False) -> list[SlackMessage]:
        """The answer to a button's command; a `shared` one has no button to share it again."""
        try:
            command = parse(_renamed(text))
        except UsageError as error:
            return render(usage_error(error))
        answer = await self.run(command, who)
        if isinstance(command, List):
            return listing(answer, await self.channel(who))
        is_shared = isinstance(command, SHARED) or (isinstance(command, Preview) and command.topic)
        return render(_with_share(answer, text) if is_shared and not shared else answer)

    async def renewed(self, text: str, who: Who) -> tuple[Message, list[SlackMessage]]:
        """What a press in a list did, and the list as it is now."""
        try:
            done = await self.run(parse(text), who)
        except UsageError as error:
            done = usage_error(error)
        shown = await self.run(List(), who)
        shown = replace(shown, blocks=(*shown.blocks, Text(done.title)))
        return done, listing(shown, await self.channel(who))

    async def run(self, command: Command, who: Who) -> Message:
        """The neutral answer to a command, whatever goes wrong."""
        try:
            return await self.commands.run(command, await self.caller(command, who))
        except UsageError as error:
            return usage_error(error)
        except StorageError as error:
            log.warning("command failed", problem=str(error))
            return sorry()

    async def replaced(self, command: Subscribe, number: int, who: Who) -> Message:
        """Subscribe, and then let go of subscription `number`."""
        caller = await self.caller(command, who)
        try:
            answer = await self.commands.run(command, caller)
            await self.commands.run(Unsubscribe(Which(number)), caller)
        except UsageError as error:
            return usage_error(error)
        except StorageError as error:
            log.warning("command failed", problem=str(error))
            return sorry()
        return answer

    async def channel(self, who: Who) -> Listed:
        """The channel and its subscriptions; as it would start where the database cannot be used."""
        try:
            return await self.commands.channel(who.address)
        except StorageError as error:
            log.warning("channel not read", problem=str(error))
            return Listed(self.commands.defaults.channel(who.address, self.commands.clock()))

    async def tab(self, who: Who) -> Tab:
        """What the Home tab shows. Raises StorageError."""
        here = address(who.workspace, "")
        seen = await self._people.channels(who.client, who.user)
        shown = {address(who.workspace, channel) for channel in seen or ()}
        listed = await self.commands.channels_of(here, who.user, shown)
        return Tab(listed, *await self.commands.saved(here, who.user, SAVED), is_whole=seen is not None)

    async def caller(self, command: Command, who: Who) -> Caller:
        """Who asks; Slack is asked about admins only where it matters."""
        is_admin = isinstance(command, CHANGING) and await self._people.is_admin(
            who.client, who.workspace, who.user
        )
        return Caller(who.address, who.user, is_admin)


def sorry() -> Message:
    """What is said while the database cannot be used; the log has the reason."""
    return Message(
        "Paperboy cannot reach its database just now",
        (Text("Nothing was changed. Try again in a minute; the log of Paperboy has the reason."),),
    )


def _renamed(text: str) -> str:
    word, _, rest = text.partition(" ")
    return f"{OLD_NAMES[word]} {rest}" if word in OLD_NAMES and recognise(rest) else text


def _with_share(answer: Message, text: str) -> Message:
    share = Button("Share to channel", f"{SHARE} {text}")
    last = answer.blocks[-1] if answer.blocks else None
    if isinstance(last, Buttons):
        return replace(answer, blocks=(*answer.blocks[:-1], Buttons((*last.buttons, share))))
    return replace(answer, blocks=(*answer.blocks, Buttons((share,))))
