"""What the core asks of the places where papers are announced; they are asynchronous."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date, datetime
from typing import Protocol

from bot.papers.identity import PaperId
from bot.papers.paper import Batch, Paper, Signals


class Source(Protocol):
    """Where papers are announced."""

    @property
    def name(self) -> str:
        """As `source:` and receipts name it: `arxiv`."""
        ...

    def expected_day(self, now: datetime) -> date | None:
        """The latest day whose batch must be out by `now`; None where the source keeps no calendar."""
        ...

    def fetch(self, since: date | None = None) -> AsyncIterator[Batch]:
        """The current batch, or with `since` every batch from that day on, the oldest first.

        Raises SourceError; what was yielded before stays good.
        """
        ...


class Voters(Protocol):
    """A source that also tells what people made by now of papers that it announced before."""

    @property
    def name(self) -> str:
        """As that of the source."""
        ...

    def signals(self, days: Iterable[date]) -> AsyncIterator[Mapping[PaperId, Signals]]:
        """The signals of the papers of each day's list, in the order of `days`. Raises SourceError."""
        ...


class Lookup(Protocol):
    """Where a single paper that is not stored can be asked for."""

    async def paper(self, paper_id: PaperId) -> Paper | None:
        """The paper, or None where there is none of that id here.

        Raises SourceError.
        """
        ...
