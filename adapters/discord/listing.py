"""A channel's subscriptions, each with its buttons: in the answer to `list`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from adapters.discord.escape import literal
from adapters.discord.pieces import Piece, in_pieces, mention, rows
from bot.channels.channel import Mute, Subscription
from bot.commands.channel_view import ChannelView
from bot.commands.replies.mutes import silent, unmute_buttons
from bot.commands.replies.subscriptions import standing, terms
from bot.messages.blocks import Button, Buttons, Fields, Message
from bot.topics.topic_text import spell_topic

MOST = 20
"""Subscriptions with buttons; a longer list is text."""
EDIT = "edit"
"""What only buttons say: the rest of their text is the number of a subscription."""


def listing(answer: Message, view: ChannelView) -> list[Piece]:
    """The answer to `list`, with buttons in the place of its fields."""
    if not view.subscriptions or len(view.subscriptions) > MOST:
        return in_pieces(answer)[0]
    around = tuple(block for block in answer.blocks if not isinstance(block, Fields))
    title, *rest = in_pieces(replace(answer, blocks=around))[0]
    quiet = silent(view.subscriptions, view.mutes)
    subscribed = [piece for sub in view.subscriptions for piece in _row(sub, quiet)]
    return [title, *subscribed, *_unmuting(view.mutes), *rest]


def _unmuting(mutes: Sequence[Mute]) -> Iterator[Piece]:
    if mutes:
        yield Piece("**Muted**")
        yield from rows(Buttons(unmute_buttons(mutes)))


def _row(sub: Subscription, quiet: Sequence[Subscription]) -> Iterator[Piece]:
    facts = [literal(one, 100) for one in terms(sub)]
    if sub.owner:
        facts.append(f"by {mention(sub.owner)}")
    facts += [f"**{literal(one, 600)}**" for one in standing(sub, quiet)]
    yield Piece(f"**\\#{sub.id}**  {literal(str(sub.topic), 1_200)}\n-# {', '.join(facts)}")
    hold = Button("Resume", f"resume #{sub.id}") if sub.paused else Button("Pause", f"pause #{sub.id}")
    buttons = (
        Button("Edit", f"{EDIT} #{sub.id}"),
        Button("Preview", f"preview {spell_topic(str(sub.topic))}"),
        hold,
        Button("Remove", f"unsubscribe #{sub.id}"),
    )
    yield from rows(Buttons(buttons))
