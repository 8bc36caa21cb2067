"""Pieces as embeds with buttons below: for servers whose readers prefer the classic look.

https://discord.com/developers/docs/resources/message#embed-object-embed-limits
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import discord
from discord import ui

from adapters.discord.controls import make_button, make_menu
from adapters.discord.pieces import Piece
from bot.messages.blocks import Button
from bot.messages.splitting import Size
from bot.papers.text import clean_line

MOST = (10, 4, 5_800)
"""Embeds (which are fewer, as texts are joined), rows of buttons beside the menu's, characters of all."""
DESCRIPTION = 4_096


def size(piece: Piece) -> Size:
    """How much of a message a piece takes."""
    is_row = bool(piece.actions) and piece.accent is None
    return bool(piece.markdown), is_row, len(piece.markdown) + 1


def make_embeds(pieces: Sequence[Piece], mark: str) -> list[discord.Embed]:
    """A card each, and the texts between them; the last one has the mark as its footer."""
    made: list[discord.Embed] = []
    is_text = False
    for piece in pieces:
        joined = f"{made[-1].description}\n{piece.markdown}" if made else ""
        if piece.accent is None and is_text and len(joined) <= DESCRIPTION:
            made[-1].description = joined
        elif piece.markdown:
            made.append(discord.Embed(description=piece.markdown, colour=piece.accent))
            is_text = piece.accent is None
    if not made:
        # Buttons alone are no message.
        made.append(discord.Embed(description="—"))
    if mark:
        made[-1].set_footer(text=mark)
    return made


def view(pieces: Sequence[Piece]) -> ui.View:
    """The rows of buttons, and one menu with the whole of every card."""
    numbers = count(1)
    made = ui.View(timeout=None)
    row = 0
    for piece in pieces:
        if piece.actions and piece.accent is None:
            for one in piece.actions:
                made.add_item(make_button(one, piece.carries, next(numbers), row))
            row += 1
    whole = [_whole_embed(piece) for piece in pieces if piece.actions and piece.accent is not None]
    if select := make_menu(whole, next(numbers), row):
        made.add_item(select)
    return made


def _whole_embed(piece: Piece) -> Button:
    """A card's last action shows it in full, with all others."""
    return replace(piece.actions[-1], label=clean_line(piece.name))
