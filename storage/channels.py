"""Channels and subscriptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, exists, or_, text, update
from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.channels.channel import Address, Channel, Mute, Subscription
from bot.channels.permissions import Policy, default_policy
from bot.channels.schedule import AT_ONCE, Days, parse_days
from bot.messages.blocks import Layout
from bot.topics.parser import parse_query
from bot.topics.query import Query, split_trending
from bot.topics.strictness import Strictness
from storage import mutes
from storage.locks import only_reads
from storage.sql import among, chunks, insert_new, put, table_of
from storage.tables import ChannelRow, DigestRow, MatchRow, SubscriptionRow, WorkspaceRow

# As the partial index says it.
_WAITS_AT_ONCE = text("matches.at_once")
# Every batch reads every topic.
_topic = lru_cache(maxsize=100_000)(parse_query)


class StoredChannels:
    """`bot.ports.channels.Channels` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, address: Address) -> Channel | None:
        row = self._session.exec(_at(self._session, address)).one_or_none()
        return _channel(row) if row else None

    def ensure(self, address: Address, defaults: Channel) -> Channel:
        place = {"platform": address.platform, "place": address.place}
        insert_new(self._session, ChannelRow, [place | _schedule(defaults)])
        return _channel(self._session.exec(_at(self._session, address)).one())

    def by_id(self, channel_id: int) -> Channel | None:
        row = self._session.exec(
            _lock_channel(self._session, select(ChannelRow).where(col(ChannelRow.id) == channel_id))
        ).first()
        return _channel(row) if row else None

    def save(self, channel: Channel) -> None:
        save_channels(self._session, [channel])

    def due_channels(self, now: datetime, limit: int, after: Channel | None = None) -> Sequence[Channel]:
        next_due, channel_id = col(ChannelRow.next_due), col(ChannelRow.id)
        found = select(ChannelRow).where(next_due <= now).order_by(next_due, channel_id).limit(limit)
        if after is not None:
            behind = and_(next_due == after.next_due, channel_id > after.id)
            found = found.where(or_(next_due > after.next_due, behind))
        # Another planner takes the channels behind those that this one has.
        return [
            _channel(row) for row in self._session.exec(_lock_channel(self._session, found, skip_locked=True))
        ]

    def due_after(self, then: datetime) -> Sequence[Channel]:
        found = select(ChannelRow).where(col(ChannelRow.next_due) > then).order_by(col(ChannelRow.id))
        return [_channel(row) for row in self._session.exec(_lock_channel(self._session, found))]

    def at_once(self, calm: datetime, after: int, limit: int) -> Sequence[Channel]:
        channel_id = col(ChannelRow.id)
        waiting = (
            select(SubscriptionRow.channel_id)
            .join(MatchRow, col(MatchRow.subscription_id) == col(SubscriptionRow.id))
            .where(_WAITS_AT_ONCE, col(SubscriptionRow.days) == str(AT_ONCE))
            .where(~col(SubscriptionRow.paused), col(SubscriptionRow.broken) == "")
        )
        had = exists().where(
            col(DigestRow.channel_id) == channel_id, col(DigestRow.number) > 0, col(DigestRow.planned) > calm
        )
        found = select(ChannelRow).where(channel_id.in_(waiting), channel_id > after, ~had)
        found = found.where(~col(ChannelRow.paused)).order_by(channel_id).limit(limit)
        return [
            _channel(row) for row in self._session.exec(_lock_channel(self._session, found, skip_locked=True))
        ]

    def subscribe(self, channel_id: int, topic: Query, days: Days, owner: str, now: datetime) -> Subscription:
        insert_new(self._session, SubscriptionRow, [_subscription_values(channel_id, topic, owner, now)])
        row = self._session.exec(
            select(SubscriptionRow).where(
                col(SubscriptionRow.channel_id) == channel_id, col(SubscriptionRow.topic) == str(topic)
            )
        ).one()
        if days == AT_ONCE and row.days != str(days):
            mine = update(MatchRow).where(col(MatchRow.subscription_id) == row.id)
            self._session.execute(mine.values(at_once=True))
        row.days, row.paused, row.broken, row.resume_on = str(days), False, "", None
        self._session.add(row)
        self._session.flush()
        return _subscription(row)

    def subscriptions(self, channel_id: int) -> Sequence[Subscription]:
        found = select(SubscriptionRow).where(col(SubscriptionRow.channel_id) == channel_id)
        return [_subscription(row) for row in self._session.exec(found.order_by(col(SubscriptionRow.id)))]

    def subscriptions_of(self, channel_ids: Iterable[int]) -> Mapping[int, Sequence[Subscription]]:
        found: dict[int, list[Subscription]] = {channel_id: [] for channel_id in channel_ids}
        for chunk in chunks(found):
            theirs = among(self._session, col(SubscriptionRow.channel_id), chunk)
            rows = table_of(SubscriptionRow).select().where(theirs).order_by(col(SubscriptionRow.id))
            for row in self._session.execute(rows):
                found[row.channel_id].append(_subscription(row))
        return found

    def save_subscription(self, subscription: Subscription) -> None:
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
                resume_on=subscription.resume_on,
            )
        )

    def unsubscribe(self, subscription_id: int) -> None:
        self._session.exec(delete(SubscriptionRow).where(col(SubscriptionRow.id) == subscription_id))

    def mute(self, channel_id: int, mute: Mute, now: datetime) -> None:
        mutes.mute(self._session, channel_id, mute, now)

    def unmute(self, channel_id: int, clauses: Iterable[Query]) -> None:
        mutes.unmute(self._session, channel_id, clauses)

    def mutes(self, channel_id: int) -> Sequence[Mute]:
        return mutes.mutes(self._session, [channel_id]).get(channel_id, ())

    def mutes_of(self, channel_ids: Iterable[int]) -> Mapping[int, Sequence[Mute]]:
        return mutes.mutes(self._session, channel_ids)

    def owned_by(self, platform: str, workspace: str, owner: str) -> Sequence[Channel]:
        theirs = exists().where(
            col(SubscriptionRow.channel_id) == col(ChannelRow.id), col(SubscriptionRow.owner) == owner
        )
        found = select(ChannelRow).where(col(ChannelRow.platform) == platform, theirs)
        channels = [_channel(row) for row in self._session.exec(found.order_by(col(ChannelRow.id)))]
        return [channel for channel in channels if channel.address.workspace == workspace]

    def active_subscriptions(self) -> Sequence[Subscription]:
        rows = self._session.exec(select(SubscriptionRow).order_by(col(SubscriptionRow.id)))
        return [sub for sub in map(_subscription, rows) if not split_trending(sub.topic)]

    def policy(self, address: Address) -> Policy:
        key = (address.platform, address.workspace)
        row = self._session.get(WorkspaceRow, key, populate_existing=True)
        return Policy(row.policy) if row else default_policy(address.platform)

    def set_policy(self, address: Address, policy: Policy) -> None:
        place = {"platform": address.platform, "workspace": address.workspace}
        put(self._session, WorkspaceRow, place | {"policy": policy.value})

    def in_workspace(self, platform: str, workspace: str) -> Sequence[Channel]:
        found = select(ChannelRow).where(
            col(ChannelRow.platform) == platform,
            col(ChannelRow.place).startswith(f"{workspace}/", autoescape=True),
        )
        channels = [
            _channel(row)
            for row in self._session.exec(_lock_channel(self._session, found.order_by(col(ChannelRow.id))))
        ]
        # SQLite's LIKE takes small letters for capitals.
        return [channel for channel in channels if channel.address.workspace == workspace]


def save_channels(session: Session, channels: Iterable[Channel]) -> None:
    """Store every field of known channels."""
    values = [
        {
            "id_": channel.id,
            "platform": channel.address.platform,
            "place": channel.address.place,
            **_schedule(channel),
        }
        for channel in channels
    ]
    if values:
        table = table_of(ChannelRow)
        session.connection().execute(table.update().where(table.c.id == bindparam("id_")), values)
        session.expire_all()


def _at(session: Session, address: Address) -> SelectOfScalar[ChannelRow]:
    found = select(ChannelRow).where(
        col(ChannelRow.platform) == address.platform, col(ChannelRow.place) == address.place
    )
    return _lock_channel(session, found)


def _lock_channel(
    session: Session, found: SelectOfScalar[ChannelRow], *, skip_locked: bool = False
) -> SelectOfScalar[ChannelRow]:
    """Channels that nobody else changes until the transaction ends, nor their subscriptions through them.

    What is saved rests on what was read: whoever reads a channel may store all of it. Rows that refer to the
    channel can still be added. Who only reads locks nothing.
    """
    if only_reads(session):
        return found
    locked = found.with_for_update(key_share=True, skip_locked=skip_locked)
    return locked.execution_options(populate_existing=True)


def _schedule(channel: Channel) -> dict[str, Any]:
    return {
        "at": channel.at,
        "zone": channel.zone,
        "limit": channel.limit,
        "paused": channel.paused,
        "next_due": channel.next_due,
        "covered_until": channel.covered_until,
        "layout": channel.layout.value,
        "resume_on": channel.resume_on,
    }


def _subscription_values(channel_id: int, topic: Query, owner: str, now: datetime) -> dict[str, Any]:
    return {
        "channel_id": channel_id,
        "topic": str(topic),
        "owner": owner,
        "created": now,
        "days": "",
        "paused": False,
        "broken": "",
        "strictness": Strictness.NORMAL.value,
    }


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
        row.resume_on,
    )


def _subscription(row: SubscriptionRow | Any) -> Subscription:
    return Subscription(
        row.id,
        row.channel_id,
        _topic(row.topic),
        parse_days(row.days),
        row.owner,
        row.paused,
        row.broken,
        row.resume_on,
        Strictness(row.strictness),
    )
