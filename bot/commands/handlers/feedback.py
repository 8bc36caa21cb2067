"""Handlers of what a channel learns from: like, dislike, unlike, feedback."""

from __future__ import annotations

from bot.commands.context import Desk
from bot.commands.model import Dislike, Feedback, Like, Unlike
from bot.commands.replies import feedback as say
from bot.commands.replies.papers import unknown_paper
from bot.feedback.rating import Rating, Thumb
from bot.messages.blocks import Message
from bot.papers.identity import PaperId
from bot.services.load_preferences import tastes

WORDS, TITLES = 8, 3
"""How much of what was learned is shown."""


def like(command: Like, desk: Desk) -> Message:
    """More papers like this one."""
    return _rated(command.paper, Thumb.UP, desk)


def dislike(command: Dislike, desk: Desk) -> Message:
    """Fewer papers like this one."""
    return _rated(command.paper, Thumb.DOWN, desk)


def unlike(command: Unlike, desk: Desk) -> Message:
    """Take back what the caller said of one paper, by any of its ids, or of all."""
    channel, user = desk.channel(), desk.caller.user
    if command.paper is None:
        removed = desk.tx.ratings.take_back(channel.id, user)
        return say.taken_back(None, removed, desk.tx.ratings.tally(channel.id))
    paper = desk.paper(command.paper)
    ids = [command.paper, *((paper.id, *paper.aliases) if paper else ())]
    removed = desk.tx.ratings.take_back(channel.id, user, ids)
    title = paper.title if paper else str(command.paper)
    return say.taken_back(title, removed, desk.tx.ratings.tally(channel.id))


def feedback(command: Feedback, desk: Desk) -> Message:
    """What the channel has learned; or forget it, for those who may change all of the channel."""
    channel = desk.channel()
    if command.action is None:
        return _explained(channel.id, desk)
    desk.check_channel("forget what this channel has learned")
    return say.forgotten(desk.tx.ratings.clear(channel.id))


def _explained(channel_id: int, desk: Desk) -> Message:
    taste = tastes(desk.tx, {channel_id: ()}, desk.meaning).get(channel_id)
    lesson = taste.lesson(WORDS, TITLES) if taste and not taste.is_blank else None
    return say.explained(desk.tx.ratings.tally(channel_id), lesson, by_words=desk.meaning is None)


def _rated(paper_id: PaperId, thumb: Thumb, desk: Desk) -> Message:
    """Keep what the caller thinks of a paper, stored or looked up, in the place of what they said before."""
    paper = desk.paper(paper_id)
    if paper is None:
        return unknown_paper(paper_id)
    channel = desk.stored_channel()
    before = desk.tx.ratings.give(channel.id, Rating(paper, desk.caller.user, thumb, desk.now))
    tally, every = desk.tx.ratings.tally(channel.id), desk.subscriptions(channel)
    return say.rated(paper, thumb, before, tally, every)
