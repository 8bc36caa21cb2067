"""What planning and delivering ask of the database; `bot.ports` has the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.channels.channel import Address, Channel
from bot.digests.digest import Candidate, Delivery, DeliveryState, Digest, Match, Parcel, Queue
from bot.digests.pacing import Turn
from bot.digests.rating import Rating, Tally, Thumb
from bot.papers.identity import PaperId
from bot.papers.paper import Paper


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
        """The papers announced in each batch that match a channel, shown or not, by channel.

        Whatever batch it was in which they matched.
        """
        ...

    def shown(self, papers: Mapping[int, AbstractSet[PaperId]]) -> Mapping[int, AbstractSet[PaperId]]:
        """Those of each channel's `papers` that a digest has shown there."""
        ...

    def had(
        self, channel_ids: Iterable[int], papers: Iterable[PaperId]
    ) -> Mapping[int, AbstractSet[PaperId]]:
        """Those of `papers` that a digest of the channel has listed, by channel."""
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


class Ratings(Protocol):
    """What the people of channels think of papers. A paper need not be stored otherwise."""

    def give(self, channel_id: int, rating: Rating) -> Thumb | None:
        """Store a rating in the place of what the person gave this work before, and return that."""
        ...

    def take_back(self, channel_id: int, user: str, papers: Iterable[PaperId] | None = None) -> int:
        """Remove a person's ratings of papers by their ids, None for all; how many there were."""
        ...

    def clear(self, channel_id: int) -> int:
        """Remove all of a channel, and return how many there were."""
        ...

    def tally(self, channel_id: int) -> Tally:
        """How many there are."""
        ...

    def latest(self, channel_ids: Iterable[int]) -> Mapping[int, Sequence[Rating]]:
        """The `rating.LATEST` last ones of each channel that has any, the oldest first.

        Ratings of one work have the same `paper.id`, whatever id each was given by.
        """
        ...


class Outbox(Protocol):
    """Deliveries on their way. A claim is a lease with a fence: each delivery belongs to one claimant."""

    def claim(
        self, now: datetime, lease_until: datetime, limit: int, platforms: Collection[str] | None = None
    ) -> Sequence[tuple[Delivery, Address]]:
        """Take pending deliveries, and sending ones whose lease has run out, of `platforms`, None for all.

        A delivery that waits for its turn is taken `pacing.AHEAD` of it. A channel has one on its way at a
        time, in the order in which they were planned.
        """
        ...

    def start(self, delivery: Delivery, lease_until: datetime) -> bool:
        """Note that it is going to be posted now, and lengthen the lease; False where another has it."""
        ...

    def give_back(self, delivery: Delivery, turn: Turn) -> bool:
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

    def parcels(self, states: Iterable[DeliveryState], limit: int) -> Sequence[Parcel]:
        """Deliveries in one of `states`, the latest slot first. Those that are sent cannot be asked for."""
        ...

    def parcel(self, delivery_id: int) -> Parcel | None:
        """One delivery, which stays as it is until the transaction ends."""
        ...

    def settle(self, delivery_id: int, before: DeliveryState, after: DeliveryState) -> bool:
        """Give one the state that the operator says, to be tried anew; False where it is not `before`."""
        ...

    def drop(self, delivery_id: int, before: DeliveryState) -> bool:
        """Remove one that nobody tries any more; False where it is not `before`. Its papers stay had."""
        ...

    def queue(self, now: datetime) -> Queue:
        """How the outbox stands, and what is due and not planned."""
        ...


class Paces(Protocol):
    """What is used by turns, over all processes."""

    def reserve(self, name: str, length: timedelta, earliest: datetime) -> datetime:
        """Take the next free turn of `name`, not before `earliest`, and keep it for `length` from then."""
        ...


class Polls(Protocol):
    """When each source is asked, by whichever process comes first."""

    def claim(self, source: str, now: datetime, busy_until: datetime) -> bool:
        """Take the right to ask a source that is due, until then; False where it is not due, or taken."""
        ...

    def done(self, source: str, next_poll: datetime, *, failed: bool) -> None:
        """Say that it was asked, and when it is due again."""
        ...

    def give_back(self, source: str) -> None:
        """Say that it was not asked after all: it is as due as before."""
        ...

    def due(self, sources: Iterable[str], now: datetime) -> Sequence[str]:
        """Those of `sources` that are due, also while somebody is asking."""
        ...

    def failures(self) -> Mapping[str, int]:
        """How often in a row each source that was asked has failed."""
        ...


class Attic(Protocol):
    """Removing what is old, in steps, and mending what cannot be."""

    def drop_deliveries(self, before: date, limit: int) -> int:
        """Remove deliveries of slots before that day that nobody tries any more; how many there were.

        What a channel has had stays known.
        """
        ...

    def drop_papers(self, before: date, limit: int) -> int:
        """Remove papers announced before that day that matched nothing and that no channel has had."""
        ...

    def drop_matches(self, before: datetime, limit: int) -> int:
        """Remove matches that no digest has listed, of batches that have not changed since then."""
        ...

    def drop_waiting(self, before: datetime, limit: int) -> int:
        """Have papers of batches that have not changed since then wait for their vectors no more."""
        ...

    def drop_signal_days(self, before: date, limit: int) -> int:
        """Forget what people made of papers on days before that; how many such days there were."""
        ...

    def drop_turns(self, before: datetime) -> None:
        """Forget names whose turn was over before then."""
        ...

    def ahead(self, farthest: datetime) -> int:
        """How many instants and slots that were noted lie after `farthest`."""
        ...

    def take_back(self, now: datetime, farthest: datetime) -> None:
        """Put those at `now`, as if they had happened then; digests stay had, and become none of a slot."""
        ...
