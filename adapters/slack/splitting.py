"""Slack's messages, filled up to what one may hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.slack.mrkdwn import cut_escaped
from bot.messages import splitting
from bot.papers.text import clean_line

Payload = dict[str, Any]
Unit = list[Payload]
"""Blocks that stay together."""

MOST_BLOCKS = 48
MOST_CHARACTERS = 12_000
FALLBACK = 1_000


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """One message: `text` is what notifications and screen readers say, never empty."""

    text: str
    blocks: tuple[Payload, ...]

    def payload(self) -> Payload:
        """The arguments of `chat.postMessage` and of a `response_url`."""
        return {
            "text": self.text,
            "blocks": list(self.blocks),
            "unfurl_links": False,
            "unfurl_media": False,
        }


def fill_messages(parts: Iterable[tuple[Unit, str]]) -> list[tuple[list[Payload], list[str]]]:
    """The units in order, in messages filled up to the limits, each with the titles in it."""
    filled = splitting.fill_messages(parts, _block_size, (MOST_BLOCKS, MOST_CHARACTERS))
    return [
        ([block for unit, _ in message for block in unit], [said for _, said in message if said])
        for message in filled
    ]


def _block_size(part: tuple[Unit, str]) -> splitting.Size:
    return len(part[0]), count_characters(part[0])


def count_characters(value: object) -> int:
    """How many characters all strings of a payload have."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(count_characters, value.values()))
    return sum(map(count_characters, value)) if isinstance(value, list) else 0


def _fallback_text(title: str, said: Sequence[str], number: int, parts: int) -> str:
    place = f" ({number} of {parts})" if parts > 1 else ""
    whole = f"{clean_line(title)}{place}" + (f": {'; '.join(said)}" if said else "")
    return cut_escaped(whole, FALLBACK).strip() or "Paperboy"


def split_blocks(title: str, filled: Sequence[tuple[list[Payload], list[str]]]) -> list[SlackMessage]:
    return [
        SlackMessage(_fallback_text(title, said, number, len(filled)), tuple(blocks))
        for number, (blocks, said) in enumerate(filled, 1)
    ]
