"""Payloads as a tree, whatever the platform: their objects, their texts, and what can hide in them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any


def hidden(payload: Any) -> list[str]:
    """Signs that turn text around, hide in it, or break it off."""
    whole = "".join(strings(payload))
    return [f"U+{ord(char):04X}" for char in set(whole) - {"\n"} if unicodedata.category(char)[0] == "C"]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside, the outermost first."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def strings(value: Any) -> Iterator[str]:
    """Every text inside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
