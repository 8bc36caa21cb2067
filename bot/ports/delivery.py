"""What posting asks of the database: the outbox, rate limits that processes share, and who polls what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.channels.channel import Address
from bot.delivery.delivery import Delivery, DeliveryState, OutboxEntry, OutboxStatus
from bot.delivery.rate_limits import ReservedTime


class Outbox(Protocol):
    """Deliveries on their way. A claim is a lease with a fence: each delivery belongs to one claimant."""

    def claim(
        self, now: datetime, lease_until: datetime, limit: int, platforms: Collection[str] | None = None
    ) -> Sequence[tuple[Delivery, Address]]:
        """Take pending deliveries, and sending ones whose lease has run out, of `platforms`, None for all.

        A delivery that waits for its turn is taken `rate_limits.CLAIM_AHEAD` of it. A channel has one on its
        way at a time, in the order in which they were planned.
        """
        ...

    def start(self, delivery: Delivery, lease_until: datetime) -> bool:
        """Note that it is going to be posted now, and lengthen the lease; False where another has it."""
        ...

    def give_back(self, delivery: Delivery, turn: ReservedTime) -> bool:
        """Give back what was claimed and not posted: as it was before, to be claimed for `turn`."""
        ...

    def finish(
        self,
        delivery: Delivery,
        state: DeliveryState,
        detail: str,
        retry_at: datetime | None,
        *,
        in_doubt: bool = False,
    ) -> bool:
        """Record how an attempt ended, guarded by the fence: False where somebody else has claimed since.

        PENDING with `retry_at` tries again then. Whoever tries one that is `in_doubt` again takes it over.
        `detail` is the posted message's id or the error.
        """
        ...

    def requeue(self, channel_id: int, since: date) -> int:
        """Make the channel's failed deliveries of slots from that day on pending again, to be tried anew."""
        ...

    def entries(self, states: Iterable[DeliveryState], limit: int) -> Sequence[OutboxEntry]:
        """Deliveries in one of `states`, the latest slot first. Those that are sent cannot be asked for."""
        ...

    def find_entry(self, delivery_id: int) -> OutboxEntry | None:
        """One delivery, which stays as it is until the transaction ends."""
        ...

    def settle_entry(self, delivery_id: int, before: DeliveryState, after: DeliveryState) -> bool:
        """Give one the state that the operator says, to be tried anew; False where it is not `before`."""
        ...

    def drop_entry(self, delivery_id: int, before: DeliveryState) -> bool:
        """Remove one that nobody tries any more; False where it is not `before`. Its papers stay had."""
        ...

    def current_status(self, now: datetime) -> OutboxStatus:
        """How the outbox stands, and what is due and not planned."""
        ...


class RateLimits(Protocol):
    """What is used by turns, over all processes."""

    def reserve_time(self, name: str, length: timedelta, earliest: datetime) -> datetime:
        """Take the next free turn of `name`, not before `earliest`, and keep it for `length` from then."""
        ...


class SourcePolls(Protocol):
    """When each source is asked, by whichever process comes first."""

    def claim_poll(self, source: str, now: datetime, busy_until: datetime) -> bool:
        """Take the right to ask a source that is due, until then; False where it is not due, or taken."""
        ...

    def finish_poll(self, source: str, next_poll: datetime, *, failed: bool) -> None:
        """Say that it was asked, and when it is due again."""
        ...

    def give_back(self, source: str) -> None:
        """Say that it was not asked after all: it is as due as before."""
        ...

    def due_sources(self, sources: Iterable[str], now: datetime) -> Sequence[str]:
        """Those of `sources` that are due, also while somebody is asking."""
        ...

    def failures_of(self) -> Mapping[str, int]:
        """How often in a row each source that was asked has failed."""
        ...
