"""What is asked of the store about papers: those that are announced, and those that people keep."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Protocol

from bot.channels.reader import Reader
from bot.papers.identity import PaperId
from bot.papers.paper import Batch, BatchState, IngestedBatch, Paper, Signals
from bot.search.changes import PaperChange, StorePosition
from bot.search.plan import Hit, Hits, SearchPlan
from bot.search.trending import SignalDay, SignalUpdate
from bot.topics.query import Query


class Papers(Protocol):
    """Stored papers, announcements and batches."""

    def ingest_batch(self, batch: Batch, now: datetime) -> IngestedBatch:
        """Store a batch. The same batch again changes nothing and returns nothing fresh."""
        ...

    def announced_before(self, source: str, day: date, papers: Iterable[PaperId]) -> AbstractSet[PaperId]:
        """Those of `papers` that the source has announced as fresh on a day before `day`."""
        ...

    def source_failed(self, source: str, day: date, problem: str, now: datetime) -> None:
        """Note that fetching a batch failed, for the receipts; a later `ingest` of it clears the note."""
        ...

    def source_answered(self, source: str, day: date) -> None:
        """Clear the note that fetching a batch failed: the source has answered, if only with nothing."""
        ...

    def get(self, paper_id: PaperId) -> Hit | None:
        """The stored paper of this id or alias."""
        ...

    def find(self, plan: SearchPlan, limit: int, offset: int = 0) -> Hits:
        """A page of what `plan` asks for, by votes or the newest first: a store does not know relevance.

        Raises UsageError where the plan needs the meaning index.
        """
        ...

    def matching_keys(self, plan: SearchPlan) -> Collection[int]:
        """The store's own numbers of all papers that the filters of `plan` let through.

        Raises UsageError where the plan needs the meaning index.
        """
        ...

    def keys_of(self, papers: Iterable[PaperId]) -> Mapping[PaperId, int]:
        """The store's own number of each paper that is stored."""
        ...

    def hits_of(self, keys: Iterable[int]) -> Sequence[Hit]:
        """The papers of these numbers, in this order; those that are gone are left out."""
        ...

    def store_mark(self) -> StorePosition:
        """The last change of a paper's words."""
        ...

    def changes_since(self, number: int, limit: int) -> Sequence[PaperChange]:
        """Changes of papers' words after `number`, at most `limit`, in order."""
        ...

    def shown_in(self, channel_id: int, limit: int) -> Sequence[Paper]:
        """The papers that digests of a channel showed last, the latest digest first, each in its order."""
        ...

    def voted_since(self, since: date, topic: Query | None, limit: int) -> Sequence[Hit]:
        """Papers first announced since then that have votes and fit the topic, most votes first."""
        ...

    def signal_days(self, papers: Iterable[PaperId]) -> Mapping[PaperId, Sequence[SignalDay]]:
        """The days on which the signals of each paper changed, the oldest first; none of those without."""
        ...

    def store_signals(self, told: Mapping[PaperId, Signals], now: datetime) -> Sequence[SignalUpdate]:
        """Store what people made of papers; those of them that are stored and have other signals now."""
        ...

    def papers_without_summary(self, since: date, limit: int) -> Sequence[Paper]:
        """Papers announced since then that a topic matched, with an abstract alone; the latest first."""
        ...

    def unsummarised_number(self, since: date) -> int:
        """How many papers `unsummarised` has in all."""
        ...

    def store_summary(self, paper: Paper, summary: str, by: str) -> bool:
        """Give a paper its summary; False where it has another abstract now, or a summary, or is gone."""
        ...

    def stored_batches(self, since: datetime) -> Sequence[BatchState]:
        """Batches that changed at or after `since`, by source and day."""
        ...

    def find_batch(self, source: str, day: date) -> BatchState | None:
        """One batch, or None where nothing is known of it."""
        ...

    def complete_days(self, source: str) -> AbstractSet[date]:
        """The days whose batch of the source is stored complete."""
        ...

    def count_papers(self) -> int:
        """How many papers are stored."""
        ...

    def stored_span(self, since: date = date.min) -> tuple[date, date] | None:
        """The first and the last day, from `since` on, on which a paper was announced; None without one."""
        ...


class ReadingLists(Protocol):
    """The papers that people have saved, each as it was then."""

    def add(self, reader: Reader, paper: Paper, now: datetime) -> bool:
        """Save a paper; False where the reader has it already."""
        ...

    def remove(self, reader: Reader, papers: Iterable[PaperId]) -> int:
        """Remove papers by their ids, and return how many were saved."""
        ...

    def clear_list(self, reader: Reader) -> int:
        """Remove all of a reader's, and return how many there were."""
        ...

    def page_of(self, reader: Reader, limit: int, offset: int = 0) -> Sequence[Paper]:
        """A reader's papers, the latest saved first."""
        ...

    def count(self, reader: Reader) -> int:
        """How many papers a reader has saved."""
        ...
