"""Handlers of what a channel learns from: like, dislike, unlike, feedback."""

from __future__ import annotations

from bot.commands.context import CommandContext
from bot.commands.model import Dislike, Feedback, Like, Unlike
from bot.commands.replies import feedback as say
from bot.commands.replies.papers import unknown_paper
from bot.feedback.rating import Rating, Thumb
from bot.messages.blocks import Message
from bot.papers.identity import PaperId
from bot.services.load_preferences import load_preferences

WORDS, TITLES = 8, 3
"""How much of what was learned is shown."""


def like(command: Like, context: CommandContext) -> Message:
    """More papers like this one."""
    return _rate_paper(command.paper, Thumb.UP, context)


def dislike(command: Dislike, context: CommandContext) -> Message:
    """Fewer papers like this one."""
    return _rate_paper(command.paper, Thumb.DOWN, context)


def unlike(command: Unlike, context: CommandContext) -> Message:
    """Take back what the caller said of one paper, by any of its ids, or of all."""
    channel, user = context.channel(), context.caller.user
    if command.paper is None:
        removed = context.tx.ratings.take_back(channel.id, user)
        return say.taken_back(None, removed, context.tx.ratings.count_ratings(channel.id))
    paper = context.paper(command.paper)
    ids = [command.paper, *((paper.id, *paper.aliases) if paper else ())]
    removed = context.tx.ratings.take_back(channel.id, user, ids)
    title = paper.title if paper else str(command.paper)
    return say.taken_back(title, removed, context.tx.ratings.count_ratings(channel.id))


def feedback(command: Feedback, context: CommandContext) -> Message:
    """What the channel has learned; or forget it, for those who may change all of the channel."""
    channel = context.channel()
    if command.action is None:
        return _explain_feedback(channel.id, context)
    context.check_channel("forget what this channel has learned")
    return say.feedback_forgotten(context.tx.ratings.clear_ratings(channel.id))


def _explain_feedback(channel_id: int, context: CommandContext) -> Message:
    taste = load_preferences(context.tx, {channel_id: ()}, context.meaning).get(channel_id)
    lesson = taste.describe_learned(WORDS, TITLES) if taste and not taste.is_empty else None
    return say.feedback_learned(
        context.tx.ratings.count_ratings(channel_id), lesson, by_words=context.meaning is None
    )


def _rate_paper(paper_id: PaperId, thumb: Thumb, context: CommandContext) -> Message:
    """Keep what the caller thinks of a paper, stored or looked up, in the place of what they said before."""
    paper = context.paper(paper_id)
    if paper is None:
        return unknown_paper(paper_id)
    channel = context.stored_channel()
    before = context.tx.ratings.give_rating(
        channel.id, Rating(paper, context.caller.user, thumb, context.now)
    )
    tally, every = context.tx.ratings.count_ratings(channel.id), context.subscriptions(channel)
    return say.rating_saved(paper, thumb, before, tally, every)
