"""How near a paper has to be to what a topic says by meaning."""

from __future__ import annotations

from enum import StrEnum


class Strictness(StrEnum):
    """In the words of the one who subscribes."""

    NARROW = "narrow"
    NORMAL = "normal"
    WIDE = "wide"

    @property
    def threshold(self) -> float:
        """The lowest score of `bot.topics.semantic_score` that fits."""
        return {Strictness.NARROW: 3.3, Strictness.NORMAL: 2.7, Strictness.WIDE: 2.2}[self]
