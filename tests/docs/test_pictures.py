"""The pictures of docs/slack.md are of what the app sends, and all of them are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from docs.pictures.blocks import Names, UnknownBlock, drawn
from docs.pictures.page import page
from docs.pictures.scenes import scenes
from tests.docs.drawn import pictures, unsaid

SAID = {
    "digest": ("4 papers for Friday 10 October 2025", "“video” in the title", "30 announced, 3 matched"),
    "compact": ("5 papers for Friday 10 October 2025", ">Thread<", "“agent*” in the title"),
    "search": ("/papers emergent misalignment", "Only visible to you", "Share to channel"),
    "list": ("3 subscriptions", "· paused", "Remove"),
    "home": ("Your subscriptions", "#papers", "#lab", "@ann"),
    "modal": ("&quot;in-context learning&quot;", "Every day", "would have matched"),
}


async def test_every_scene_is_drawn_from_what_the_app_sends(tmp_path: Path) -> None:
    assert unsaid(await scenes(tmp_path), page, SAID) == set()


def test_every_picture_is_there_and_shown() -> None:
    assert pictures("slack", 200_000) == sorted(f"slack-{name}.png" for name in SAID)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "video"},
        {"type": "actions", "elements": [{"type": "checkboxes"}]},
        {"type": "section", "text": {"type": "mrkdwn", "text": "<!channel>"}},
        {"type": "context", "elements": [{"type": "image", "image_url": "x", "alt_text": "x"}]},
        {"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": []}]},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "emoji"}]}]},
    ],
)
def test_what_the_page_does_not_know_is_an_error(block: dict[str, Any]) -> None:
    with pytest.raises(UnknownBlock):
        drawn([block], Names())


@pytest.mark.parametrize(
    "block",
    [
        {"type": "header", "text": {"type": "plain_text", "text": "<b>"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*<https://arxiv.org/abs/1|&lt;b&gt;>*"}},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "<b>"}]}],
        },
    ],
)
def test_text_is_no_html(block: dict[str, Any]) -> None:
    assert "&lt;b&gt;" in drawn([block], Names())
