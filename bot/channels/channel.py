"""Channels and what they subscribe to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from bot.channels.schedule import DAILY, Days
from bot.messages.blocks import Layout
from bot.topics.query import Query
from bot.topics.strictness import Strictness


@dataclass(frozen=True, slots=True)
class Address:
    """A place on a platform: `slack` and `T0123/C0456` (workspace and channel), `terminal` and a name."""

    platform: str
    place: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.place}"

    @property
    def workspace(self) -> str:
        """What stands before the last slash of `place`: the workspace, or "" where there is only one."""
        return self.place.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Channel:
    """A place that gets one digest a day at most. Instants are UTC-aware."""

    id: int
    address: Address
    at: time
    zone: str
    """IANA name."""
    limit: int
    """The most papers a digest shows."""
    covered_until: datetime
    """Up to when the receipts of its digests reach; before the first, when the channel was made."""
    paused: bool = False
    next_due: datetime | None = None
    """When the next digest is due; None while nothing is subscribed or the channel is paused."""
    layout: Layout = Layout.FULL
    """How its digests look."""
    resume_on: date | None = None
    """The first local day on which it gets digests again, where it is paused for a while."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel's topic, and the days on which it is delivered."""

    id: int
    channel_id: int
    topic: Query
    days: Days = DAILY
    owner: str = ""
    """Who subscribed, as the platform names them."""
    paused: bool = False
    broken: str = ""
    """Why it cannot be delivered or matched, or "" while it can."""
    resume_on: date | None = None
    """The first local day on which it is delivered again, where it is paused for a while."""
    strictness: Strictness = Strictness.NORMAL
    """How near a paper has to be to what the topic says by meaning."""


@dataclass(frozen=True, slots=True)
class Mute:
    """A clause that brings no papers into a channel's digests (see `bot.topics.mute_clauses`)."""

    clause: Query
    owner: str = ""
    """Who muted it, as the platform names them."""
