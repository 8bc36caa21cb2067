"""How Discord reads what it is sent: whom a payload names, where it links, and what it can hide in text.

Markdown is read from left to right as Discord's own parser does: code first, then escapes, then the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

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
    found = {node["url"] for node in _nodes(payload) if isinstance(node.get("url"), str)}
    for text in _markdown(payload):
        live = _live(text)
        found |= set(_MASKED.findall(live)) | set(_LINK.findall(live))
    return found


def hidden(payload: Payload) -> list[str]:
    """Signs that turn text around, hide in it, or break it off."""
    whole = "".join(_strings(payload))
    return [f"U+{ord(char):04X}" for char in set(whole) - {"\n"} if unicodedata.category(char)[0] == "C"]


def _live(text: str) -> str:
    """Markdown without its code, and without what is escaped."""
    return _DEAD.sub(_GAP, text)


def _markdown(payload: Payload) -> Iterator[str]:
    """The texts that Discord reads as Markdown; labels, names and footers are none."""
    yield payload.get("content") or ""
    for node in _nodes(payload):
        if node.get("type") == 10:
            yield node["content"]
    for embed in payload.get("embeds") or []:
        yield from (embed.get(name) or "" for name in ("title", "description"))
        yield from (field["value"] for field in embed.get("fields") or [])


def _nodes(value: Any) -> Iterator[Payload]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
