"""The pictures of docs/slack.md are of what the app sends, and all of them are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from docs.pictures.blocks import Names, UnknownBlock, drawn
from docs.pictures.make import FOLDER
from docs.pictures.page import page
from docs.pictures.scenes import scenes

TEXT = (FOLDER.parent / "slack.md").read_text("utf-8")
SAID = {
    "digest": ("4 papers for Friday 10 October 2025", "“video” in the title", "30 announced, 3 matched"),
    "compact": ("5 papers for Friday 10 October 2025", ">Thread<", "“agent*” in the title"),
    "search": ("/papers emergent misalignment", "Only visible to you", "Share to channel"),
    "list": ("3 subscriptions", "· paused", "Remove"),
    "home": ("Your subscriptions", "#papers", "#lab", "@ann"),
    "modal": ("&quot;in-context learning&quot;", "Every day", "It would have given"),
}


async def test_every_scene_is_drawn_from_what_the_app_sends(tmp_path: Path) -> None:
    found = await scenes(tmp_path)

    assert set(found) == set(SAID)
    for name, scene in found.items():
        shown = page({name: scene})
        assert [text for text in SAID[name] if text not in shown] == [], name


def test_every_picture_is_there_and_shown() -> None:
    named = re.findall(r"\]\(pictures/([^)]+)\)", TEXT)

    assert sorted(named) == sorted(f"slack-{name}.png" for name in SAID)
    assert {name for name in named if not 0 < (FOLDER / name).stat().st_size < 200_000} == set()


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
