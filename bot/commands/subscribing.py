"""Handlers that change a channel: subscribe, unsubscribe, list, pause, resume, settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.channels.channel import Channel, Subscription
from bot.channels.permissions import check_change, check_policy, check_subscribe
from bot.channels.schedule import DAILY
from bot.channels.upcoming import adjusted
from bot.commands import say
from bot.commands.arguments import Which
from bot.commands.desk import Desk
from bot.commands.model import List, Pause, Resume, Settings, Subscribe, Unsubscribe
from bot.errors import UsageError
from bot.messages import Message
from bot.topics.query import Query, needs_meaning, only_excludes


def subscribe(command: Subscribe, desk: Desk) -> Message:
    """Store the subscription, and answer with what it would have given."""
    check_topic(command.topic)
    _check_may_subscribe(desk)
    channel = desk.stored_channel()
    before = {sub.topic: sub for sub in desk.tx.channels.subscriptions(channel.id)}
    known = before.get(command.topic)
    chosen = command.strictness or (known.strictness if known and needs_meaning(known.topic) else None)
    test = desk.tested(command.topic, chosen)
    moved = replace(channel, at=command.at or channel.at, zone=command.tz or channel.zone)
    _check_may_change(desk, before.values() if moved != channel else [known] if known else [])
    days = command.days or (known.days if known else DAILY)
    subscription = desk.tx.channels.subscribe(channel.id, command.topic, days, desk.caller.user, desk.now)
    if chosen is not None:
        subscription = replace(subscription, strictness=chosen)
        desk.tx.channels.save_subscription(subscription)
    channel = _saved(desk, moved)
    return say.subscribed(subscription, channel, test, was_there=known is not None)


def unsubscribe(command: Unsubscribe, desk: Desk) -> Message:
    """Remove what was named; what the channel has had stays had."""
    channel, chosen = _chosen(desk, command.which)
    _check_may_change(desk, chosen)
    for subscription in chosen:
        desk.tx.channels.unsubscribe(subscription.id)
    return say.removed([str(sub.topic) for sub in chosen], _saved(desk, channel))


def list_(_command: List, desk: Desk) -> Message:
    """What the channel gets, from the rows that delivery reads."""
    channel = desk.channel()
    return say.listing(channel, desk.tx.channels.subscriptions(channel.id))


def pause(command: Pause, desk: Desk) -> Message:
    """Hold back one subscription, or the whole channel."""
    return _hold(desk, command.which, paused=True)


def resume(command: Resume, desk: Desk) -> Message:
    """Go on with one subscription, or with the channel."""
    return _hold(desk, command.which, paused=False)


def settings(command: Settings, desk: Desk) -> Message:
    """Show the channel's settings, changed where something is given."""
    if command == Settings():
        return say.settings(desk.channel(), desk.policy(), changed=False)
    if command.policy is not None:
        check_policy(is_admin=desk.caller.is_admin)
        desk.tx.channels.set_policy(desk.caller.address, command.policy)
    channel = desk.stored_channel()
    changed = _changed(channel, command)
    if changed != channel:
        _check_may_subscribe(desk)
        _check_may_change(desk, desk.tx.channels.subscriptions(channel.id))
    return say.settings(_saved(desk, changed), desk.policy(), changed=True)


def _hold(desk: Desk, which: Which, *, paused: bool) -> Message:
    channel, chosen = _chosen(desk, which)
    _check_may_change(desk, chosen)
    if which.everything:
        channel = replace(channel, paused=paused)
        return say.held(_saved(desk, channel), [], paused=paused)
    for subscription in chosen:
        desk.tx.channels.save_subscription(replace(subscription, paused=paused))
    return say.held(_saved(desk, channel), [str(sub.topic) for sub in chosen], paused=paused)


def _chosen(desk: Desk, which: Which) -> tuple[Channel, Sequence[Subscription]]:
    """The channel and the subscriptions that are meant.

    Raises UsageError where there are none.
    """
    channel = desk.channel()
    every = desk.tx.channels.subscriptions(channel.id)
    chosen = [sub for sub in every if which.everything or which.number == sub.id or which.topic == sub.topic]
    if not chosen:
        known = ", ".join(f"#{sub.id} {sub.topic}" for sub in every[:10])
        mend = f"There is {known}." if known else "Nothing is subscribed here."
        raise UsageError("This channel has no such subscription.", mend)
    return channel, chosen


def check_topic(topic: Query) -> None:
    """Raise the UsageError that says why nothing can be subscribed by this topic."""
    if only_excludes(topic):
        raise UsageError(
            f"“{topic}” only excludes, so it would match nearly every paper.", "Add what it is about."
        )


def _check_may_subscribe(desk: Desk) -> None:
    check_subscribe(desk.policy(), is_admin=desk.caller.is_admin)


def _check_may_change(desk: Desk, touched: Iterable[Subscription]) -> None:
    check_change(desk.policy(), touched, desk.caller.user, is_admin=desk.caller.is_admin)


def _changed(channel: Channel, command: Settings) -> Channel:
    return replace(
        channel,
        at=command.at or channel.at,
        zone=command.tz or channel.zone,
        limit=command.limit or channel.limit,
        layout=command.layout or channel.layout,
    )


def _saved(desk: Desk, channel: Channel) -> Channel:
    """`channel` stored, with its next digest moved to where the schedule and subscriptions now put it."""
    every, had = desk.tx.channels.subscriptions(channel.id), desk.tx.digests.last_slot(channel.id)
    saved = adjusted(channel, every, desk.now, had)
    desk.tx.channels.save(saved)
    return saved
