"""What retention asks of the database."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol


class Retention(Protocol):
    """Removing what is old, in steps, and mending what cannot be."""

    def drop_deliveries(self, before: date, limit: int) -> int:
        """Remove deliveries of slots before that day that nobody tries any more; how many there were.

        What a channel has had stays known.
        """
        ...

    def drop_papers(self, before: date, limit: int) -> int:
        """Remove papers announced before that day that matched nothing and that no channel has had."""
        ...

    def drop_matches(self, before: datetime, limit: int) -> int:
        """Remove matches that no digest has listed, of batches that have not changed since then."""
        ...

    def drop_waiting(self, before: datetime, limit: int) -> int:
        """Have papers of batches that have not changed since then wait for their vectors no more."""
        ...

    def drop_signal_days(self, before: date, limit: int) -> int:
        """Forget what people made of papers on days before that; how many such days there were."""
        ...

    def drop_rate_limits(self, before: datetime) -> None:
        """Forget names whose turn was over before then."""
        ...

    def skewed_instants(self, farthest: datetime) -> int:
        """How many instants and slots that were noted lie after `farthest`."""
        ...

    def take_back(self, now: datetime, farthest: datetime) -> None:
        """Put those at `now`, as if they had happened then; digests stay had, and become none of a slot."""
        ...
