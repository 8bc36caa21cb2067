"""What the core asks of the world: `storage/` and `adapters/` implement it, `bootstrap` puts them together.

The stores are synchronous and are called in a thread; sources and platforms are asynchronous.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

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
from bot.search.changes import Change, Mark
from bot.search.plan import Hit, Hits, SearchPlan
from bot.search.trending import SignalDay
from bot.topics.query import Query

Clock = Callable[[], datetime]
"""Now, UTC-aware."""
Floats: TypeAlias = npt.NDArray[np.float32]
"""A vector, or a matrix with one in each row."""


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

    async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
        """What `post` would return where an earlier attempt had got through, None where it had not.

        The first attempt was not before `since`, by our clock.

        Raises DeliveryError, with `unknown` where the platform cannot tell.
        """
        ...

    async def tell(self, address: Address, user: str, message: Message) -> None:
        """Say something to a user of this place's workspace, in private. Raises DeliveryError."""
        ...


class Embedder(Protocol):
    """What gives a text its vector: texts that mean alike are near each other."""

    @property
    def version(self) -> str:
        """Stamped on stored vectors, which are made anew when it changes."""
        ...

    def embed(self, texts: Sequence[str]) -> Floats:
        """A row of unit length for each text. Raises StorageError where the model cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Unread:
    """A paper without a vector of its present words, which are those of its change `number`."""

    key: int
    number: int
    paper: Paper


@dataclass(frozen=True, slots=True)
class Waiting:
    """A paper of a batch that is to be matched by meaning; `number` is that of its waiting."""

    number: int
    key: int
    source: str
    day: date


class Vectors(Protocol):
    """Stored vectors of papers, each of a version of a model, and the papers that wait for theirs."""

    def missing(self, model: str, limit: int) -> Sequence[Unread]:
        """Papers without a vector of this model and of their present words, the latest first."""
        ...

    def lacking(self, model: str) -> int:
        """How many papers are missing."""
        ...

    def add(self, model: str, read: Sequence[Unread], vectors: Floats) -> None:
        """Store a row of `vectors` for each paper, in place of what it had; skip papers that are gone."""
        ...

    def of(self, model: str, papers: Iterable[PaperId]) -> Mapping[PaperId, Floats]:
        """The vectors of those papers that have one."""
        ...

    def nearest(
        self,
        model: str,
        vector: Floats,
        limit: int,
        among: Collection[int] | None = None,
        also: Collection[int] = (),
    ) -> Sequence[tuple[int, float]]:
        """The papers, by the store's own numbers, whose cosine with `vector` is highest, the nearest first.

        `among` are the papers that count, None for all; those of `also` are told of however far they are.
        """
        ...

    def recent(self, model: str, limit: int) -> Sequence[int]:
        """The papers announced last of those that have a vector, by the store's own numbers."""
        ...

    def wait(self, papers: Iterable[PaperId], source: str, day: date) -> None:
        """Have papers of a batch matched by meaning as soon as they have their vectors."""
        ...

    def waiting(self, model: str, limit: int) -> Sequence[Waiting]:
        """Papers that wait and have their vectors now, the longest waiting first."""
        ...

    def matched(self, waiting: Iterable[Waiting]) -> None:
        """These wait no more."""
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


class Ranker(Protocol):
    """The lexical index, outside of the store that it follows: it can be lost, and is made anew then.

    It knows stems, as `bot.papers.analyser` makes them, and papers by the store's own numbers. A paper's
    title weighs `TITLE_WEIGHT` times its abstract. Threads and processes share it. Every method raises
    StorageError where its folder cannot be used.
    """

    def mark(self) -> Mark:
        """How far it follows the store, and which; what other processes did since counts from now on."""
        ...

    def follow(self, changes: Sequence[Change], since: Mark, mark: Mark) -> bool:
        """Take over the changes from `since` on, after which it is at `mark`; from NOWHERE on, start anew.

        False, with nothing done, where somebody else is at it or was, so that it is not at `since`.
        """
        ...

    def rank(
        self,
        stems: Mapping[str, int],
        limit: int,
        among: Collection[int] | None = None,
        *,
        every: bool = False,
    ) -> Sequence[tuple[int, float]]:
        """The papers that hold one of `stems` (with `every`, all of them) and their BM25, the best first.

        `stems` says how often each is asked for; `among` are the papers that count, None for all.
        """
        ...

    def count(self, stems: Collection[str], among: Collection[int] | None = None) -> int:
        """How many papers hold one of `stems`."""
        ...

    def words(self, prefix: str = "") -> Sequence[tuple[str, int]]:
        """The folded words, not stems, that begin so, each with the number of papers that hold it."""
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
        """The latest slot of the channel that has its digest, posted or empty; those at once do not count."""
        ...

    def next_number(self, channel_id: int, slot: date) -> int:
        """The number of the next digest that goes out at once on that day."""
        ...

    def looked_at(self, subscription_ids: Iterable[int]) -> None:
        """Note that the matches of these subscriptions wait no more to go out at once."""
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
    @property
    def vectors(self) -> Vectors: ...


class Store(Protocol):
    """The database."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """A transaction. Raises StorageError with the mend where the database cannot be used."""
        ...
