"""A channel as people see it: with what it subscribes to, mutes and has rated."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from bot.channels.channel import Address, Channel, Mute, Subscription
from bot.channels.upcoming import clear_past_pause, local_day
from bot.feedback.rating import NO_RATINGS, Tally
from bot.ports.store import Transaction


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel, as stored or as it would start; pauses that have run out are over."""

    channel: Channel
    subscriptions: Sequence[Subscription] = ()
    mutes: Sequence[Mute] = ()
    tally: Tally = NO_RATINGS


def view_channel(tx: Transaction, channel: Channel, now: datetime) -> ChannelView:
    """The view of a channel, which need not be stored."""
    today = local_day(channel, now)
    subscriptions = [clear_past_pause(sub, today) for sub in tx.channels.subscriptions(channel.id)]
    mutes, tally = tx.channels.mutes(channel.id), tx.ratings.count_ratings(channel.id)
    return ChannelView(clear_past_pause(channel, today), subscriptions, mutes, tally)


def view_channels_of(
    tx: Transaction, place: Address, user: str, seen: AbstractSet[Address] | None, now: datetime
) -> Sequence[ChannelView]:
    """Channels of the workspace of `place` with subscriptions, of those that the user is in.

    `seen` are the channels that the platform says they are in. Its word alone counts: whoever subscribed a
    channel and left it has no business there. Where it does not say, None, the user's own are shown.
    """
    if seen is None:
        found = tx.channels.owned_by(place.platform, place.workspace, user)
    else:
        every = tx.channels.in_workspace(place.platform, place.workspace) if seen else ()
        found = [channel for channel in every if channel.address in seen]
    views = [view_channel(tx, channel, now) for channel in sorted(found, key=lambda channel: channel.id)]
    return [view for view in views if view.subscriptions]
