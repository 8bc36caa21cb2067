"""How Discord reads what it is sent: whom a payload names, where it links, and what it can hide in text.

Markdown is read from left to right as Discord's own parser does: code first, then escapes, then the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.standins.reading import nodes

Payload = dict[str, Any]

_DEAD = re.compile(r"```.*?```|\\[^\w\s]|(`+)(?!`).*?[^`]\1(?!`)", re.DOTALL)
"""Blocks of code, escapes and code, whichever comes first."""
_PING = re.compile(r"@(?:everyone|here)\b|<(?:@[!&]?\d+|#\d+|t:-?\d+(?::\w)?|/[^>]*:\d+|id:\w+|a?:\w+:\d+)>")
_LINK = re.compile(r"(?:https?|steam)://[^\s<>)]+|discord(?:app)?\.(?:gg|com/invite)/\w+", re.IGNORECASE)
_MASKED = re.compile(r"\]\(\s*<?([^\s)>]+)")
_GAP = "\x1a"


def pings(payload: Payload) -> list[str]:
    """Everything in a message that would be drawn as a mention, an emoji, a time or a command."""
    return [one for text in _markdown(payload) for one in _PING.findall(_live(text))]


def links(payload: Payload) -> set[str]:
    """Every address that could be pressed in a message."""
    found = {node["url"] for node in nodes(payload) if isinstance(node.get("url"), str)}
    for text in _markdown(payload):
        live = _live(text)
        found |= set(_MASKED.findall(live)) | set(_LINK.findall(live))
    return found


def _live(text: str) -> str:
    """Markdown without its code, and without what is escaped."""
    return _DEAD.sub(_GAP, text)


def _markdown(payload: Payload) -> Iterator[str]:
    """The texts that Discord reads as Markdown; labels, names and footers are none."""
    yield payload.get("content") or ""
    for node in nodes(payload):
        if node.get("type") == 10:
            yield node["content"]
    for embed in payload.get("embeds") or []:
        yield from (embed.get(name) or "" for name in ("title", "description"))
        yield from (field["value"] for field in embed.get("fields") or [])
