"""Pieces as Components V2. https://discord.com/developers/docs/components/reference"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any
from zlib import crc32

import discord
from discord import ui

from adapters.discord.controls import make_button, make_menu
from adapters.discord.pieces import Piece
from bot.messages.splitting import Size

MOST = (40, 3_900)
"""Components, nested ones too, and characters of all texts (the limit is 4,000)."""

Item = ui.Item[ui.LayoutView]


def size(piece: Piece) -> Size:
    """How much of a message a piece takes."""
    items = bool(piece.markdown) + piece.rule
    if piece.accent is not None:
        return 1 + items + 2 * bool(make_menu(piece.actions, 0)), len(piece.markdown)
    return items + len(piece.actions) + bool(piece.actions), len(piece.markdown)


def view(pieces: Sequence[Piece], mark: str) -> ui.LayoutView:
    """The components of one message; its first one has the mark's number as id."""
    numbers = count(1)
    items = [item for piece in pieces for item in _piece_items(piece, numbers)]
    if mark:
        items[0].id = mark_id(mark)
    made = ui.LayoutView(timeout=None)
    for item in items:
        made.add_item(item)
    return made


def mark_id(mark: str) -> int:
    """A component id of 31 bits, far above those that Discord gives itself."""
    return 1 << 30 | crc32(mark.encode()) >> 2


def _piece_items(piece: Piece, numbers: Iterator[int]) -> Iterator[Item]:
    if piece.rule:
        yield ui.Separator(spacing=discord.SeparatorSpacing.large)
    if piece.accent is not None:
        yield _card_items(piece, numbers)
        return
    if piece.markdown:
        yield ui.TextDisplay(piece.markdown)
    if piece.actions:
        yield ui.ActionRow(*(make_button(one, piece.carries, next(numbers)) for one in piece.actions))


def _card_items(piece: Piece, numbers: Iterator[int]) -> Item:
    inside: list[ui.Item[Any]] = [ui.TextDisplay(piece.markdown)]
    if select := make_menu(piece.actions, next(numbers)):
        inside.append(ui.ActionRow(select))
    return ui.Container(*inside, accent_colour=piece.accent)
