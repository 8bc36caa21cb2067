"""Handlers that change a channel: subscribe, unsubscribe, list, pause, resume, settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from bot.channels.channel import Channel, Subscription
from bot.channels.permissions import check_change, check_policy, check_subscribe
from bot.channels.schedule import AT_ONCE, DAILY, LONGEST_PAUSE_DAYS, Days
from bot.channels.upcoming import local_day, reschedule_after_edit
from bot.commands.arguments import Which
from bot.commands.context import CommandContext
from bot.commands.model import ChannelSettings, List, Pause, Resume, Subscribe, Unsubscribe
from bot.commands.replies import subscriptions as say
from bot.errors import UsageError
from bot.messages.blocks import Message
from bot.topics.query import Query, needs_meaning, only_excludes, split_trending


def subscribe(command: Subscribe, context: CommandContext) -> Message:
    """Store the subscription, and answer with what it would have given."""
    check_topic(command.topic)
    check_days(command.topic, command.days)
    _check_may_subscribe(context)
    channel = context.stored_channel()
    before = {sub.topic: sub for sub in context.subscriptions(channel)}
    known = before.get(command.topic)
    chosen = command.strictness or (known.strictness if known and needs_meaning(known.topic) else None)
    test = context.back_test_topic(command.topic, chosen)
    moved = replace(channel, at=command.at or channel.at, zone=command.tz or channel.zone)
    _check_may_change(context, before.values() if moved != channel else [known] if known else [])
    days = command.days or (known.days if known else DAILY)
    owner = context.caller.user
    subscription = context.tx.channels.subscribe(channel.id, command.topic, days, owner, context.now)
    if chosen is not None:
        subscription = replace(subscription, strictness=chosen)
        context.tx.channels.save_subscription(subscription)
    channel = _save_channel(context, moved)
    return say.subscription_added(subscription, channel, test, was_there=known is not None)


def edit(number: int, command: Subscribe, context: CommandContext) -> Message:
    """Subscribe in the place of subscription `number`; nothing is added where that may not be changed."""
    edited = _chosen_subscriptions(context, Which(number))[1]
    _check_may_change(context, edited)
    answer = subscribe(command, context)
    # The same topic is the same row, which `subscribe` has just changed and resumed: nobody asked for that.
    before = next((one for one in edited if one.topic == command.topic), None)
    if before is None:
        unsubscribe(Unsubscribe(Which(number)), context)
        return answer
    channel, [now] = _chosen_subscriptions(context, Which(number))
    context.tx.channels.save_subscription(replace(now, paused=before.paused, resume_on=before.resume_on))
    _save_channel(context, channel)
    return answer


def unsubscribe(command: Unsubscribe, context: CommandContext) -> Message:
    """Remove what was named; what the channel has had stays had."""
    channel, chosen = _chosen_subscriptions(context, command.which)
    _check_may_change(context, chosen)
    for subscription in chosen:
        context.tx.channels.unsubscribe(subscription.id)
    saved = _save_channel(context, channel)
    return say.subscriptions_removed(chosen, saved, context.subscriptions(channel))


def list_(_command: List, context: CommandContext) -> Message:
    """What the channel gets, from the rows that delivery reads."""
    channel = context.channel()
    every, muted = context.subscriptions(channel), context.tx.channels.mutes(channel.id)
    return say.subscription_list(channel, every, muted, context.tx.ratings.count_ratings(channel.id))


def pause(command: Pause, context: CommandContext) -> Message:
    """Hold back one subscription, or the whole channel, for good or until a day."""
    if command.until is None:
        return _set_paused(context, command.which, paused=True)
    today = local_day(context.channel(), context.now)
    until = command.until if isinstance(command.until, date) else today + command.until
    if not 0 < (until - today).days <= LONGEST_PAUSE_DAYS:
        raise UsageError(f"{until} is not within the next year.", "Choose another day, or leave it out.")
    return _set_paused(context, command.which, paused=False, resume_on=until)


def resume(command: Resume, context: CommandContext) -> Message:
    """Go on with one subscription, or with the channel."""
    return _set_paused(context, command.which, paused=False)


def settings(command: ChannelSettings, context: CommandContext) -> Message:
    """Show the channel's settings, changed where something is given."""
    if command == ChannelSettings():
        return _settings_message(context, context.channel(), changed=False)
    if command.policy is not None:
        check_policy(is_admin=context.caller.is_admin)
        context.tx.channels.set_policy(context.caller.address, command.policy)
    channel = context.stored_channel()
    changed = _changed_channel(channel, command)
    if changed != channel:
        context.check_channel("change the settings of this channel")
    return _settings_message(context, _save_channel(context, changed), changed=True)


def _settings_message(context: CommandContext, channel: Channel, *, changed: bool) -> Message:
    return say.channel_settings(channel, context.subscriptions(channel), context.policy(), changed=changed)


def _set_paused(
    context: CommandContext, which: Which, *, paused: bool, resume_on: date | None = None
) -> Message:
    channel, chosen = _chosen_subscriptions(context, which)
    _check_may_change(context, chosen)
    if which.is_everything:
        channel = replace(channel, paused=paused, resume_on=resume_on)
    else:
        for subscription in chosen:
            held = replace(subscription, paused=paused, resume_on=resume_on)
            context.tx.channels.save_subscription(held)
    topics = [] if which.is_everything else [str(sub.topic) for sub in chosen]
    saved, every = _save_channel(context, channel), context.subscriptions(channel)
    return say.pause_changed(saved, every, topics, paused=paused, resume_on=resume_on)


def _chosen_subscriptions(context: CommandContext, which: Which) -> tuple[Channel, Sequence[Subscription]]:
    """The channel and the subscriptions that are meant.

    Raises UsageError where there are none.
    """
    channel = context.channel()
    every = context.subscriptions(channel)
    chosen = [
        sub for sub in every if which.is_everything or which.number == sub.id or which.topic == sub.topic
    ]
    if not chosen:
        known = ", ".join(f"#{sub.id} {sub.topic}" for sub in every[:10])
        hint = f"There is {known}." if known else "Nothing is subscribed here."
        raise UsageError("This channel has no such subscription.", hint)
    return channel, chosen


def check_topic(topic: Query) -> None:
    """Raise the UsageError that says why nothing can be subscribed by this topic."""
    if only_excludes(topic):
        raise UsageError(
            f"“{topic}” only excludes, so it would match nearly every paper.",
            "Add words for what it is about.",
        )


def check_days(topic: Query, days: Days | None) -> None:
    """Raise the UsageError that says why this topic cannot be delivered so."""
    if days == AT_ONCE and split_trending(topic):
        raise UsageError(
            "Trending papers are ranked when a digest is made, so they cannot be posted immediately.",
            "Write days:daily, or days such as mon,thu.",
        )


def _check_may_subscribe(context: CommandContext) -> None:
    check_subscribe(context.policy(), is_admin=context.caller.is_admin)


def _check_may_change(context: CommandContext, touched: Iterable[Subscription]) -> None:
    check_change(context.policy(), touched, context.caller.user, is_admin=context.caller.is_admin)


def _changed_channel(channel: Channel, command: ChannelSettings) -> Channel:
    return replace(
        channel,
        at=command.at or channel.at,
        zone=command.tz or channel.zone,
        limit=command.limit or channel.limit,
        layout=command.layout or channel.layout,
    )


def _save_channel(context: CommandContext, channel: Channel) -> Channel:
    """`channel` stored, with its next digest moved to where the schedule and subscriptions now put it."""
    every, had = context.subscriptions(channel), context.tx.digests.last_slot(channel.id)
    saved = reschedule_after_edit(channel, every, context.now, had)
    context.tx.channels.save(saved)
    return saved
