"""What ratings ask of the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from bot.feedback.rating import Rating, Tally, Thumb
from bot.papers.identity import PaperId


class Ratings(Protocol):
    """What the people of channels think of papers. A paper need not be stored otherwise."""

    def give_rating(self, channel_id: int, rating: Rating) -> Thumb | None:
        """Store a rating in the place of what the person gave this work before, and return that."""
        ...

    def take_back(self, channel_id: int, user: str, papers: Iterable[PaperId] | None = None) -> int:
        """Remove a person's ratings of papers by their ids, None for all; how many there were."""
        ...

    def clear_ratings(self, channel_id: int) -> int:
        """Remove all of a channel, and return how many there were."""
        ...

    def count_ratings(self, channel_id: int) -> Tally:
        """How many there are."""
        ...

    def latest_ratings(self, channel_ids: Iterable[int]) -> Mapping[int, Sequence[Rating]]:
        """The `rating.LATEST_RATINGS` last ones of each channel that has any, the oldest first.

        Ratings of one work have the same `paper.id`, whatever id each was given by.
        """
        ...
