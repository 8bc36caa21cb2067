"""Discord's interactions, each acknowledged at once and answered afterwards. No state: old buttons work for
ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from adapters.discord import modal
from adapters.discord.commands import Interaction, read_command, text_of
from adapters.discord.faults import NETWORK, REFUSED
from adapters.discord.listing import EDIT, list_pieces
from adapters.discord.places import address_of
from adapters.discord.render import DiscordMessage, Style, arrange_pieces, render_message
from bot.commands.autocomplete import Suggestion
from bot.commands.context import Caller
from bot.commands.front_door import SHARE, FrontDoor, explain_outage, is_page_turn, with_share_button
from bot.commands.grammar import parse_command
from bot.commands.model import Command, List
from bot.commands.replies.subscriptions import usage_error
from bot.commands.table import row_of
from bot.errors import StorageError, UsageError
from bot.messages.blocks import Message, Note, Paragraph

MOST_PARTS, MOST_AS_GUEST = 20, 5
"""Answers to one interaction. Where only its user has installed Paperboy, Discord takes no more than 5:
https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
"""
PATIENCE = 2.0
"""Seconds. Discord waits 3 for suggestions."""
GONE = Message(
    "This button no longer works",
    (Paragraph("Use `/papers list` to see what is there now."),),
)

NOT_HERE = Message(
    "Paperboy cannot post here",
    (
        Paragraph(
            "Only you have installed it. A server manager can invite it so that channels can subscribe."
        ),
    ),
)

log = structlog.get_logger()


class App:
    """One method a kind of interaction."""

    def __init__(self, front_door: FrontDoor, style: Style) -> None:
        self._front_door = front_door
        self._style = style

    async def on_command(self, interaction: Interaction, name: str, words: Mapping[str, str]) -> None:
        """A slash command."""
        if not await _acknowledge(interaction):
            return
        try:
            command = read_command(name, words)
        except UsageError as error:
            await self._send_parts(interaction, render_message(usage_error(error), self._style))
            return
        await self._send_parts(
            interaction, await self._answer_command(interaction, command, text_of(name, words))
        )

    async def on_autocomplete(
        self, interaction: Interaction, name: str, arg: str, text: str
    ) -> list[Suggestion]:
        """What an option can be; nothing where the database is busy."""
        try:
            async with asyncio.timeout(PATIENCE):
                caller = caller_of(interaction)
                return list(await self._front_door.suggest_values(name, arg, text, caller))
        except (StorageError, TimeoutError) as error:
            log.warning("nothing suggested", problem=str(error) or type(error).__name__)
            return []

    async def on_press(self, interaction: Interaction, text: str) -> None:
        """A button or a menu: `text` is its command, "" where what it needs is gone."""
        word, _, rest = text.partition(" ")
        if word == EDIT:
            await self._open_form(interaction, rest)
        elif word == SHARE:
            if await _acknowledge(interaction, ephemeral=False):
                await self._send_parts(
                    interaction, await self._answer_shared(interaction, rest), ephemeral=False
                )
        elif is_page_turn(text) and interaction.message and interaction.message.flags.ephemeral:
            if await _acknowledge(interaction, thinking=False):
                await self._turn_page(interaction, await self._answer_press(interaction, text))
        elif await _acknowledge(interaction):
            await self._send_parts(interaction, await self._answer_press(interaction, text))

    async def on_submit(self, interaction: Interaction, number: int) -> None:
        """The form of a subscription."""
        if not await _acknowledge(interaction):
            return
        caller = caller_of(interaction)
        try:
            command = modal.command_of(dict(interaction.data or {}))
        except UsageError as error:
            await self._send_parts(interaction, render_message(usage_error(error), self._style))
            return
        try:
            view = await self._front_door.stored_channel(caller.address)
        except StorageError as error:
            await self._send_parts(interaction, render_message(explain_outage(error), self._style))
            return
        is_there = any(one.id == number for one in view.subscriptions)
        answer = await self._front_door.edit(number, command, caller) if is_there else GONE
        await self._send_parts(interaction, render_message(answer, self._style))

    async def _open_form(self, interaction: Interaction, number: str) -> None:
        """Open the form on a subscription, if it is still there."""
        try:
            view = await self._front_door.stored_channel(caller_of(interaction).address)
        except StorageError as error:
            if await _acknowledge(interaction):
                await self._send_parts(interaction, render_message(explain_outage(error), self._style))
            return
        found = next((one for one in view.subscriptions if f"#{one.id}" == number), None)
        if found is None or not may_change(interaction):
            if await _acknowledge(interaction):
                said = GONE if found is None else NOT_HERE
                await self._send_parts(interaction, render_message(said, self._style))
            return
        try:
            await interaction.response.send_modal(modal.subscription_form(found, view.channel))
        except (*REFUSED, *NETWORK) as error:
            log.warning("form not opened", problem=type(error).__name__)

    async def _answer_press(self, interaction: Interaction, text: str) -> list[DiscordMessage]:
        if not text:
            return render_message(GONE, self._style)
        try:
            command = parse_command(text)
        except UsageError as error:
            return render_message(usage_error(error), self._style)
        return await self._answer_command(interaction, command, text)

    async def _answer_command(
        self, interaction: Interaction, command: Command, text: str
    ) -> list[DiscordMessage]:
        if row_of(command).needs_channel and not may_change(interaction):
            return render_message(NOT_HERE, self._style)
        caller = caller_of(interaction)
        answer = await self._front_door.run(command, caller)
        if isinstance(command, List):
            return arrange_pieces(
                list_pieces(answer, await self._front_door.channel(caller.address)), self._style
            )
        return render_message(with_share_button(answer, command, text), self._style)

    async def _answer_shared(self, interaction: Interaction, text: str) -> list[DiscordMessage]:
        answer = await self._front_door.answer(text, caller_of(interaction))
        signed = Note(f"Shared from /papers {text}")
        return render_message(Message(answer.title, (*answer.blocks, signed)), self._style)

    async def _turn_page(self, interaction: Interaction, parts: Sequence[DiscordMessage]) -> None:
        """Put an answer in the place of the message that was acted on."""
        try:
            await interaction.edit_original_response(**parts[0].arguments())
        except (*REFUSED, *NETWORK) as error:
            log.warning("answer not delivered", problem=type(error).__name__)
            return
        await self._send_parts(interaction, parts[1:])

    async def _send_parts(
        self, interaction: Interaction, parts: Sequence[DiscordMessage], *, ephemeral: bool = True
    ) -> None:
        most = MOST_PARTS if interaction.is_guild_integration() else MOST_AS_GUEST
        for part in self._limit_parts(parts, most):
            try:
                await interaction.followup.send(ephemeral=ephemeral, **part.arguments())
            except (*REFUSED, *NETWORK) as error:
                log.warning("answer not delivered", problem=type(error).__name__)
                return

    def _limit_parts(self, parts: Sequence[DiscordMessage], most: int) -> Sequence[DiscordMessage]:
        """At most so many parts; where there are more, the last says so."""
        if len(parts) <= most:
            return parts
        left = len(parts) - most + 1
        rest = Message("", (Note(f"{left} more messages did not fit in one answer. Narrow your search."),))
        return [*parts[: most - 1], *render_message(rest, self._style)]


def caller_of(interaction: Interaction) -> Caller:
    """Who asks; who may manage the channel counts as an admin, and everybody in their own messages."""
    may = interaction.permissions
    is_admin = interaction.guild_id is None or may.manage_channels or may.manage_guild or may.administrator
    where = address_of(interaction.guild_id, interaction.channel_id or 0)
    return Caller(where, str(interaction.user.id), is_admin, is_one_everywhere=True)


def may_change(interaction: Interaction) -> bool:
    """Whether Paperboy itself is where somebody asks, and not only its user."""
    if interaction.guild_id is None:
        return interaction.context.dm_channel
    return interaction.is_guild_integration() or not interaction.is_user_integration()


async def _acknowledge(interaction: Interaction, *, ephemeral: bool = True, thinking: bool = True) -> bool:
    """Tell Discord within its three seconds that an answer comes; False where it does not hear of it."""
    try:
        await interaction.response.defer(ephemeral=ephemeral, thinking=thinking)
    except (*REFUSED, *NETWORK) as error:
        log.warning("interaction not acknowledged", problem=type(error).__name__)
        return False
    return True
