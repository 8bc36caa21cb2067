"""Channels and subscriptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import exists, update
from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.channels.channel import Address, Channel, Subscription
from bot.channels.permissions import Policy
from bot.channels.schedule import Days, parse_days
from bot.messages import Layout
from bot.topics.parser import parse
from bot.topics.query import Query
from bot.topics.strictness import Strictness
from storage.rows import insert_new
from storage.tables import ChannelRow, SubscriptionRow, WorkspaceRow

# Every batch reads every topic.
_topic = lru_cache(maxsize=100_000)(parse)


class StoredChannels:
    """`bot.ports.Channels` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, address: Address) -> Channel | None:
        """The channel at this place, if it is known."""
        row = self._session.exec(_at(address)).one_or_none()
        return _channel(row) if row else None

    def ensure(self, address: Address, defaults: Channel) -> Channel:
        """The channel at this place; made from `defaults` (whose id is ignored) where there is none."""
        place = {"platform": address.platform, "place": address.place}
        insert_new(self._session, ChannelRow, [place | _schedule(defaults)])
        return _channel(self._session.exec(_at(address)).one())

    def by_id(self, channel_id: int) -> Channel | None:
        """The channel of this id."""
        row = self._session.get(ChannelRow, channel_id)
        return _channel(row) if row else None

    def save(self, channel: Channel) -> None:
        """Store every field of a known channel."""
        save_channel(self._session, channel)

    def due(self, now: datetime, limit: int) -> Sequence[Channel]:
        """Channels whose `next_due` has come, the longest waiting first."""
        next_due = col(ChannelRow.next_due)
        found = select(ChannelRow).where(next_due <= now).order_by(next_due, col(ChannelRow.id)).limit(limit)
        return [_channel(row) for row in self._session.exec(found)]

    def subscribe(self, channel_id: int, topic: Query, days: Days, owner: str, now: datetime) -> Subscription:
        """Store a subscription. An equal topic of the channel is resumed with the new days, not doubled."""
        row = self._session.exec(
            select(SubscriptionRow).where(
                col(SubscriptionRow.channel_id) == channel_id, col(SubscriptionRow.topic) == str(topic)
            )
        ).one_or_none()
        if row is None:
            row = _unscheduled(channel_id, topic, owner, now)
        row.days, row.paused, row.broken = str(days), False, ""
        self._session.add(row)
        self._session.flush()
        return _subscription(row)

    def subscriptions(self, channel_id: int) -> Sequence[Subscription]:
        """All of a channel, by id."""
        found = select(SubscriptionRow).where(col(SubscriptionRow.channel_id) == channel_id)
        return [_subscription(row) for row in self._session.exec(found.order_by(col(SubscriptionRow.id)))]

    def save_subscription(self, subscription: Subscription) -> None:
        """Store every field of a known subscription."""
        self._session.execute(
            update(SubscriptionRow)
            .where(col(SubscriptionRow.id) == subscription.id)
            .values(
                channel_id=subscription.channel_id,
                topic=str(subscription.topic),
                days=str(subscription.days),
                owner=subscription.owner,
                paused=subscription.paused,
                broken=subscription.broken,
                strictness=subscription.strictness.value,
            )
        )

    def unsubscribe(self, subscription_id: int) -> None:
        """Remove a subscription and its matches; what its channel has had stays had."""
        self._session.exec(delete(SubscriptionRow).where(col(SubscriptionRow.id) == subscription_id))

    def owned(self, platform: str, workspace: str, owner: str) -> Sequence[Channel]:
        """The channels of a workspace in which `owner` subscribed something, by id."""
        theirs = exists().where(
            col(SubscriptionRow.channel_id) == col(ChannelRow.id), col(SubscriptionRow.owner) == owner
        )
        found = select(ChannelRow).where(col(ChannelRow.platform) == platform, theirs)
        channels = [_channel(row) for row in self._session.exec(found.order_by(col(ChannelRow.id)))]
        return [channel for channel in channels if channel.address.workspace == workspace]

    def active(self) -> Sequence[Subscription]:
        """Every subscription that is matched: also paused ones, so that resuming loses nothing."""
        return [
            _subscription(row)
            for row in self._session.exec(select(SubscriptionRow).order_by(col(SubscriptionRow.id)))
        ]

    def policy(self, address: Address) -> Policy:
        """The policy of this place's workspace: members where none was set."""
        row = self._session.get(WorkspaceRow, (address.platform, address.workspace))
        return Policy(row.policy) if row else Policy.MEMBERS

    def set_policy(self, address: Address, policy: Policy) -> None:
        """Set the policy of this place's workspace."""
        row = WorkspaceRow(platform=address.platform, workspace=address.workspace, policy=policy.value)
        self._session.merge(row)
        self._session.flush()

    def in_workspace(self, platform: str, workspace: str) -> Sequence[Channel]:
        """All channels of a workspace, by id."""
        found = select(ChannelRow).where(
            col(ChannelRow.platform) == platform,
            col(ChannelRow.place).startswith(f"{workspace}/", autoescape=True),
        )
        channels = [_channel(row) for row in self._session.exec(found.order_by(col(ChannelRow.id)))]
        # SQLite's LIKE takes small letters for capitals.
        return [channel for channel in channels if channel.address.workspace == workspace]


def save_channel(session: Session, channel: Channel) -> None:
    """Store every field of a known channel."""
    place = {"platform": channel.address.platform, "place": channel.address.place}
    session.execute(
        update(ChannelRow).where(col(ChannelRow.id) == channel.id).values(**place, **_schedule(channel))
    )


def _at(address: Address) -> SelectOfScalar[ChannelRow]:
    return select(ChannelRow).where(
        col(ChannelRow.platform) == address.platform, col(ChannelRow.place) == address.place
    )


def _schedule(channel: Channel) -> dict[str, Any]:
    return {
        "at": channel.at,
        "zone": channel.zone,
        "limit": channel.limit,
        "paused": channel.paused,
        "next_due": channel.next_due,
        "covered_until": channel.covered_until,
        "layout": channel.layout.value,
    }


def _unscheduled(channel_id: int, topic: Query, owner: str, now: datetime) -> SubscriptionRow:
    return SubscriptionRow(
        channel_id=channel_id,
        topic=str(topic),
        owner=owner,
        created=now,
        days="",
        paused=False,
        broken="",
        strictness=Strictness.NORMAL.value,
    )


def _channel(row: ChannelRow) -> Channel:
    return Channel(
        row.id,
        Address(row.platform, row.place),
        row.at,
        row.zone,
        row.limit,
        row.covered_until,
        row.paused,
        row.next_due,
        Layout(row.layout),
    )


def _subscription(row: SubscriptionRow) -> Subscription:
    return Subscription(
        row.id,
        row.channel_id,
        _topic(row.topic),
        parse_days(row.days),
        row.owner,
        row.paused,
        row.broken,
        Strictness(row.strictness),
    )
