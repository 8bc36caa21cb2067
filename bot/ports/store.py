"""The database, as the core asks for it: synchronous, and called in a thread."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from bot.channels.installation import Installation
from bot.ports.channels import Channels
from bot.ports.delivery import Outbox, RateLimits, SourcePolls
from bot.ports.digests import Digests
from bot.ports.feedback import Ratings
from bot.ports.papers import Papers, ReadingLists
from bot.ports.retention import Retention
from bot.ports.search import Vectors


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


class OneTimeMarks(Protocol):
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
    def reading_lists(self) -> ReadingLists: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def rate_limits(self) -> RateLimits: ...
    @property
    def source_polls(self) -> SourcePolls: ...
    @property
    def retention(self) -> Retention: ...
    @property
    def installations(self) -> Installations: ...
    @property
    def marks(self) -> OneTimeMarks: ...
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
