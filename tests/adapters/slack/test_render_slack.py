from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from slack_sdk.models.blocks import Block as SdkBlock

from adapters.slack.mrkdwn import literal_text
from adapters.slack.render import render_message
from adapters.slack.splitting import SlackMessage, count_characters
from bot.digests.compose import paper_card
from bot.messages.blocks import (
    Button,
    Buttons,
    Code,
    Fields,
    Heading,
    Layout,
    Message,
    Note,
    PaperCard,
    Paragraph,
    Receipt,
)
from bot.topics.parser import parse_query
from bot.topics.query import Query
from tests.adapters import example_messages as examples
from tests.adapters.example_messages import digest
from tests.apps import paper

GOLDEN = Path(__file__).with_name("golden")
CARD = replace(
    examples.CARD,
    actions=(
        Button("Save", "save arxiv:2510.08211"),
        *(Button(f"Mute “{n}”", f"mute {n}") for n in ("a" * 160, "emergent", "misalignment", "cat:cs.CL")),
        Button("BibTeX", "export bibtex arxiv:2510.08211"),
        Button("In full", "show arxiv:2510.08211"),
    ),
)
DIGEST = digest(CARD)
SEARCH = Message(
    "7 papers for emergent misalignment, page 1 of 2",
    (
        CARD,
        PaperCard("file:1", "", "A title alone"),
        Note("Narrow it: `/papers cat:cs.CL`.", warning=True),
        Fields((("#1", "emergent misalignment"), ("#2", "cat:cs.CL agent*"))),
        Paragraph("Write `/papers help`."),
        Code("(agents\n^"),
        Buttons((Button("Next page", "search emergent misalignment page:2"), Button("Long", "x" * 2_001))),
        Receipt(()),
    ),
)


@pytest.mark.parametrize(("name", "message"), [("digest", DIGEST), ("search", SEARCH)])
def test_golden(name: str, message: Message) -> None:
    shown = [part.payload() for part in render_message(message)]
    path = GOLDEN / f"{name}.json"
    if os.environ.get("PAPERBOY_WRITE_GOLDEN") == "1":
        path.write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    assert shown == json.loads(path.read_text(encoding="utf-8"))


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Every object inside a payload."""
    if isinstance(value, dict):
        yield value
    for inside in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inside)


def check(part: SlackMessage) -> None:
    """Hold a message to the documented limits."""
    assert 0 < len(part.text) <= 4_000
    assert len(part.blocks) <= 50
    assert count_characters(list(part.blocks)) <= 13_000
    actions = []
    for block in part.blocks:
        parsed = SdkBlock.parse(block)
        assert parsed is not None
        parsed.validate_json()
        if block["type"] == "header":
            assert 0 < len(block["text"]["text"]) <= 150
        if block["type"] == "section":
            assert 0 < len(block["text"]["text"]) <= 3_000
        if block["type"] in {"actions", "context"}:
            assert 0 < len(block["elements"]) <= (25 if block["type"] == "actions" else 10)
        for inside in objects(block):
            if inside.get("type") in {"text", "plain_text", "mrkdwn"}:
                assert 0 < len(inside["text"]) <= 3_000
            if inside.get("type") == "button":
                assert len(inside["text"]["text"]) <= 75
                assert 0 < len(inside["value"]) <= 2_000
            if inside.get("type") == "overflow":
                assert 0 < len(inside["options"]) <= 5
                assert all(0 < len(one["text"]["text"]) <= 75 for one in inside["options"])
                assert all(0 < len(one["value"]) <= 150 for one in inside["options"])
            actions += [inside["action_id"]] if "action_id" in inside else []
    assert len(actions) == len(set(actions))


@settings(max_examples=100, deadline=None)
@given(examples.messages)
def test_any_message_is_within_the_limits(message: Message) -> None:
    for part in render_message(message):
        check(part)


def test_a_long_digest_is_split_and_loses_nothing() -> None:
    cards = tuple(PaperCard(f"arxiv:2510.{n:05}", "", f"Title {n:03}", summary="s" * 240) for n in range(100))
    parts = render_message(Message("100 papers", cards))

    assert len(parts) > 1
    for part in parts:
        check(part)
    whole = json.dumps([part.blocks for part in parts])
    assert all(f"Title {n:03}" in whole for n in range(100))
    assert "1 of" in parts[0].text
    assert "Title 000" in parts[0].text


@pytest.mark.parametrize("layout", Layout)
def test_a_line_stands_above_every_topic_but_the_first(layout: Layout) -> None:
    topics = Message("2 papers", (Heading("one"), CARD, Note("and 3 more"), Heading("two"), CARD), layout)

    kinds = [block["type"] for block in render_message(topics)[0].blocks]
    assert kinds.count("divider") == 1
    assert kinds.index("divider") > kinds.index("rich_text")
    assert kinds[kinds.index("divider") + 1] == "rich_text"


def test_a_menu_has_the_first_actions_that_fit_and_the_last() -> None:
    _title, section, _below = render_message(Message("1 paper", (CARD,)))[0].blocks

    values = [option["value"] for option in section["accessory"]["options"]]
    shown = ["save arxiv:2510.08211", "mute emergent", "mute misalignment", "mute cat:cs.CL"]
    assert values == [*shown, "show arxiv:2510.08211"]


def test_the_reasons_stand_below_the_facts() -> None:
    _title, _section, below = render_message(Message("1 paper", (CARD,)))[0].blocks

    [facts] = below["elements"]
    assert facts["text"].split("\n")[1] == "↳ “emergent” and “misalignment” in the title"


def test_a_compact_digest_has_its_details_in_the_thread() -> None:
    first, rest = render_message(replace(DIGEST, layout=Layout.COMPACT))

    check(first)
    check(rest)
    assert CARD.title in json.dumps(first.blocks)
    assert CARD.summary not in json.dumps(first.blocks)
    assert "245 announced" in json.dumps(first.blocks)
    assert CARD.summary in json.dumps(rest.blocks)
    assert rest.blocks[0]["type"] != "header"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a <!channel> & b", "a &lt;!channel&gt; &amp; b"),
        ("*bold* ~gone~ `code`", "\u2217bold\u2217 \u223cgone\u223c \u02cbcode\u02cb"),
        ("_slanted_ snake_case", "ˍslantedˍ snake_case"),
        (":smile: 10:30", "\u2236smile: 10:30"),
        ("a\nb\u202ec", "a bc"),
        ("&" * 10, "&amp;" * 4 + "…"),
    ],
)
def test_nothing_in_a_title_is_markup(raw: str, shown: str) -> None:
    assert literal_text(raw, 24 if raw.startswith("&&") else 100) == shown


@pytest.mark.parametrize("mutable", [(), (parse_query("owls"),), (parse_query("owls"), parse_query("larks"))])
def test_both_thumbs_stand_in_every_card(mutable: tuple[Query, ...]) -> None:
    [shown] = render_message(Message("A digest", (paper_card(paper(1, "Owls"), mutable=mutable),)))
    [menu] = [block["accessory"] for block in shown.blocks if "accessory" in block]
    labels = [option["text"]["text"] for option in menu["options"]]
    assert labels[:3] == ["Save", "👍 Good for this channel", "👎 Not for this channel"]
    assert labels[3:] == ["Mute owls" if mutable else "More like this", "In full"]
