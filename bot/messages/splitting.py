"""What does not fit into one message of a platform, in several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Part = TypeVar("Part")
Size = tuple[int, ...]
"""In each of the units in which a platform has limits: blocks and characters."""


def fill_messages(parts: Iterable[Part], size: Callable[[Part], Size], most: Size) -> list[list[Part]]:
    """The parts in order, in messages filled up to `most`; one that is too large by itself stands alone."""
    filled: list[list[Part]] = [[]]
    room = most
    for part in parts:
        needed = size(part)
        # Every unit counts: Slack limits blocks and characters, Discord components and characters.
        if filled[-1] and any(need > left for need, left in zip(needed, room, strict=True)):
            filled.append([])
            room = most
        filled[-1].append(part)
        room = tuple(left - need for left, need in zip(room, needed, strict=True))
    return filled


def split_text(text: str, limit: int) -> Iterator[str]:
    """`text` in parts of at most `limit` characters, cut at spaces where there are some."""
    while len(text) > limit:
        end = max(text.rfind(" ", 0, limit), text.rfind("\n", 0, limit))
        # A space far to the left would make a short stump; a long word is rather cut.
        end = end if end > limit // 2 else limit
        yield text[:end]
        text = text[end:]
    yield text
