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
        # Measured over 114 topics (docs/decisions/meaning.md): precision 0.39, 0.33 and 0.26 at recall 0.28,
        # 0.40, 0.51.
        return {Strictness.NARROW: 3.3, Strictness.NORMAL: 2.7, Strictness.WIDE: 2.2}[self]
