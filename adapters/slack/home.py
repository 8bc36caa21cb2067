"""The Home tab: all that somebody subscribed in a workspace, to be changed in place."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.slack.listing import row
from adapters.slack.mrkdwn import cut, rich, text_element
from adapters.slack.places import channel_of
from adapters.slack.render import context
from adapters.slack.splitting import Payload
from bot.channels.channel import Channel, Subscription
from bot.commands.say import next_digest

MOST_BLOCKS = 95
"""A view has at most 100."""
OPEN_FORM = "paperboy.open-form"


def home(found: Sequence[tuple[Channel, Sequence[Subscription]]], said: str = "") -> Payload:
    """The view for `views.publish`; `said` is what a press has just done."""
    blocks: list[Payload] = [{"type": "header", "text": _plain("Your subscriptions")}]
    blocks += [context(cut(said, 1_000))] if said else []
    blocks.append(_subscribe())
    left = 0
    for channel, subscriptions in found:
        parts = list(_channel(channel, subscriptions))
        if len(blocks) + len(parts) > MOST_BLOCKS:
            left += 1
        else:
            blocks += parts
    if left:
        blocks.append(context(f"{left} more of your channels do not fit: /papers list shows each of them."))
    if not found:
        blocks.append(context("You have subscribed nothing yet. /papers help tells how, in any channel."))
    return {"type": "home", "blocks": blocks}


def _channel(channel: Channel, subscriptions: Sequence[Subscription]) -> Sequence[Payload]:
    place = channel_of(channel.address)
    name = text_element(place, "bold")
    if place[:1] in {"C", "G"}:
        name = {"type": "channel", "channel_id": place, "style": {"bold": True}}
    rows = [block for sub in subscriptions for block in row(sub, f"home:{place}")]
    return [
        {"type": "divider"},
        rich(name),
        *rows[: MOST_BLOCKS - 10],
        context(next_digest(channel).replace("`", "")),
    ]


def _subscribe() -> Payload:
    button = {
        "type": "button",
        "text": _plain("Subscribe a channel"),
        "action_id": OPEN_FORM,
        "style": "primary",
        "value": OPEN_FORM,
    }
    return {"type": "actions", "elements": [button]}


def _plain(text: str) -> Payload:
    return {"type": "plain_text", "text": text, "emoji": False}
