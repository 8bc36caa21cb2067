from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings

from adapters.discord.escape import link_text, literal_text, marked_text, prose_text
from adapters.discord.presses import CARRIED_PRESS, carried_parts
from adapters.discord.render import Style, render_message
from bot.messages.blocks import Button, Buttons, Code, Heading, Layout, Message, Note, PaperCard, Paragraph
from tests.adapters.discord.discord_messages import CARD, DIGEST, check, objects, payload, texts
from tests.adapters.example_messages import messages, text

STYLES: tuple[Style, ...] = ("components", "embeds")
LIVE = re.compile(r"(?<!\\)(?:\\\\)*[*_~|`<@\[\]()]")
"""A sign of markup with no backslash before it."""
CODE = re.compile(r"(?<!\\)((?:\\\\)*)`[^`\n]+`")


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=100, deadline=None)
@given(messages)
def test_any_message_is_within_the_limits(style: Style, message: Message) -> None:
    for part in render_message(message, style):
        check(part)


@settings(max_examples=200, deadline=None)
@given(text)
@example("``@")
def test_nothing_in_a_text_is_markup(hostile: str) -> None:
    assert not LIVE.search(literal_text(hostile, 700))
    assert len(literal_text(hostile, 700)) <= 700
    assert not LIVE.search(CODE.sub(r"\1", prose_text(hostile)))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("@everyone <@123> <@&9>", r"\@everyone \<\@123\> \<\@&9\>"),
        ("[a](https://evil.example)", r"\[a\]\(https\://evil\.example\)"),
        ("[a](b) [c](https://evil.example)", r"\[a\]\(b\) \[c\]\(https\://evil\.example\)"),
        ("discord.gg/free", r"discord\.gg/free"),
        ("# big -# small > quote", r"\# big \-\# small \> quote"),
        ("**bold** ||spoiler|| ~~gone~~ `code`", r"\*\*bold\*\* \|\|spoiler\|\| \~\~gone\~\~ \`code\`"),
        ("a\nb\u202ec", "a bc"),
        ("*" * 20, r"\*\*\*\*\*…"),
    ],
)
def test_hostile_text_is_shown_as_it_is(raw: str, shown: str) -> None:
    assert literal_text(raw, 11 if raw.startswith("***") else 100) == shown


@pytest.mark.parametrize(
    ("raw", "spans", "limit", "shown"),
    [
        ("owls and larks", [(0, 4), (9, 14)], 99, "**owls** and **larks**"),
        ("a *owl*", [(3, 6)], 99, r"a \***owl**\*"),
        ("owls and larks", [(0, 4)], 10, "owls and…"),
        ("a\u202eb owls", [(4, 8)], 99, "ab owls"),
        ("owls", [], 99, "owls"),
    ],
)
def test_words_that_were_searched_for_are_bold(
    raw: str, spans: list[tuple[int, int]], limit: int, shown: str
) -> None:
    assert marked_text(raw, spans, limit) == shown


def test_a_card_shows_its_marks() -> None:
    [part] = render_message(Message("t", (replace(CARD, summary="Owls deceive larks.", marks=((5, 12),)),)))
    assert "Owls **deceive** larks" in "".join(texts(part))


def test_only_pages_of_papers_are_linked() -> None:
    assert (
        link_text("https://arxiv.org/abs/2510.08211", "A [b] c", 99)
        == "[A \uff3bb\uff3d c](https://arxiv.org/abs/2510.08211)"
    )
    assert (
        link_text("https://doi.org/10.1016/s0140(20)3", "A", 99)
        == "[A](https://doi.org/10.1016/s0140%2820%293)"
    )
    assert link_text("https://evil.example/abs/2510.08211", "A", 99) == "A"


def test_a_digest_has_cards_with_their_colour_and_menu() -> None:
    [part] = render_message(DIGEST)
    title, heading, card, note, row, receipt = payload(part)["components"]

    assert title["content"] == "## 1 paper for Friday 10 October 2025"
    assert heading["content"].startswith("### title")
    assert card["accent_color"] == 0xB31B1B
    assert f"]({CARD.url})**" in card["components"][0]["content"]
    assert "-# ↳ “emergent” and “misalignment” in the title" in card["components"][0]["content"]
    menu = card["components"][1]["components"][0]
    assert [one["value"] for one in menu["options"]] == ["bibtex arxiv:2510.08211", "show arxiv:2510.08211"]
    assert note["content"] == "-# and 3 more"
    assert row["components"][0]["custom_id"].endswith("show more")
    assert "245 announced, 4 matched, 1 shown, complete" in receipt["content"]


@pytest.mark.parametrize("style", STYLES)
def test_a_long_digest_is_split_and_loses_nothing(style: Style) -> None:
    cards = tuple(replace(CARD, id=f"arxiv:2510.{n:05}", title=f"Title {n:03}") for n in range(100))
    parts = render_message(Message("100 papers", cards), style)

    assert len(parts) > 5
    whole = "".join(line for part in parts for line in texts(part))
    assert all(f"Title {n:03}" in whole for n in range(100))


@pytest.mark.parametrize("style", STYLES)
def test_a_compact_digest_has_its_details_in_the_thread(style: Style) -> None:
    first, rest = render_message(replace(DIGEST, layout=Layout.COMPACT), style)

    assert (first.in_thread, rest.in_thread) == (False, True)
    assert CARD.title.split(":")[0] in "".join(texts(first))
    assert "finetuning on few bad" not in "".join(texts(first))
    assert "finetuning on few bad" in "".join(texts(rest))
    assert "245 announced" in "".join(texts(first))


@pytest.mark.parametrize("style", STYLES)
def test_long_commands_are_carried_by_the_message(style: Style) -> None:
    query = " OR ".join(f'"phrase number {n}"' for n in range(20))
    commands = [f"search {query} page:2", f"subscribe {query}", f"share search {query}"]
    [part] = render_message(Message("t", (Buttons(tuple(Button("b", one) for one in commands)),)), style)

    check(part)
    ids = [one["custom_id"] for one in objects(payload(part)["components"]) if one["type"] == 2]
    read = []
    for one in ids:
        match = CARRIED_PRESS.fullmatch(one)
        assert match
        read.append(match["before"] + carried_parts(texts(part), match["name"]) + match["after"])
    assert read == commands


def test_a_command_that_cannot_be_carried_can_be_read() -> None:
    [part] = render_message(Message("t", (Buttons((Button("Next", "subscribe " + "a`b " * 60),)),)))

    assert texts(part)[1].startswith("-# Next\\: /subscribe a")
    assert not [one for one in objects(payload(part)["components"]) if one["type"] == 2]


def test_typed_text_cannot_end_its_block() -> None:
    [part] = render_message(Message("t", (Code("(a ``` @everyone\n^"),)))

    assert texts(part)[1] == "```\n(a \u02cb\u02cb\u02cb @everyone\n^\n```"


def test_commands_are_called_as_on_discord() -> None:
    [part] = render_message(
        Message("t", (Paragraph("`/papers list` and `/papers agents`"), Note("/papers search x")))
    )

    assert texts(part)[1:] == ["`/subscriptions` and `/papers agents`", "-# /papers x"]


def test_a_line_stands_above_every_topic_but_the_first() -> None:
    topics = Message("t", (Heading("one"), CARD, Heading("two"), PaperCard("file:1", "", "A title alone")))
    kinds = [one["type"] for one in payload(render_message(topics)[0])["components"]]

    assert kinds == [10, 10, 17, 14, 10, 17]
