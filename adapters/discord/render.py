"""A message as Discord's: pure, within every limit by construction, split where one message is not enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import discord

from adapters.discord import components, embeds
from adapters.discord.pieces import Piece, in_pieces
from bot.messages.blocks import Message
from bot.messages.splitting import fill_messages

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
            made |= {"view": embeds.view(self.pieces), "embeds": embeds.make_embeds(self.pieces, mark)}
        made["view"].stop()
        return made


def render_message(message: Message, style: Style = "components") -> list[DiscordMessage]:
    """The whole message, in as many as it takes; a compact one begins with its titles alone."""
    here, there = in_pieces(message)
    return [*arrange_pieces(here, style), *(arrange_pieces(there, style, in_thread=True) if there else ())]


def arrange_pieces(pieces: Sequence[Piece], style: Style, *, in_thread: bool = False) -> list[DiscordMessage]:
    """The pieces in order, in as many messages as it takes."""
    form = components if style == "components" else embeds
    shown = [piece for piece in pieces if piece.markdown or piece.actions] or [Piece("—")]
    return [
        DiscordMessage(tuple(part), style, in_thread) for part in fill_messages(shown, form.size, form.MOST)
    ]


def texts_of(message: discord.Message) -> list[str]:
    """The Markdown of a posted message."""
    described = [embed.description or "" for embed in message.embeds]
    return described + [text for one in message.components for text in _texts_of(one)]


def _texts_of(component: object) -> Iterator[str]:
    if isinstance(component, discord.TextDisplay):
        yield component.content
    for inside in getattr(component, "children", ()):
        yield from _texts_of(inside)


def has_mark(message: discord.Message, mark: str) -> bool:
    """Whether the message was sent with this mark."""
    ids = {getattr(component, "id", None) for component in message.components}
    return components.mark_id(mark) in ids or mark in {embed.footer.text for embed in message.embeds}
