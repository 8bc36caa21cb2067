from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from adapters.terminal.render import render_message
from bot.messages.blocks import (
    Code,
    Fields,
    Heading,
    Message,
    Note,
    PaperCard,
    Paragraph,
    Receipt,
    message_from_json,
    message_to_json,
)
from tests.adapters.example_messages import CARD, digest

GOLDEN = Path(__file__).with_name("golden")
DIGEST = digest(CARD, "emergent misalignment")
ANSWERS = Message(
    "3 [bold]subscriptions[/bold]",
    (
        Paragraph("Write `/papers help`."),
        Code("a `b`   [c] \x1b[2J(d\n                ^"),
        Note("That is more than most people read.", warning=True),
        Fields((("#1", "emergent misalignment"), ("#2", "cat:cs.CL agent*"))),
        PaperCard("file:1", "", "A title alone"),
        Receipt(()),
    ),
)


def shown(message: Message) -> str:
    out = io.StringIO()
    Console(file=out, width=90, force_terminal=False, color_system=None).print(render_message(message))
    return out.getvalue()


@pytest.mark.parametrize(("name", "message"), [("digest", DIGEST), ("answers", ANSWERS)])
def test_golden(name: str, message: Message) -> None:
    assert shown(message) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "title",
    [
        "\x1b[2J\x1b[31mred",
        "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
        "a\u202egnp.exe",
        "zero\u200bwidth\u2066isolate",
        "[link=https://evil.example]x[/link]",
        "[/] [bold",
        "a" + "\u0301" * 500,
        "\r\x07\x08",
        "x" * 50_000,
        "\ud800 alone",
    ],
    ids=[
        "escape",
        "link",
        "bidi",
        "zero width",
        "markup",
        "broken markup",
        "zalgo",
        "bells",
        "50 kB",
        "surrogate",
    ],
)
def test_a_hostile_title_is_harmless(title: str) -> None:
    text = shown(
        Message(
            title, (PaperCard("a:1", "", title, reasons=(title,)), Heading(title), Note(title), Code(title))
        )
    )

    kept = [unicodedata.category(char) for char in text if char != "\n"]
    assert not {"Cc", "Cf", "Cs"} & set(kept)
    assert "\u0301" * 6 not in unicodedata.normalize("NFD", text)


@settings(max_examples=100)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_rendered_and_survives_the_outbox(title: str, text: str) -> None:
    message = Message(
        title,
        (Paragraph(text), Code(text), PaperCard("a:1", "", title, authors=(text,)), Fields(((title, text),))),
    )

    assert shown(message)
    if max(title + text, default="") < "\ud800":
        assert message_from_json(message_to_json(message)) == message


@pytest.mark.parametrize("message", [DIGEST, ANSWERS])
def test_the_outbox_reads_back_what_it_wrote(message: Message) -> None:
    assert message_from_json(message_to_json(message)) == message
