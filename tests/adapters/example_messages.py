"""Messages to render: a digest of one paper, and any that can be."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from bot.messages.blocks import (
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
    Paragraph,
    Receipt,
    ReceiptLine,
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
)
LONG = Message(
    "100 papers",
    tuple(PaperCard(f"arxiv:2510.{n:05}", "", f"T{n}", announced=DAY) for n in range(100)),
)


def digest(card: PaperCard, topic: str = 'title:emerg* OR "in-context learning"') -> Message:
    """A digest of one card, one more to show, and what two sources did."""
    lines = (
        ReceiptLine("arxiv", DAY, 245, 4, 1, Coverage.COMPLETE),
        ReceiptLine("huggingface", DAY, 20, 0, 0, Coverage.FAILED, 2, "it did not answer"),
    )
    more = Buttons((Button("Show the rest", "show more"),))
    return Message(
        "1 paper for Friday 10 October 2025",
        (Heading(topic), card, Note("and 3 more"), more, Receipt(lines)),
    )


text = st.text(max_size=60) | st.builds(
    lambda s, n: s * n, st.text(min_size=1, max_size=5), st.integers(1, 4000)
)
buttons = st.lists(st.builds(Button, text, text), max_size=60).map(tuple)
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
    st.builds(Paragraph, text),
    st.builds(Note, text, st.booleans()),
    st.builds(Code, text),
    st.builds(Fields, st.lists(st.tuples(text, text), max_size=12).map(tuple)),
    cards,
    st.builds(Buttons, buttons),
    st.builds(Receipt, st.lists(lines, max_size=25).map(tuple)),
)
messages = st.builds(Message, text, st.lists(blocks, max_size=12).map(tuple), st.sampled_from(Layout))
