"""What goes to Discord, held to its documented limits; and messages to render."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from hypothesis import strategies as st

from adapters.discord.render import DiscordMessage
from bot.messages import (
    Button,
    Buttons,
    Code,
    Coverage,
    Fields,
    Heading,
    Layout,
    Message,
    Note,
    PaperCard,
    Receipt,
    ReceiptLine,
    Text,
)

DAY = date(2025, 10, 10)
CARD = PaperCard(
    id="arxiv:2510.08211",
    url="https://arxiv.org/abs/2510.08211",
    title="LLMs Learn to Deceive Unintentionally: Emergent Misalignment in Dishonesty",
    authors=("A. One", "B. Two", "C. Three", "D. Four", "E. Five"),
    categories=("cs.CL", "cs.AI"),
    announced=DAY,
    upvotes=18,
    stars=1200,
    summary="What happens to honesty after finetuning on few bad samples.",
    reasons=("“emergent” and “misalignment” in the title",),
    actions=(Button("BibTeX", "bibtex arxiv:2510.08211"), Button("In full", "show arxiv:2510.08211")),
)
DIGEST = Message(
    "1 paper for Friday 10 October 2025",
    (
        Heading('title:emerg* OR "in-context learning"'),
        CARD,
        Note("and 3 more"),
        Buttons((Button("Show the rest", "show more"),)),
        Receipt(
            (
                ReceiptLine("arxiv", DAY, 245, 4, 1, Coverage.COMPLETE),
                ReceiptLine("huggingface", DAY, 20, 0, 0, Coverage.FAILED, 2, "it did not answer"),
            )
        ),
    ),
)

text = st.text(max_size=60) | st.builds(
    lambda s, n: s * n, st.text(min_size=1, max_size=5), st.integers(1, 4000)
)
buttons = st.lists(st.builds(Button, text, text), max_size=30).map(tuple)
cards = st.builds(
    PaperCard,
    id=text,
    url=text | st.just(CARD.url),
    title=text,
    authors=st.lists(text, max_size=6).map(tuple),
    summary=text,
    reasons=st.lists(text, max_size=3).map(tuple),
    upvotes=st.none() | st.integers(0, 10**6),
    actions=buttons,
)
lines = st.builds(
    ReceiptLine,
    text,
    st.just(DAY),
    st.integers(0),
    st.just(1),
    st.just(1),
    st.sampled_from(Coverage),
    detail=text,
)
blocks = st.one_of(
    st.builds(Heading, text),
    st.builds(Text, text),
    st.builds(Note, text, st.booleans()),
    st.builds(Code, text),
    st.builds(Fields, st.lists(st.tuples(text, text), max_size=12).map(tuple)),
    cards,
    st.builds(Buttons, buttons),
    st.builds(Receipt, st.lists(lines, max_size=25).map(tuple)),
)
messages = st.builds(Message, text, st.lists(blocks, max_size=12).map(tuple), st.sampled_from(Layout))


def payload(part: DiscordMessage, mark: str = "paperboy-1") -> dict[str, Any]:
    """What discord.py makes of a message."""
    made = part.arguments(mark)
    return {
        "components": made["view"].to_components(),
        "embeds": [embed.to_dict() for embed in made.get("embeds", ())],
    }


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Every component inside a payload."""
    if isinstance(value, dict):
        if "type" in value and not isinstance(value["type"], str):
            yield value
        for inside in value.values():
            yield from objects(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from objects(inside)


def texts(part: DiscordMessage) -> list[str]:
    """The Markdown of a message."""
    made = payload(part)
    shown = [one["content"] for one in objects(made["components"]) if one["type"] == 10]
    return shown + [embed["description"] for embed in made["embeds"]]


def check(part: DiscordMessage) -> None:
    """Hold a message to the documented limits."""
    made = payload(part)
    found = list(objects(made["components"]))
    assert len(found) <= 40
    assert sum(len(one["content"]) for one in found if one["type"] == 10) <= 4_000
    assert len(made["embeds"]) <= 10
    described = [embed["description"] for embed in made["embeds"]]
    footers = [embed["footer"]["text"] for embed in made["embeds"] if "footer" in embed]
    assert sum(map(len, described + footers)) <= 6_000
    assert all(0 < len(one) <= 4_096 for one in described)
    assert found or described
    ids = [one["custom_id"] for one in found if "custom_id" in one]
    assert len(ids) == len(set(ids))
    assert all(0 < len(one) <= 100 for one in ids)
    for one in found:
        check_component(one)


def check_component(one: dict[str, Any]) -> None:
    """Hold one component to its limits."""
    if one["type"] == 10:
        assert one["content"].strip()
    if one["type"] == 1:
        assert 0 < len(one["components"]) <= 5
    if one["type"] == 2:
        assert 0 < len(one["label"]) <= 80
    if one["type"] == 3:
        assert 0 < len(one["options"]) <= 25
        values = [option["value"] for option in one["options"]]
        assert len(set(values)) == len(values)
        assert all(0 < len(option[name]) <= 100 for option in one["options"] for name in ("label", "value"))
