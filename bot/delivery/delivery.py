"""One message of a digest on its way, and how the outbox stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.channels.channel import Address
from bot.delivery.rate_limits import ReservedTime
from bot.messages.blocks import Message


class DeliveryState(StrEnum):
    """A delivery's life; `unknown` waits for the operator, who alone can tell whether it was posted."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DEAD = "dead"
    UNKNOWN = "unknown"


ENDED = (DeliveryState.FAILED, DeliveryState.DEAD, DeliveryState.UNKNOWN)
"""Nobody tries these any more, and they may not have been posted."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of a digest on its way, as claimed by a worker until `lease_until`."""

    id: int
    channel_id: int
    slot: date
    part: int
    message: Message
    attempts: int
    # Time alone cannot fence: the clock of a worker that was suspended says that its lease still holds.
    fence: int
    """Grows with every claim: only the latest claimant may finish."""
    lease_until: datetime
    tried: datetime
    """When it was first claimed since it became pending, UTC."""
    since: datetime
    """No attempt at it is older, UTC: a lost post is looked for from here on."""
    taken_over: bool = False
    """Whether an earlier claimant began to post it and never said how that ended: it may have been posted."""
    turn: ReservedTime | None = None
    """The turn that it had waited for when it was claimed."""

    @property
    def nonce(self) -> str:
        """The same for every attempt, at most 25 characters (Discord's limit)."""
        return f"paperboy-{self.id}"


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A delivery as the operator sees it."""

    id: int
    address: Address
    slot: date
    number: int
    """Of its digest, as `Digest.number`."""
    part: int
    state: DeliveryState
    attempts: int
    planned: datetime | None
    """When it came into the outbox; None where that was not noted."""
    next_try: datetime | None
    """From when on a worker may take it; None of one that nobody tries any more."""
    detail: str
    """The last error, or the posted message's id."""


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """How the outbox and the calendar of slots stand."""

    states: Mapping[DeliveryState, int]
    """Deliveries by state, those that are sent left out."""
    oldest: datetime | None
    """Since when the longest waiting delivery could have been posted; None where none waits."""
    due: int
    """Channels whose digest is due and not planned."""
    due_since: datetime | None
    """When the longest waiting of them became due."""
