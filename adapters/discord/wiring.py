"""The client's ears: commands, buttons, menus and forms, each led to the app by what is sent with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, cast

import discord
import structlog
from discord import app_commands, ui

from adapters.discord.app import App
from adapters.discord.client import PaperboyClient
from adapters.discord.commands import Interaction, add_commands
from adapters.discord.faults import NETWORK, REFUSED
from adapters.discord.modal import FORM
from adapters.discord.presses import CARRIED_PRESS, MENU, PRESS, carried_parts
from adapters.discord.render import Style, render_message, texts_of
from bot.messages.blocks import Message, Paragraph

SORRY = Message("Something went wrong", (Paragraph("Try again; the log has the details."),))
CHANGED = Message("Paperboy's commands have changed", (Paragraph("Restart your Discord to see them."),))

log = structlog.get_logger()


def wire_client(client: PaperboyClient, app: App, style: Style) -> None:
    """Lead everything that `client` hears of to `app`; its commands are not put in place yet."""
    add_commands(client, app.on_command, app.on_autocomplete)
    client.tree.error(_on_error(style))
    client.add_dynamic_items(*(_control_class(form, read, app, style) for form, read in _READERS.items()))

    @client.event
    async def on_interaction(interaction: Interaction) -> None:
        is_form = interaction.type is discord.InteractionType.modal_submit
        if is_form and (match := FORM.fullmatch(_interaction_data(interaction).get("custom_id", ""))):
            async with _Sorry(interaction, style):
                await app.on_submit(interaction, int(match["number"]))


def _control_class(
    template: re.Pattern[str], read: Callable[[Interaction, re.Match[str]], str], app: App, style: Style
) -> type[ui.DynamicItem[Any]]:
    """Buttons or menus, found by the pattern of their `custom_id`: a restart forgets none.

    `read` gives the command of a press, "" where what it needs is gone.
    """

    class Control(ui.DynamicItem[ui.Item[Any]], template=template):
        def __init__(self, item: ui.Item[Any], match: re.Match[str]) -> None:
            super().__init__(item)
            self._match = match

        @classmethod
        async def from_custom_id(
            cls, _interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /
        ) -> Control:
            return cls(item, match)

        async def callback(self, interaction: Interaction) -> None:
            async with _Sorry(interaction, style):
                await app.on_press(interaction, read(interaction, self._match))

    return Control


def _on_press(_interaction: Interaction, match: re.Match[str]) -> str:
    return match["command"]


def _pressed_carried(interaction: Interaction, match: re.Match[str]) -> str:
    found = carried_parts(texts_of(interaction.message), match["name"]) if interaction.message else ""
    return f"{match['before']}{found}{match['after']}" if found else ""


def _on_choice(interaction: Interaction, _match: re.Match[str]) -> str:
    return next(iter(_interaction_data(interaction).get("values", ())), "")


def _interaction_data(interaction: Interaction) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", interaction.data or {})


_READERS = {PRESS: _on_press, CARRIED_PRESS: _pressed_carried, MENU: _on_choice}


def _on_error(style: Style) -> Any:
    async def on_error(interaction: Interaction, error: app_commands.AppCommandError) -> None:
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            log.warning("a Discord command of another version", problem=str(error))
            await _say_failure(CHANGED, interaction, style)
            return
        log.error("a Discord command failed", exc_info=error)
        await _say_failure(SORRY, interaction, style)

    return on_error


class _Sorry:
    """What nobody foresaw: the log has it, and whoever asked hears that something went wrong."""

    def __init__(self, interaction: Interaction, style: Style) -> None:
        self._interaction = interaction
        self._style = style

    async def __aenter__(self) -> None:
        return

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            await _say_failure(SORRY, self._interaction, self._style)


async def _say_failure(message: Message, interaction: Interaction, style: Style) -> None:
    try:
        if not interaction.response.is_done():
            await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send(ephemeral=True, **render_message(message, style)[0].arguments())
    except (*REFUSED, *NETWORK) as failure:
        log.warning("answer not delivered", problem=type(failure).__name__)
