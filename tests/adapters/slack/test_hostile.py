"""Titles that mean harm come out harmless: nobody is pinged, nothing links elsewhere, nothing is too long."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.render import render_message
from bot.messages.blocks import Layout, Message, PaperCard
from tests.adapters.hostile import PAGE, everywhere
from tests.standins.reading import hidden
from tests.standins.slack_payloads import check_message
from tests.standins.slack_reading import links, pings

HAZARDS = {
    "channel": "<!channel>",
    "here with a label": "<!here|here>",
    "everyone": "<!everyone>",
    "user": "<@U0ANN>",
    "user with a label": "<@W0ANN|the boss>",
    "group": "<!subteam^S0GROUP|@team>",
    "channel link": "<#C0GENERAL|general>",
    "link": "<http://evil.example/x|arXiv>",
    "mail": "<mailto:me@evil.example|mail>",
    "bare address": "http://evil.example/x",
    "bare host": "www.evil.example",
    "markdown link": "[arXiv](http://evil.example)",
    "bare @channel": "@channel and @here",
    "entities": "&lt;!channel&gt; &amp;lt;!here&amp;gt;",
    "date with a link": "<!date^1392734382^{date}^http://evil.example|now>",
    "hidden in a mention": "<\u200b!channel> <!\u2060here>",
    "null in a mention": "<\x00!channel>\x00",
    "bidi": "\u202e<!channel>\u2066evil\u202c",
    "nested": "<<!channel>> <http://evil.example|<!here>>",
    "script": "<javascript:alert(1)|arXiv>",
    "marks": "*bold _it ~no` ```code``` > quote",
    "shortcodes": ":rotating_light: :here: :+1::skin-tone-6:",
    "zalgo": "Z" + "\u0300\u0489" * 60 + "algo",
    "broken": "<!channel <@U0ANN http://evil.example> |x>\ud800",
    "lines": "one\n<!channel>\r\n\u2028<!here>\u0085&",
}
FRAMES = {
    "alone": "{}",
    "in a sentence": "A study of {} in small models",
    "in marks": "*{}* `{}`",
    "in brackets": "<{}|{}>",
    "in code": "```{}```",
    "many times": "{} " * 40,
    "50 kB": "{} " + "x" * 50_000,
    "50 kB of it": "{}" * 3_000,
}
TITLES = {
    f"{hazard}, {frame}": form.replace("{}", text)[:51_000]
    for hazard, text in HAZARDS.items()
    for frame, form in FRAMES.items()
}


def test_there_are_two_hundred() -> None:
    assert len(TITLES) == 200


def assert_harmless(message: Message) -> None:
    """Nobody is pinged, nothing links elsewhere or hides, and Slack takes all of it."""
    messages = [one.payload() for one in render_message(message)]
    assert [ping for one in messages for ping in pings(one)] == []
    assert {link for one in messages for link in links(one)} <= {PAGE}
    assert [sign for one in messages for sign in hidden(one)] == []
    assert [problem for one in messages for problem in check_message(one)] == []
    assert len(messages) <= 60
    json.dumps(messages, ensure_ascii=False).encode()


@pytest.mark.parametrize("name", TITLES)
def test_a_hostile_title_is_harmless(name: str) -> None:
    assert_harmless(everywhere(TITLES[name]))


@pytest.mark.parametrize("name", HAZARDS)
def test_a_hostile_title_is_harmless_in_a_compact_digest(name: str) -> None:
    assert_harmless(replace(everywhere(HAZARDS[name]), layout=Layout.COMPACT))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(list(HAZARDS.values())) | st.text(max_size=20), max_size=12).map("".join))
def test_any_mixture_is_harmless(text: str) -> None:
    assert_harmless(everywhere(text))


@pytest.mark.parametrize(
    "url", ["http://evil.example/x", "https://arxiv.org.evil.example/abs/2510.00001", ""]
)
def test_a_card_links_to_its_own_page_only(url: str) -> None:
    card = PaperCard(id="arxiv:2510.00001", url=url, title="Agents that plan")
    assert set().union(*(links(one.payload()) for one in render_message(Message("Search", (card,))))) == set()


def _said(text: str, **more: Any) -> dict[str, Any]:
    return {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text} | more}]}


@pytest.mark.parametrize(
    ("payload", "pinged", "linked"),
    [
        (_said("<!channel>"), ["!channel"], set()),
        (_said("<@U1|ann>"), ["@U1|ann"], set()),
        (_said("@here"), ["@here"], set()),
        (_said("@here", verbatim=True), [], set()),
        (_said("&lt;!channel&gt;"), [], set()),
        (_said("<http://a.example|b>"), [], {"http://a.example"}),
        (_said("see http://a.example."), [], {"http://a.example."}),
        (_said("see http://a.example.", verbatim=True), [], set()),
        ({"text": "<!here> <http://a.example>"}, ["!here"], {"http://a.example"}),
        ({"text": "x", "blocks": [{"type": "broadcast", "range": "channel"}]}, ["broadcast element"], set()),
        ({"text": "x", "blocks": [{"type": "link", "url": "http://a.example"}]}, [], {"http://a.example"}),
    ],
)
def test_the_reader_of_these_tests_sees_harm(
    payload: dict[str, Any], pinged: list[str], linked: set[str]
) -> None:
    assert pings(payload) == pinged
    assert links(payload) == linked


def test_the_reader_of_these_tests_sees_what_is_hidden() -> None:
    assert hidden({"text": "a\u202eb\x00c\n"}) != []
    assert hidden({"text": "plain\nlines"}) == []
