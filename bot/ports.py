"""What the core asks of the world: `storage/` and `adapters/` implement it, `bootstrap` puts them together.

The stores are synchronous and are called in a thread; sources and platforms are asynchronous.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from bot.channels.channel import Address, Channel
from bot.channels.ports import Channels
from bot.channels.reader import Reader
from bot.digests.digest import BatchState, Candidate, Digest, Match
from bot.digests.pacing import Pace
from bot.digests.ports import Attic, Outbox, Paces, Polls
from bot.installations import Installation
from bot.messages import Message
from bot.papers.identity import PaperId
from bot.papers.paper import Batch, IngestedBatch, Paper
from bot.search.plan import Hit, Hits, SearchPlan
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

    async def posted(self, address: Address, message: Message, nonce: str) -> str | None:
        """What `post` would return where an earlier attempt had got through, None where it had not.

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
        """A page of what `plan` asks for. Raises UsageError where the plan needs the meaning index."""
        ...

    def voted(self, since: date, topic: Query | None, limit: int) -> Sequence[Hit]:
        """Papers first announced since then that have votes and fit the topic, most votes first."""
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


class Digests(Protocol):
    """Matches and digests."""

    def add_matches(self, matches: Iterable[Match]) -> int:
        """Store matches; one of a known paper and subscription is ignored. Returns how many were new."""
        ...

    def candidates(self, subscription_ids: Iterable[int]) -> Mapping[int, Sequence[Candidate]]:
        """Papers these subscriptions matched and no digest of their channel has listed, by channel."""
        ...

    def matched(
        self, channel_ids: Iterable[int], batches: Iterable[tuple[str, date]]
    ) -> Mapping[int, Mapping[tuple[str, date], AbstractSet[PaperId]]]:
        """The papers announced in each batch that match a channel, shown or not, by channel."""
        ...

    def let_go(self, matches: Iterable[Match]) -> None:
        """Remove matches that a digest has counted as muted: unmuting does not bring them back."""
        ...

    def plan(self, digest: Digest, channel: Channel) -> bool:
        """As `plan_all` of one; False where the slot has its digest already."""
        ...

    def plan_all(self, planned: Sequence[tuple[Digest, Channel]]) -> AbstractSet[int]:
        """In one transaction: store the digests, their entries and deliveries, and save the channels.

        Returns the ids of those channels whose slot was new; of another only the channel is saved.
        """
        ...

    def last_slot(self, channel_id: int) -> date | None:
        """The latest slot of the channel that has its digest, posted or empty."""
        ...

    def overflow(self, channel_id: int) -> Sequence[Candidate]:
        """What the channel's latest digest listed past its cap, in rank order."""
        ...

    def listed(self, channel_id: int) -> Sequence[Paper]:
        """All papers of the channel's latest digest that listed any, in rank order."""
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


class Store(Protocol):
    """The database."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """A transaction. Raises StorageError with the mend where the database cannot be used."""
        ...
