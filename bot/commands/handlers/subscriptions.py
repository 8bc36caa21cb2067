"""Handlers that change a channel: subscribe, unsubscribe, list, pause, resume, settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from bot.channels.channel import Channel, Subscription
from bot.channels.permissions import check_change, check_policy, check_subscribe
from bot.channels.schedule import AT_ONCE, DAILY, LONGEST_PAUSE_DAYS, Days
from bot.channels.upcoming import adjusted, local_day
from bot.commands.arguments import Which
from bot.commands.context import Desk
from bot.commands.model import List, Pause, Resume, Settings, Subscribe, Unsubscribe
from bot.commands.replies import subscriptions as say
from bot.errors import UsageError
from bot.messages.blocks import Message
from bot.topics.query import Query, needs_meaning, only_excludes, trends


def subscribe(command: Subscribe, desk: Desk) -> Message:
    """Store the subscription, and answer with what it would have given."""
    check_topic(command.topic)
    check_days(command.topic, command.days)
    _check_may_subscribe(desk)
    channel = desk.stored_channel()
    before = {sub.topic: sub for sub in desk.subscriptions(channel)}
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


def edit(number: int, command: Subscribe, desk: Desk) -> Message:
    """Subscribe in the place of subscription `number`; nothing is added where that may not be changed."""
    _check_may_change(desk, _chosen(desk, Which(number))[1])
    answer = subscribe(command, desk)
    unsubscribe(Unsubscribe(Which(number)), desk)
    return answer


def unsubscribe(command: Unsubscribe, desk: Desk) -> Message:
    """Remove what was named; what the channel has had stays had."""
    channel, chosen = _chosen(desk, command.which)
    _check_may_change(desk, chosen)
    for subscription in chosen:
        desk.tx.channels.unsubscribe(subscription.id)
    saved = _saved(desk, channel)
    return say.removed(chosen, saved, desk.subscriptions(channel))


def list_(_command: List, desk: Desk) -> Message:
    """What the channel gets, from the rows that delivery reads."""
    channel = desk.channel()
    every, muted = desk.subscriptions(channel), desk.tx.channels.mutes(channel.id)
    return say.listing(channel, every, muted, desk.tx.ratings.tally(channel.id))


def pause(command: Pause, desk: Desk) -> Message:
    """Hold back one subscription, or the whole channel, for good or until a day."""
    if command.until is None:
        return _hold(desk, command.which, paused=True)
    today = local_day(desk.channel(), desk.now)
    until = command.until if isinstance(command.until, date) else today + command.until
    if not 0 < (until - today).days <= LONGEST_PAUSE_DAYS:
        raise UsageError(f"{until} is not within a year from tomorrow.", "Write a later day, or none.")
    return _hold(desk, command.which, paused=False, resume_on=until)


def resume(command: Resume, desk: Desk) -> Message:
    """Go on with one subscription, or with the channel."""
    return _hold(desk, command.which, paused=False)


def settings(command: Settings, desk: Desk) -> Message:
    """Show the channel's settings, changed where something is given."""
    if command == Settings():
        return _settings(desk, desk.channel(), changed=False)
    if command.policy is not None:
        check_policy(is_admin=desk.caller.is_admin)
        desk.tx.channels.set_policy(desk.caller.address, command.policy)
    channel = desk.stored_channel()
    changed = _changed(channel, command)
    if changed != channel:
        desk.check_channel("change the settings of this channel")
    return _settings(desk, _saved(desk, changed), changed=True)


def _settings(desk: Desk, channel: Channel, *, changed: bool) -> Message:
    return say.settings(channel, desk.subscriptions(channel), desk.policy(), changed=changed)


def _hold(desk: Desk, which: Which, *, paused: bool, resume_on: date | None = None) -> Message:
    channel, chosen = _chosen(desk, which)
    _check_may_change(desk, chosen)
    if which.everything:
        channel = replace(channel, paused=paused, resume_on=resume_on)
    else:
        for subscription in chosen:
            held = replace(subscription, paused=paused, resume_on=resume_on)
            desk.tx.channels.save_subscription(held)
    topics = [] if which.everything else [str(sub.topic) for sub in chosen]
    saved, every = _saved(desk, channel), desk.subscriptions(channel)
    return say.held(saved, every, topics, paused=paused, resume_on=resume_on)


def _chosen(desk: Desk, which: Which) -> tuple[Channel, Sequence[Subscription]]:
    """The channel and the subscriptions that are meant.

    Raises UsageError where there are none.
    """
    channel = desk.channel()
    every = desk.subscriptions(channel)
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


def check_days(topic: Query, days: Days | None) -> None:
    """Raise the UsageError that says why this topic cannot be delivered so."""
    if days == AT_ONCE and trends(topic):
        raise UsageError(
            "What trends is found when a digest is made, so it cannot come at once.",
            "Write days:daily, or days such as mon,thu.",
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
    every, had = desk.subscriptions(channel), desk.tx.digests.last_slot(channel.id)
    saved = adjusted(channel, every, desk.now, had)
    desk.tx.channels.save(saved)
    return saved
