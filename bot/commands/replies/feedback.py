"""What is said of 👍 and 👎."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.channel import Subscription
from bot.digests.compose import count_noun
from bot.feedback.preferences import LearnedPreferences
from bot.feedback.rating import LATEST_RATINGS, Tally, Thumb
from bot.messages.blocks import Block, Button, Buttons, Fields, Message, Note, Paragraph
from bot.papers.paper import Paper
from bot.topics.query import split_trending

HOW = (
    "A new paper that is like those with a 👍, by its words and by what it means, moves up within its topic,"
    " and one that is like those with a 👎 moves down. Nothing that a topic matched is left out: what has no"
    " place any more is counted, and “Show the rest” has it. What trends keeps its own order."
)
_EVEN = "They cancel each other out, so nothing is learned."
_LATER = "This will rank matches once a topic is subscribed here. Trending papers keep their own order."
_WAY = {Thumb.UP: "higher", Thumb.DOWN: "lower"}
_ALL = Button("What was learned", "feedback")


def rating_saved(
    paper: Paper, thumb: Thumb, before: Thumb | None, tally: Tally, subscriptions: Sequence[Subscription]
) -> Message:
    """What somebody has said of a paper, in a channel with these subscriptions."""
    title = f"{thumb.sign} noted"
    if before is thumb:
        title = f"You already gave this a {thumb.sign} already"
    elif before is not None:
        title = f"{thumb.sign} noted, replacing your {before.sign}"
    effect = (
        f"Papers like this come {_WAY[thumb]} in this channel's digests."
        if _ranks_anything(subscriptions)
        else _LATER
    )
    buttons = Buttons((Button("Undo", f"unlike {paper.id}"), _ALL))
    return Message(title, (Paragraph(paper.title), Note(f"{effect} ({rating_words(tally)})"), buttons))


def rating_words(tally: Tally) -> str:
    """`3 votes from 2 people`."""
    people = "1 person" if tally.people == 1 else f"{tally.people:,} people"
    return f"{count_noun(tally.ratings, 'vote')} from {people}"


def taken_back(title: str | None, removed: int, tally: Tally) -> Message:
    """What counts no more: of one paper, or None for all that somebody said."""
    if not removed:
        rated = f"{title}: you have not rated this here." if title else "You have not rated anything here."
        return Message("Nothing to undo", (Paragraph(rated),))
    left = (
        f"Left in this channel: {rating_words(tally)}."
        if tally.ratings
        else "No votes are left in this channel."
    )
    return Message("Taken back", (Paragraph(title or "All of your votes"), Note(left), Buttons((_ALL,))))


def feedback_learned(tally: Tally, lesson: LearnedPreferences | None, *, by_words: bool) -> Message:
    """How feedback works, and what it has come to; `by_words` says that there is no model of meaning."""
    if not tally.ratings:
        start = "Use 👍 and 👎 in a paper's menu, or `/papers like 2502.17424` and `/papers dislike`."
        return Message("No feedback yet", (Paragraph(start), Paragraph(HOW)))
    blocks: list[Block] = [Paragraph(HOW)]
    if tally.ratings > LATEST_RATINGS:
        blocks.append(Note(f"Of these votes the latest {LATEST_RATINGS} count."))
    if by_words:
        blocks.append(Note("It goes by words alone here: the model of meaning is not installed, or off."))
    blocks.append(_learned_fields(lesson) if lesson else Note(_EVEN))
    buttons = Buttons((Button("Remove my votes", "unlike all"), Button("Reset feedback", "feedback reset")))
    return Message(f"Feedback of this channel: {rating_words(tally)}", (*blocks, buttons))


def _learned_fields(lesson: LearnedPreferences) -> Block:
    facts = (
        ("Moves up", ", ".join(lesson.liked_words)),
        ("Moves down", ", ".join(lesson.disliked_words)),
        ("Most typical of 👍", "\n".join(lesson.liked_titles)),
        ("Most typical of 👎", "\n".join(lesson.disliked_titles)),
    )
    return Fields(tuple((label, value) for label, value in facts if value))


def feedback_forgotten(removed: int) -> Message:
    """What a channel starts anew from."""
    if not removed:
        return Message("There is no feedback to forget")
    return Message(
        f"Forgotten: {count_noun(removed, 'vote')}",
        (Paragraph("Digests come in the order of their topics again."),),
    )


def rating_notes(tally: Tally, subscriptions: Sequence[Subscription]) -> tuple[Note, ...]:
    """Below a list of subscriptions, where votes rank what one of them brings."""
    if not tally.ratings or not _ranks_anything(subscriptions):
        return ()
    return (
        Note(
            f"Its digests are ranked by {rating_words(tally)} too: `/papers feedback` shows what was learned."
        ),
    )


def _ranks_anything(subscriptions: Sequence[Subscription]) -> bool:
    """Whether some topic is one that votes rank."""
    return any(split_trending(sub.topic) is None for sub in subscriptions)
