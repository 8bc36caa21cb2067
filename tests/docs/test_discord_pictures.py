"""The pictures of docs/discord.md are of what the app sends, and all of them are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from docs.pictures.blocks import UnknownBlock
from docs.pictures.discord_page import page
from docs.pictures.discord_parts import drawn, markdown
from docs.pictures.discord_scenes import scenes
from tests.docs.drawn import pictures, unsaid

SAID = {
    "digest": ("4 papers for Friday 10 October 2025", "“video” in the title", "30 announced, 3 matched"),
    "search": ("/papers query: emergent misalignment", "Only you can see this", "Share to channel"),
    "list": ("2 subscriptions", "@ann", "Remove"),
    "modal": ("Subscription #1", "emergent misalignment", "Time zone", "Submit"),
}


async def test_every_scene_is_drawn_from_what_the_app_sends(tmp_path: Path) -> None:
    assert unsaid(await scenes(tmp_path), page, SAID) == set()


def test_every_picture_is_there_and_shown() -> None:
    assert pictures("discord", 250_000) == sorted(f"discord-{name}.png" for name in SAID)


@pytest.mark.parametrize("component", [{"type": 12}, {"type": 1, "components": [{"type": 5}]}])
def test_a_component_that_the_page_does_not_know_is_an_error(component: dict[str, Any]) -> None:
    with pytest.raises(UnknownBlock):
        drawn([component], {})


@pytest.mark.parametrize("text", ["*soft*", "__under__", "~~out~~", "||spoiler||", "<#17>", "[a](b)"])
def test_a_mark_that_the_page_does_not_know_is_an_error(text: str) -> None:
    with pytest.raises(UnknownBlock):
        markdown(text, {})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\\<b\\>", '<div class="div">&lt;b&gt;</div>'),
        ("**\\*\\*a**", '<div class="div"><b>**a</b></div>'),
        ("### a & b", '<div class="h3">a &amp; b</div>'),
        ("-# small", '<div class="small">small</div>'),
        ("`code`", '<div class="div"><code>code</code></div>'),
        ("```0a\n<b>\n```", "<pre>&lt;b&gt;</pre>"),
        ("<@17>", '<div class="div"><span class="mention">@ann</span></div>'),
        ("[\\[a\\]](https://a.example/b)", '<div class="div"><a href="https://a.example/b">[a]</a></div>'),
    ],
)
def test_text_is_no_html(text: str, shown: str) -> None:
    assert markdown(text, {"17": "ann"}) == shown
