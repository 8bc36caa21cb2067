"""A channel's subscriptions, each with its buttons: in the answer to `list`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from adapters.discord.escape import literal_text
from adapters.discord.pieces import Piece, button_rows, in_pieces, mention_user
from bot.channels.channel import Mute, Subscription
from bot.commands.channel_view import ChannelView
from bot.commands.replies.mutes import fully_muted, unmute_buttons
from bot.commands.replies.subscriptions import subscription_state, subscription_terms
from bot.messages.blocks import Button, Buttons, Fields, Message
from bot.topics.topic_text import spell_topic

MOST = 20
"""Subscriptions with buttons; a longer list is text."""
EDIT = "edit"
"""What only buttons say: the rest of their text is the number of a subscription."""


def list_pieces(answer: Message, view: ChannelView) -> list[Piece]:
    """The answer to `list`, with buttons in the place of its fields."""
    if not view.subscriptions or len(view.subscriptions) > MOST:
        return in_pieces(answer)[0]
    around = tuple(block for block in answer.blocks if not isinstance(block, Fields))
    title, *rest = in_pieces(replace(answer, blocks=around))[0]
    quiet = fully_muted(view.subscriptions, view.mutes)
    subscribed = [piece for sub in view.subscriptions for piece in _subscription_rows(sub, quiet)]
    return [title, *subscribed, *_unmute_rows(view.mutes), *rest]


def _unmute_rows(mutes: Sequence[Mute]) -> Iterator[Piece]:
    if mutes:
        yield Piece("**Muted**")
        yield from button_rows(Buttons(unmute_buttons(mutes)))


def _subscription_rows(sub: Subscription, quiet: Sequence[Subscription]) -> Iterator[Piece]:
    facts = [literal_text(one, 100) for one in subscription_terms(sub)]
    if sub.owner:
        facts.append(f"by {mention_user(sub.owner)}")
    facts += [f"**{literal_text(one, 600)}**" for one in subscription_state(sub, quiet)]
    yield Piece(f"**\\#{sub.id}**  {literal_text(str(sub.topic), 1_200)}\n-# {', '.join(facts)}")
    hold = Button("Resume", f"resume #{sub.id}") if sub.paused else Button("Pause", f"pause #{sub.id}")
    buttons = (
        Button("Edit", f"{EDIT} #{sub.id}"),
        Button("Preview", f"preview {spell_topic(str(sub.topic))}"),
        hold,
        Button("Remove", f"unsubscribe #{sub.id}"),
    )
    yield from button_rows(Buttons(buttons))
