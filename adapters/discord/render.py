"""A message as Discord's: pure, within every limit by construction, split where one message is not enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import discord

from adapters.discord import components, embeds
from adapters.discord.pieces import Piece, in_pieces
from bot.messages import Message
from bot.splitting import fill

Style = Literal["components", "embeds"]


@dataclass(frozen=True, slots=True)
class DiscordMessage:
    """One message: its pieces, and whether it belongs into the thread of the first one."""

    pieces: tuple[Piece, ...]
    style: Style
    in_thread: bool = False

    def arguments(self, mark: str = "") -> dict[str, Any]:
        """The arguments of discord.py's `send`; by its `mark` a posted message is found again (`has_mark`).

        The view counts as finished: presses are answered by their `custom_id`, so nothing has to remember it.
        """
        made: dict[str, Any] = {"allowed_mentions": discord.AllowedMentions.none()}
        if self.style == "components":
            made["view"] = components.view(self.pieces, mark)
        else:
            made |= {"view": embeds.view(self.pieces), "embeds": embeds.embeds(self.pieces, mark)}
        made["view"].stop()
        return made


def render(message: Message, style: Style = "components") -> list[DiscordMessage]:
    """The whole message, in as many as it takes; a compact one begins with its titles alone."""
    size, most = (components.size, components.MOST) if style == "components" else (embeds.size, embeds.MOST)
    here, there = in_pieces(message)
    return [
        DiscordMessage(tuple(part), style, in_thread)
        for in_thread, pieces in ((False, _shown(here) or [Piece("—")]), (True, _shown(there)))
        if pieces
        for part in fill(pieces, size, most)
    ]


def has_mark(message: discord.Message, mark: str) -> bool:
    """Whether the message was sent with this mark."""
    ids = {getattr(component, "id", None) for component in message.components}
    return components.mark_id(mark) in ids or mark in {embed.footer.text for embed in message.embeds}


def _shown(pieces: Sequence[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece.markdown or piece.actions]
