"""What the core asks of the world: `storage/` and `adapters/` implement it, `bootstrap` puts them together.

The stores are synchronous and are called in a thread; sources and platforms are asynchronous.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from bot.channels.channel import Address
from bot.channels.ports import Channels
from bot.digests.pacing import Pace
from bot.digests.ports import Attic, Digests, Outbox, Paces, Polls, Ratings
from bot.installations import Installation
from bot.messages import Message
from bot.papers.identity import PaperId
from bot.papers.paper import Batch, Paper, Signals
from bot.papers.ports import Papers, Saved
from bot.search.ports import Vectors

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
