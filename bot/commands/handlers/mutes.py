"""Handlers that mute and unmute clauses of a channel's topics."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.channel import Mute, Subscription
from bot.channels.permissions import check_change
from bot.commands import model
from bot.commands.context import CommandContext
from bot.commands.replies import mutes as say
from bot.errors import UsageError
from bot.messages.blocks import Message
from bot.topics.mute_clauses import all_clauses, remove_clauses
from bot.topics.query import Query


def mute(command: model.Mute, context: CommandContext) -> Message:
    """Mute a clause that one of the topics has, or list what is muted."""
    channel = context.channel()
    every, muted = context.subscriptions(channel), context.tx.channels.mutes(channel.id)
    if command.clause is None:
        return say.mute_list(muted, say.fully_muted(every, muted))
    clauses = {one.clause for one in muted}
    touched = _touched_topics(every, clauses, command.clause)
    if not touched and command.clause not in clauses:
        raise _no_such_clause(command.clause, every)
    check_change(context.policy(), touched, context.caller.user, is_admin=context.caller.is_admin)
    context.tx.channels.mute(channel.id, Mute(command.clause, context.caller.user), context.now)
    after = context.tx.channels.mutes(channel.id)
    newly = [sub for sub in say.fully_muted(every, after) if sub in touched]
    return say.now_muted(command.clause, touched, newly)


def unmute(command: model.Unmute, context: CommandContext) -> Message:
    """Let one clause, or all, bring papers again."""
    channel = context.channel()
    every, muted = context.subscriptions(channel), context.tx.channels.mutes(channel.id)
    gone = [one.clause for one in muted if command.clause in {None, one.clause}]
    if not gone:
        known = ", ".join(f"`{one.clause}`" for one in muted[:10])
        what = (
            f"“{command.clause}” is not muted here."
            if command.clause
            else "Nothing is muted in this channel."
        )
        raise UsageError(what, f"Muted are {known}." if known else "")
    kept = {one.clause for one in muted}.difference(gone)
    touched = [sub for sub in every if any(sub in _touched_topics([sub], kept, clause) for clause in gone)]
    check_change(context.policy(), touched, context.caller.user, is_admin=context.caller.is_admin)
    context.tx.channels.unmute(channel.id, gone)
    return say.no_longer_muted(gone)


def _touched_topics(
    subscriptions: Sequence[Subscription], muted: set[Query], clause: Query
) -> list[Subscription]:
    """The subscriptions whose topic, or what is left of it, has the clause."""
    return [
        sub
        for sub in subscriptions
        if clause in all_clauses(sub.topic)
        or ((left := remove_clauses(sub.topic, muted - {clause})) is not None and clause in all_clauses(left))
    ]


def _no_such_clause(clause: Query, subscriptions: Sequence[Subscription]) -> UsageError:
    known = dict.fromkeys(str(name) for sub in subscriptions for name in all_clauses(sub.topic))
    hint = f"Its topics have {', '.join(list(known)[:10])}. " if known else "Nothing is subscribed here. "
    return UsageError(
        f"No topic of this channel has the clause “{clause}”.",
        f"{hint}To search for words: `/papers search mute {clause}`.",
    )
