"""Commands from Slack: who asks, what is answered, and how it looks there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.home import SAVED, Tab
from adapters.slack.incoming import as_command, tidy_text
from adapters.slack.listing import list_messages
from adapters.slack.people import People
from adapters.slack.places import address_of
from adapters.slack.render import render_message
from adapters.slack.splitting import SlackMessage
from bot.channels.channel import Address
from bot.commands.channel_view import ChannelView
from bot.commands.context import Caller
from bot.commands.front_door import FrontDoor, with_share_button
from bot.commands.grammar import parse_command
from bot.commands.model import Command, List, Subscribe
from bot.commands.replies.subscriptions import usage_error
from bot.commands.table import Rights, row_of
from bot.errors import UsageError
from bot.messages.blocks import Message, Paragraph
from bot.papers.identity import find_id

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
        return address_of(self.workspace, self.channel)


class Answers:
    """Answers everything that is typed or pressed."""

    def __init__(self, front_door: FrontDoor) -> None:
        self.front_door = front_door
        self._people = People()

    async def answer_typed(self, text: str, who: Who) -> list[SlackMessage]:
        """The answer to what stands after `/papers`."""
        return await self.answer_press(as_command(tidy_text(text)), who)

    async def answer_press(self, text: str, who: Who, *, shared: bool = False) -> list[SlackMessage]:
        """The answer to a button's command; a `shared` one has no button to share it again."""
        try:
            command = parse_command(_rename_old(text))
        except UsageError as error:
            return render_message(usage_error(error))
        answer = await self.run_command(command, who)
        if isinstance(command, List):
            return list_messages(answer, await self.view_channel(who))
        return render_message(answer if shared else with_share_button(answer, command, text))

    async def renew_list(self, text: str, who: Who) -> tuple[Message, list[SlackMessage]]:
        """What a press in a list did, and the list as it is now."""
        try:
            done = await self.run_command(parse_command(text), who)
        except UsageError as error:
            done = usage_error(error)
        shown = await self.run_command(List(), who)
        shown = replace(shown, blocks=(*shown.blocks, Paragraph(done.title)))
        return done, list_messages(shown, await self.view_channel(who))

    async def run_command(self, command: Command, who: Who) -> Message:
        """The neutral answer to a command, whatever goes wrong."""
        return await self.front_door.run(command, await self.make_caller(command, who))

    async def edit_subscription(self, number: int, command: Subscribe, who: Who) -> Message:
        """Subscribe in the place of subscription `number`."""
        return await self.front_door.edit(number, command, await self.make_caller(command, who))

    async def view_channel(self, who: Who) -> ChannelView:
        """The channel and its subscriptions; as it would start where the database cannot be used."""
        return await self.front_door.channel(who.address)

    async def home_tab(self, who: Who) -> Tab:
        """What the Home tab shows. Raises StorageError."""
        here = address_of(who.workspace, "")
        seen = await self._people.channels_of(who.client, who.user)
        shown = None if seen is None else {address_of(who.workspace, channel) for channel in seen}
        views = await self.front_door.channels_of(here, who.user, shown)
        return Tab(
            views, *await self.front_door.saved_papers(here, who.user, SAVED), is_whole=seen is not None
        )

    async def is_member(self, who: Who) -> bool:
        """Whether somebody is in their channel by Slack's word, or Slack does not say.

        What comes from the Home tab names a channel that its user may have left since the tab was drawn.
        """
        if who.channel[:1] not in {"C", "G"}:
            return True
        seen = await self._people.channels_of(who.client, who.user)
        return seen is None or who.channel in seen

    async def make_caller(self, command: Command, who: Who) -> Caller:
        """Who asks; Slack is asked about admins only where it matters."""
        asks = row_of(command).rights is not Rights.ANYBODY
        is_admin = asks and await self._people.is_admin(who.client, who.workspace, who.user)
        return Caller(who.address, who.user, is_admin)


def _rename_old(text: str) -> str:
    word, _, rest = text.partition(" ")
    return f"{OLD_NAMES[word]} {rest}" if word in OLD_NAMES and find_id(rest) else text
