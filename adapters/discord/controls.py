"""Buttons and menus whose presses are commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from adapters.discord.escape import cut_text
from adapters.discord.presses import custom_id
from bot.digests.card_actions import fit_actions
from bot.messages.blocks import Button
from bot.papers.text import clean_line

LABEL = 80
OPTION = 100
MOST_OPTIONS = 25
PRIMARY = "subscribe"
"""The command whose buttons stand out."""


def make_button(one: Button, carried: str, number: int, row: int | None = None) -> ui.Button[Any]:
    """A button, the `number`th control of a message that carries `carried`."""
    is_primary = one.command.partition(" ")[0] == PRIMARY
    return ui.Button(
        style=discord.ButtonStyle.primary if is_primary else discord.ButtonStyle.secondary,
        label=cut_text(clean_line(one.label), LABEL) or "…",
        custom_id=custom_id(one.command, carried, number),
        row=row,
    )


def make_menu(actions: Sequence[Button], number: int, row: int | None = None) -> ui.Select[Any] | None:
    """A menu of those actions that an option can hold, each once; None where there is none."""
    known = {clean_line(one.command): one.label for one in actions}
    possible = [Button(label, command) for command, label in known.items() if 0 < len(command) <= OPTION]
    options = [
        discord.SelectOption(label=cut_text(clean_line(one.label), OPTION) or "…", value=one.command)
        for one in fit_actions(possible, MOST_OPTIONS)
    ]
    if not options:
        return None
    return ui.Select(custom_id=f"m{number}", placeholder="Actions", options=options, row=row)
