"""What channels ask of the database; `bot.ports.store` has the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.channels.channel import Address, Channel, Mute, Subscription
from bot.channels.permissions import Policy
from bot.channels.schedule import Days
from bot.topics.query import Query


class Channels(Protocol):
    """Stored channels and subscriptions."""

    def get(self, address: Address) -> Channel | None:
        """The channel at this place, if it is known."""
        ...

    def ensure(self, address: Address, defaults: Channel) -> Channel:
        """The channel at this place; made from `defaults` (whose id is ignored) where there is none."""
        ...

    def by_id(self, channel_id: int) -> Channel | None:
        """The channel of this id."""
        ...

    def save(self, channel: Channel) -> None:
        """Store every field of a known channel."""
        ...

    def due_channels(self, now: datetime, limit: int, after: Channel | None = None) -> Sequence[Channel]:
        """Channels whose `next_due` has come, the longest waiting first; no other planner has them.

        Those behind `after`, where it is given.
        """
        ...

    def due_after(self, then: datetime) -> Sequence[Channel]:
        """Channels whose `next_due` is later than that, by id; nobody else changes them meanwhile."""
        ...

    def at_once(self, calm: datetime, after: int, limit: int) -> Sequence[Channel]:
        """Channels with new matches that go out at once, but for those that got some later than `calm`.

        Those with an id above `after`, by id; no other planner has them. A snooze is for the caller to heed.
        """
        ...

    def subscribe(self, channel_id: int, topic: Query, days: Days, owner: str, now: datetime) -> Subscription:
        """Store a subscription. An equal topic of the channel is resumed with the new days, not doubled."""
        ...

    def subscriptions(self, channel_id: int) -> Sequence[Subscription]:
        """All of a channel, by id."""
        ...

    def subscriptions_of(self, channel_ids: Iterable[int]) -> Mapping[int, Sequence[Subscription]]:
        """All of each channel, by id."""
        ...

    def save_subscription(self, subscription: Subscription) -> None:
        """Store every field of a known subscription."""
        ...

    def unsubscribe(self, subscription_id: int) -> None:
        """Remove a subscription and its matches; what its channel has had stays had."""
        ...

    def mute(self, channel_id: int, mute: Mute, now: datetime) -> None:
        """Store a muted clause; one that is muted already stays as it is."""
        ...

    def unmute(self, channel_id: int, clauses: Iterable[Query]) -> None:
        """Remove muted clauses."""
        ...

    def mutes_of(self, channel_ids: Iterable[int]) -> Mapping[int, Sequence[Mute]]:
        """The muted clauses of each channel that has any, the oldest first."""
        ...

    def mutes(self, channel_id: int) -> Sequence[Mute]:
        """The muted clauses of a channel, the oldest first."""
        ...

    def owned_by(self, platform: str, workspace: str, owner: str) -> Sequence[Channel]:
        """The channels of a workspace in which `owner` subscribed something, by id."""
        ...

    def active_subscriptions(self) -> Sequence[Subscription]:
        """Every subscription that is matched: also paused ones, so that resuming loses nothing.

        Those of what trends are not among them: `bot.services.digest_trending` finds it at planning.
        """
        ...

    def policy(self, address: Address) -> Policy:
        """The policy of this place's workspace: `default_policy` where none was set."""
        ...

    def set_policy(self, address: Address, policy: Policy) -> None:
        """Set the policy of this place's workspace."""
        ...

    def in_workspace(self, platform: str, workspace: str) -> Sequence[Channel]:
        """All channels of a workspace, by id."""
        ...
