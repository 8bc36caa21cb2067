"""What is said of muted clauses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.channels.channel import Mute, Subscription
from bot.digests.compose import count_noun
from bot.messages.blocks import Block, Button, Buttons, Message, Note, Paragraph
from bot.topics.mute_clauses import remove_clauses
from bot.topics.query import Query
from bot.topics.topic_text import spell_topic


def fully_muted(subscriptions: Sequence[Subscription], mutes: Sequence[Mute]) -> list[Subscription]:
    """The subscriptions of whose topic the muted clauses leave nothing."""
    clauses = {mute.clause for mute in mutes}
    return [sub for sub in subscriptions if remove_clauses(sub.topic, clauses) is None]


def mute_list(mutes: Sequence[Mute], quiet: Sequence[Subscription]) -> Message:
    """All that is muted in a channel, each with its button."""
    if not mutes:
        said = "Use a paper's menu in a digest, or `/papers mute <clause>`."
        return Message("Nothing is muted in this channel", (Paragraph(said),))
    title = f"{count_noun(len(mutes), 'clause')} muted here"
    return Message(title, (*map(_topic_names, mutes), Buttons(unmute_buttons(mutes)), *_silence_note(quiet)))


def unmute_buttons(mutes: Iterable[Mute]) -> tuple[Button, ...]:
    """A button for each muted clause."""
    return tuple(Button(f"Unmute {mute.clause}", _unmute_label(mute.clause)) for mute in mutes)


def _unmute_label(clause: Query) -> str:
    return f"unmute {spell_topic(str(clause))}"


def _topic_names(mute: Mute) -> Paragraph:
    return Paragraph(f"{mute.clause}  ·  by", (mute.owner,)) if mute.owner else Paragraph(str(mute.clause))


def now_muted(clause: Query, touched: Sequence[Subscription], quiet: Sequence[Subscription]) -> Message:
    """A clause that brings no papers from now on."""
    topics = ", ".join(str(sub.topic) for sub in touched)
    blocks: list[Block] = [
        Paragraph(
            f"Papers matched only by this are left out of digests, and counted there. Topics: {topics}."
        )
    ]
    undo = Buttons((Button("Undo", _unmute_label(clause)), Button("All that is muted", "mute")))
    return Message(f"Muted: {clause}", (*blocks, *_silence_note(quiet), undo))


def no_longer_muted(clauses: Sequence[Query]) -> Message:
    """Clauses that bring papers again."""
    named = ", ".join(map(str, clauses))
    said = "Papers already left out of past digests will not come back."
    return Message(
        f"No longer muted: {named}", (Paragraph(said), Buttons((Button("All that is muted", "mute"),)))
    )


def mute_note(mutes: Sequence[Mute]) -> Note:
    """Below a list of subscriptions."""
    return Note(
        f"Muted: {', '.join(str(mute.clause) for mute in mutes)}. `/papers mute` shows and changes it."
    )


def _silence_note(quiet: Sequence[Subscription]) -> list[Block]:
    """A topic that can bring nothing any more, and the way out."""
    if not quiet:
        return []
    topics = ", ".join(f"#{sub.id} {sub.topic}" for sub in quiet)
    said = f"Nothing remains of {topics}: it matches no papers now. Unmute something, or unsubscribe."
    away = (Button(f"Unsubscribe {sub.topic}", f"unsubscribe #{sub.id}") for sub in quiet[:3])
    return [Note(said, warning=True), Buttons(tuple(away))]
