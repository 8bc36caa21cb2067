"""Titles that mean harm come out harmless: nobody is pinged, nothing links elsewhere, nothing is too long."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from discord.http import handle_message_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.render import Style, render_message
from bot.messages.blocks import Layout, Message
from tests.adapters.hostile import PAGE, everywhere
from tests.standins.discord_payloads import check
from tests.standins.discord_reading import links, pings
from tests.standins.reading import hidden

STYLES: tuple[Style, ...] = get_args(Style)

HAZARDS = {
    "everyone": "@everyone and @here",
    "user": "<@80351110224678912>",
    "user by a nickname": "<@!80351110224678912>",
    "role": "<@&41771983423143936>",
    "channel": "<#103735883630395392>",
    "command": "</papers:816437322781949972>",
    "time": "<t:1618953630:R>",
    "guide": "<id:customize>",
    "emoji": "<:bell:41771983429993937> <a:bell:41771983429993937> :bell:",
    "masked link": "[arXiv](https://evil.example)",
    "second masked link": "[a](b) [arXiv](https://evil.example)",
    "masked link with a title": '[arXiv](https://evil.example "arXiv")',
    "closing bracket": "](https://evil.example) [",
    "link in angles": "<https://evil.example/x>",
    "bare link": "https://evil.example/x",
    "bare host": "www.evil.example",
    "invitation": "discord.gg/evil https://discord.com/invite/evil",
    "other schemes": "steam://run/1 javascript:alert(1) mailto:me@evil.example",
    "hidden in a mention": "<\u200b@80351110224678912> @\u2060everyone",
    "null in a mention": "<\x00@80351110224678912>\x00",
    "bidi": "\u202e@everyone\u2066evil\u202c",
    "escapes": "\\@everyone \\\\<@80351110224678912> \\[a](https://evil.example)",
    "marks": "*bold _it ~~no~~ `code` ```block``` ||spoiler|| > quote # head -# small - list",
    "code that ends": "``` @everyone ``` ` <@80351110224678912> `",
    "nothing in lines": "\n\n\u200b\n",
    "zalgo": "Z" + "\u0300\u0489" * 60 + "algo",
    "lines": "one\n@everyone\r\n\u2028# two\u0085<@80351110224678912>\ud800",
}
FRAMES = {
    "alone": "{}",
    "in a sentence": "A study of {} in small models",
    "in marks": "**{}** `{}`",
    "in brackets": "[{}]({})",
    "in code": "```{}```",
    "many times": "{} " * 40,
    "50 kB": "{} " + "x" * 50_000,
    "12 kB of it": "{}" * 700,
}
TITLES = {
    f"{hazard}, {frame}": form.replace("{}", text)[: 12_000 if frame == "12 kB of it" else 51_000]
    for hazard, text in HAZARDS.items()
    for frame, form in FRAMES.items()
}


def bodies(message: Message, style: Style) -> list[dict[str, Any]]:
    """What discord.py sends of a message."""
    made = [
        handle_message_parameters(**part.arguments("n1"), nonce="n1").payload
        for part in render_message(message, style)
    ]
    return [one for one in made if one]


def assert_harmless(message: Message, style: Style) -> None:
    """Nobody is pinged, nothing links elsewhere or hides, and Discord takes all of it."""
    sent = bodies(message, style)
    assert [ping for one in sent for ping in pings(one)] == []
    assert {link for one in sent for link in links(one)} <= {PAGE}
    assert [sign for one in sent for sign in hidden(one)] == []
    assert [problem for one in sent for problem in check("message", one)] == []
    assert len(sent) <= 120
    json.dumps(sent, ensure_ascii=False).encode()


def test_there_are_two_hundred() -> None:
    assert len(TITLES) >= 200


@pytest.mark.parametrize("name", TITLES)
def test_a_hostile_title_is_harmless(name: str) -> None:
    assert_harmless(everywhere(TITLES[name]), "components")


@pytest.mark.parametrize("name", HAZARDS)
def test_a_hostile_title_is_harmless_in_embeds_and_compact(name: str) -> None:
    assert_harmless(everywhere(HAZARDS[name]), "embeds")
    for style in STYLES:
        assert_harmless(replace(everywhere(HAZARDS[name]), layout=Layout.COMPACT), style)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(list(HAZARDS.values())) | st.text(max_size=20), max_size=12).map("".join),
    st.sampled_from(STYLES),
)
def test_any_mixture_is_harmless(text: str, style: Style) -> None:
    assert_harmless(everywhere(text), style)


@pytest.mark.parametrize(
    ("text", "pinged", "linked"),
    [
        ("@everyone", ["@everyone"], set()),
        ("\\@everyone", [], set()),
        ("\\\\@everyone", ["@everyone"], set()),
        ("<@1> <@&2> <#3> <t:4:R> <:a:5>", ["<@1>", "<@&2>", "<#3>", "<t:4:R>", "<:a:5>"], set()),
        ("\\<@1>", [], set()),
        ("`@here`", [], set()),
        ("` @here", ["@here"], set()),
        ("```\n@here\n```", [], set()),
        ("\\`@here\\`", ["@here"], set()),
        ("see https://a.example", [], {"https://a.example"}),
        ("see https\\://a.example", [], set()),
        ("[a](https://b.example)", [], {"https://b.example"}),
        ("\\[a\\](b)", [], set()),
        ("discord.gg/abc", [], {"discord.gg/abc"}),
    ],
)
def test_the_reader_of_these_tests_sees_harm(text: str, pinged: list[str], linked: set[str]) -> None:
    for payload in (
        {"content": text},
        {"components": [{"type": 17, "components": [{"type": 10, "content": text}]}]},
        {"embeds": [{"description": text}]},
    ):
        assert pings(payload) == pinged
        assert links(payload) == linked


def test_the_reader_of_these_tests_sees_what_is_hidden() -> None:
    assert hidden({"content": "a\u202eb\x00c\n"}) != []
    assert hidden({"content": "plain\nlines"}) == []
