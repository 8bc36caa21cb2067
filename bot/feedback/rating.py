"""What the people of a channel think of papers: 👍 or 👎, one of each person for each paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from bot.papers.paper import Paper

LATEST_RATINGS = 200
"""So many ratings of a channel are learned from, the latest ones: what people want changes."""


class Thumb(IntEnum):
    """Whether papers like this are wanted."""

    UP = 1
    DOWN = -1

    @property
    def sign(self) -> str:
        """As it is shown."""
        return "👍" if self is Thumb.UP else "👎"


@dataclass(frozen=True, slots=True)
class Rating:
    """One person's word on one paper, which is kept as it was then."""

    paper: Paper
    user: str
    thumb: Thumb
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """How many ratings a channel has, and of how many people."""

    ratings: int = 0
    people: int = 0


NO_RATINGS = Tally()
