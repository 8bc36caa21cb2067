"""The Home tab: all that somebody sees and keeps in a workspace, to be changed in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.slack.listing import subscription_rows, unmute_row
from adapters.slack.mrkdwn import cut_text, rich_block, text_element
from adapters.slack.places import channel_of
from adapters.slack.render import context_block
from adapters.slack.splitting import Payload
from bot.commands.channel_view import ChannelView
from bot.commands.replies.feedback import rating_notes
from bot.commands.replies.subscriptions import next_digest
from bot.digests.compose import count_noun
from bot.papers.links import paper_page_url
from bot.papers.paper import Paper
from bot.papers.text import clean_line

MOST_BLOCKS = 95
"""A view has at most 100."""
MOST_ROWS = 70
"""Blocks of one channel's subscriptions."""
SAVED = 5
"""Papers of the reading list."""
OPEN_FORM = "paperboy.open-form"
NOT_WHOLE = (
    "This shows the channels where you subscribed something. To show all of your channels, an admin must "
    "reinstall the app with the scopes channels:read and groups:read."
)


@dataclass(frozen=True, slots=True)
class Tab:
    """What somebody's Home tab shows."""

    channels: Sequence[ChannelView] = ()
    saved: Sequence[Paper] = ()
    """The papers that they saved last."""
    saved_in_all: int = 0
    is_whole: bool = True
    """Whether all channels that they are in are shown, and not only those where they subscribed something."""


def home_view(tab: Tab, said: str = "") -> Payload:
    """The view for `views.publish`; `said` is what a press has just done."""
    blocks: list[Payload] = [{"type": "header", "text": _plain_text("Your subscriptions")}]
    blocks += [context_block(cut_text(said, 1_000))] if said else []
    blocks.append(_subscribe_button())
    end = [*_saved_blocks(tab), *([] if tab.is_whole else [context_block(NOT_WHOLE)])]
    left = 0
    for view in tab.channels:
        parts = _channel_blocks(view)
        if len(blocks) + len(parts) + len(end) > MOST_BLOCKS:
            left += 1
        else:
            blocks += parts
    if left:
        blocks.append(context_block(f"{left} more of your channels did not fit. Use /papers list there."))
    if not tab.channels:
        blocks.append(context_block("No subscriptions yet. Use /papers help in any channel."))
    return {"type": "home", "blocks": [*blocks, *end]}


def _channel_blocks(view: ChannelView) -> Sequence[Payload]:
    place = channel_of(view.channel.address)
    name = text_element(place, "bold")
    if place[:1] in {"C", "G"}:
        name = {"type": "channel", "channel_id": place, "style": {"bold": True}}
    where = f"home:{place}"
    return [
        {"type": "divider"},
        rich_block(name),
        *subscription_rows(view, where)[:MOST_ROWS],
        *unmute_row(view.mutes, where),
        context_block(next_digest(view.channel, view.subscriptions).replace("`", "")),
        *(context_block(note.text.replace("`", "")) for note in rating_notes(view.tally, view.subscriptions)),
    ]


def _saved_blocks(tab: Tab) -> list[Payload]:
    """The papers saved last, a line each."""
    if not tab.saved:
        return []
    told = (
        f"{count_noun(tab.saved_in_all, 'paper')} saved. See them with /papers saved, or use /papers export."
    )
    return [{"type": "divider"}, rich_block(*map(_paper_line, tab.saved)), context_block(told)]


def _paper_line(paper: Paper) -> Payload:
    title = cut_text(clean_line(paper.title) or str(paper.id), 300)
    url = paper_page_url(paper.url)
    return {"type": "link", "url": url, "text": f"{title}\n"} if url else text_element(f"{title}\n")


def _subscribe_button() -> Payload:
    button = {
        "type": "button",
        "text": _plain_text("Subscribe a channel"),
        "action_id": OPEN_FORM,
        "style": "primary",
        "value": OPEN_FORM,
    }
    return {"type": "actions", "elements": [button]}


def _plain_text(text: str) -> Payload:
    return {"type": "plain_text", "text": text, "emoji": False}
