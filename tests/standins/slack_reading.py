"""How Slack reads what it is sent: whom a payload pings, where it links, and what it can hide in text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.standins.reading import nodes

_ENTITY = re.compile(r"<([^<>\n]+)>")
_BARE_PING = re.compile(r"(?<![\w&])@(?:channel|here|everyone)\b", re.IGNORECASE)
_BARE_LINK = re.compile(r"\b(?:[a-z][a-z0-9+.-]*://|www\.|mailto:)[^\s<>|]+", re.IGNORECASE)
_LINK_FIELDS = ("url", "image_url", "title_url", "thumb_url", "video_url")
_PINGING = ("user", "usergroup", "broadcast", "team", "channel")


def pings(payload: dict[str, Any]) -> list[str]:
    """Whom or what a message would mention."""
    found = [f"{node['type']} element" for node in nodes(payload) if node.get("type") in _PINGING]
    for text, marked_up in _texts(payload):
        found += [one for one in _ENTITY.findall(text) if one[0] in "!@#"]
        found += _BARE_PING.findall(text) if marked_up else []
    return found


def links(payload: dict[str, Any]) -> set[str]:
    """Every address that could be pressed in a message."""
    found = {node[name] for node in nodes(payload) for name in _LINK_FIELDS if node.get(name)}
    for text, marked_up in _texts(payload):
        found |= {one.split("|")[0] for one in _ENTITY.findall(text) if one[0] not in "!@#"}
        found |= set(_BARE_LINK.findall(_ENTITY.sub(" ", text))) if marked_up else set()
    return found


def _texts(payload: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Texts in which `<…>` means something, and whether Slack also looks for bare addresses in them.

    The top-level text is shown, and searched for addresses, only where there are no blocks.
    """
    yield payload.get("text") or "", not payload.get("blocks")
    for node in nodes(payload):
        if node.get("type") == "mrkdwn":
            yield node["text"], not node.get("verbatim", False)
        elif node.get("type") == "markdown":
            yield node["text"], True
