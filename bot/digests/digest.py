"""What a channel gets for a slot, and the receipt of what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.messages.blocks import Message
from bot.papers.identity import PaperId
from bot.papers.paper import Paper


@dataclass(frozen=True, slots=True)
class Match:
    """A paper, a subscription, and the clauses of the topic that fit it (see `bot.topics.reasons`)."""

    paper_id: PaperId
    subscription_id: int
    source: str
    day: date
    """The source and day of the batch in which it matched."""
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that a channel has not had yet, with its matches there: one or more."""

    paper: Paper
    matches: tuple[Match, ...]
    sources: tuple[str, ...] = ()
    """All that have announced it."""


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """A paper's place in a digest. Those past the cap are not shown, but count as had."""

    paper_id: PaperId
    subscription_id: int
    rank: int
    shown: bool


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest as planned: its entries and the messages that go out, in order."""

    channel_id: int
    slot: date
    entries: tuple[DigestEntry, ...]
    messages: tuple[Message, ...]
    planned: datetime | None = None
    """When it was planned, UTC."""
    number: int = 0
    """0 is the one of the slot's day; from 1 on those are counted that went out at once on that day."""
