"""What the core asks of the world: `storage/` and `adapters/` implement it, `bootstrap` puts them together.

The stores are synchronous and are called in a thread; sources and platforms are asynchronous.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from bot.channels.channel import Address
from bot.channels.ports import Channels
from bot.channels.reader import Reader
from bot.digests.digest import BatchState
from bot.digests.pacing import Pace
from bot.digests.ports import Attic, Digests, Outbox, Paces, Polls, Ratings
from bot.installations import Installation
from bot.messages import Message
from bot.papers.identity import PaperId
from bot.papers.paper import Batch, IngestedBatch, Paper, Signals
from bot.search.changes import Change, Mark
from bot.search.plan import Hit, Hits, SearchPlan
from bot.search.ports import Vectors
from bot.search.trending import Rated, SignalDay
from bot.topics.query import Query

Clock = Callable[[], datetime]
"""Now, UTC-aware."""


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


class Platform(Protocol):
    """Where messages go."""

    @property
    def name(self) -> str:
        """As `Address.platform` names it."""
        ...

    @property
    def pace(self) -> Pace:
        """How fast it may be posted to."""
        ...

    async def post(self, address: Address, message: Message, nonce: str) -> str:
        """Post, and return the platform's id of what was posted ("" where it has none).

        `nonce` is the same for every attempt at one delivery. Raises DeliveryError.
        """
        ...

    async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
        """What `post` would return where an earlier attempt had got through, None where it had not.

        The first attempt was not before `since`, by our clock.

        Raises DeliveryError, with `unknown` where the platform cannot tell.
        """
        ...

    async def tell(self, address: Address, user: str, message: Message) -> None:
        """Say something to a user of this place's workspace, in private. Raises DeliveryError."""
        ...


class Papers(Protocol):
    """Stored papers, announcements and batches."""

    def ingest(self, batch: Batch, now: datetime) -> IngestedBatch:
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

    def keys(self, plan: SearchPlan) -> Collection[int]:
        """The store's own numbers of all papers that the filters of `plan` let through.

        Raises UsageError where the plan needs the meaning index.
        """
        ...

    def keys_of(self, papers: Iterable[PaperId]) -> Mapping[PaperId, int]:
        """The store's own number of each paper that is stored."""
        ...

    def hits(self, keys: Iterable[int]) -> Sequence[Hit]:
        """The papers of these numbers, in this order; those that are gone are left out."""
        ...

    def mark(self) -> Mark:
        """The last change of a paper's words."""
        ...

    def changes(self, number: int, limit: int) -> Sequence[Change]:
        """Changes of papers' words after `number`, at most `limit`, in order."""
        ...

    def voted(self, since: date, topic: Query | None, limit: int) -> Sequence[Hit]:
        """Papers first announced since then that have votes and fit the topic, most votes first."""
        ...

    def signal_days(self, papers: Iterable[PaperId]) -> Mapping[PaperId, Sequence[SignalDay]]:
        """The days on which the signals of each paper changed, the oldest first; none of those without."""
        ...

    def rate(self, told: Mapping[PaperId, Signals], now: datetime) -> Sequence[Rated]:
        """Store what people made of papers; those of them that are stored and have other signals now."""
        ...

    def unsummarised(self, since: date, limit: int) -> Sequence[Paper]:
        """Papers announced since then that a topic matched, with an abstract alone; the latest first."""
        ...

    def unsummarised_number(self, since: date) -> int:
        """How many papers `unsummarised` has in all."""
        ...

    def summarised(self, paper: Paper, summary: str, by: str) -> bool:
        """Give a paper its summary; False where it has another abstract now, or a summary, or is gone."""
        ...

    def batches(self, since: datetime) -> Sequence[BatchState]:
        """Batches that changed at or after `since`, by source and day."""
        ...

    def batch(self, source: str, day: date) -> BatchState | None:
        """One batch, or None where nothing is known of it."""
        ...

    def complete_days(self, source: str) -> AbstractSet[date]:
        """The days whose batch of the source is stored complete."""
        ...

    def count(self) -> int:
        """How many papers are stored."""
        ...

    def span(self, since: date = date.min) -> tuple[date, date] | None:
        """The first and the last day, from `since` on, on which a paper was announced; None without one."""
        ...


class Saved(Protocol):
    """The papers that people have saved, each as it was then."""

    def add(self, reader: Reader, paper: Paper, now: datetime) -> bool:
        """Save a paper; False where the reader has it already."""
        ...

    def remove(self, reader: Reader, papers: Iterable[PaperId]) -> int:
        """Remove papers by their ids, and return how many were saved."""
        ...

    def clear(self, reader: Reader) -> int:
        """Remove all of a reader's, and return how many there were."""
        ...

    def page(self, reader: Reader, limit: int, offset: int = 0) -> Sequence[Paper]:
        """A reader's papers, the latest saved first."""
        ...

    def count(self, reader: Reader) -> int:
        """How many papers a reader has saved."""
        ...


class Installations(Protocol):
    """Installed workspaces. Their secrets are encrypted at rest.

    Every method but `remove` raises StorageError where the keys are missing or do not fit.
    """

    def save(self, installation: Installation) -> None:
        """Store it, in place of what the workspace had."""
        ...

    def get(self, platform: str, workspace: str) -> Installation | None:
        """What the workspace installed."""
        ...

    def remove(self, platform: str, workspace: str) -> bool:
        """Forget a workspace's tokens; False where there were none."""
        ...

    def rotate(self) -> int:
        """Seal everything with the first key, and return how many were sealed with another."""
        ...


class Marks(Protocol):
    """Marks that last for a while: what was seen, and what is valid once. Processes share them."""

    def add(self, kind: str, value: str, now: datetime, until: datetime) -> bool:
        """Mark `value` until then; False where it is marked already."""
        ...

    def take(self, kind: str, value: str, now: datetime) -> bool:
        """Remove a mark; False where there is none, or its time is over."""
        ...


class Transaction(Protocol):
    """The stores inside one transaction, which commits when its block ends and rolls back on an error."""

    @property
    def papers(self) -> Papers: ...
    @property
    def channels(self) -> Channels: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def ratings(self) -> Ratings: ...
    @property
    def saved(self) -> Saved: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def paces(self) -> Paces: ...
    @property
    def polls(self) -> Polls: ...
    @property
    def attic(self) -> Attic: ...
    @property
    def installations(self) -> Installations: ...
    @property
    def marks(self) -> Marks: ...
    @property
    def vectors(self) -> Vectors: ...


class Store(Protocol):
    """The database."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """A transaction. Raises StorageError with the mend where the database cannot be used."""
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """A transaction that writes nothing, waits for no writer, and sees everything as of its first look.

        Raises StorageError, also for a write.
        """
        ...
