"""A message as pieces of Markdown with buttons and menus, before it becomes components or embeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import assert_never

from adapters.discord.escape import cut_text, fenced_code, link_text, literal_text, marked_text, prose_text
from adapters.discord.native import native_text
from adapters.discord.presses import carry_parts, custom_id, press_of, shared_text
from bot.messages.blocks import (
    Block,
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
from bot.messages.lines import NO_BATCH, card_facts, reason_line, receipt_line
from bot.messages.splitting import split_text as parts_of
from bot.papers.identity import ARXIV, DOI
from bot.papers.text import clean_line

MOST_MARKDOWN = 3_700
"""Characters of a piece: less than a message of either form holds."""
PARAGRAPH = 1_700
"""Raw characters: twice as many where every one of them is escaped."""
RECEIPT_LINES = 7
MOST_IN_A_ROW = 5
MOST_PEOPLE = 10
MOST_PRESSES = 999
ACCENTS = {ARXIV: 0xB31B1B, DOI: 0x2D6CDF}
"""The colour beside a paper, by the scheme of its id."""
OTHER_ACCENT = 0x6B7280


@dataclass(frozen=True, slots=True)
class Piece:
    """What stays together: text of at most `MOST_MARKDOWN` characters, or a row of buttons."""

    markdown: str = ""
    accent: int | None = None
    """The colour of a card; None for what is no card."""
    name: str = ""
    """The title of a card, as it is."""
    actions: tuple[Button, ...] = ()
    """The menu of a card, or the buttons of a row."""
    carries: str = ""
    """What the long commands of a row share."""
    rule: bool = False
    """Whether a line stands above it."""


def in_pieces(message: Message) -> tuple[list[Piece], list[Piece]]:
    """What stands in the channel, and what belongs into the thread of its message."""
    if message.layout is not Layout.FULL and any(isinstance(block, PaperCard) for block in message.blocks):
        title, *rest = _whole_text(message)
        return [title, *_short_card(message.blocks)], rest
    return _whole_text(message), []


def _whole_text(message: Message) -> list[Piece]:
    """The title's piece, perhaps an empty one, and those of every block."""
    found = [Piece(_title_piece(message.title))]
    for place, block in enumerate(message.blocks):
        made = list(_block_pieces(block))
        if place and made and isinstance(block, Heading):
            made[0] = replace(made[0], rule=True)
        found += made
    return found


def _title_piece(title: str) -> str:
    shown = literal_text(native_text(title), 1_000)
    return f"## {shown}" if shown else ""


def _block_pieces(block: Block) -> Iterable[Piece]:
    match block:
        case PaperCard():
            return [_card_pieces(block)]
        case Heading(text):
            return [Piece(f"### {literal_text(text, 2_500) or '—'}")]
        case Paragraph(text, people):
            return _text_pieces(text, people)
        case Note(text, warning):
            return [Piece(_note_pieces(text, warning=warning))]
        case Code(text):
            return [Piece(fenced_code(cut_text(text, 2_500)))]
        case Fields():
            return _field_pieces(block)
        case Buttons():
            return button_rows(block)
        case Receipt():
            return _receipt_pieces(block)
    assert_never(block)


def _card_pieces(card: PaperCard) -> Piece:
    named = card.title if clean_line(card.title) else card.id
    lines = [f"**{link_text(card.url, named, 700) or '—'}**", marked_text(card.summary, card.marks, 700)]
    lines += [f"-# {literal_text(line, 600)}" for line in (card_facts(card), reason_line(card)) if line]
    accent = ACCENTS.get(card.id.partition(":")[0], OTHER_ACCENT)
    return Piece("\n".join(line for line in lines if line), accent, clean_line(named), card.actions)


def _short_card(blocks: Iterable[Block]) -> Iterator[Piece]:
    """What stands in the channel where the details are in the thread."""
    first = True
    for block in blocks:
        if isinstance(block, PaperCard):
            votes = f"▲ {block.upvotes:,}  " if block.upvotes else ""
            yield Piece(
                f"{votes}{link_text(block.url, block.title, 700) or literal_text(block.id, 300) or '—'}"
            )
        elif isinstance(block, Heading | Receipt):
            made = list(_block_pieces(block))
            yield replace(made[0], rule=isinstance(block, Heading) and not first)
            yield from made[1:]
        first = False


def _text_pieces(text: str, people: Iterable[str]) -> Iterator[Piece]:
    *before, last = parts_of(text, PARAGRAPH)
    for part in before:
        yield Piece(prose_text(native_text(part)))
    named = [mention_user(one) for one in islice(people, MOST_PEOPLE)]
    yield Piece(" ".join([prose_text(native_text(last)), *named]).strip())


def mention_user(user: str) -> str:
    """A mention, which shows the name: nothing of ours pings anybody."""
    return f"<@{user[:20]}>" if user.isdecimal() and user.isascii() else literal_text(user, 100)


def _note_pieces(text: str, *, warning: bool) -> str:
    shown = literal_text(native_text(text).replace("`", ""), 2_500)
    if not shown:
        return ""
    return f"**⚠ {shown}**" if warning else f"-# {shown}"


def _field_pieces(fields: Fields) -> Iterator[Piece]:
    """Pairs a line each, as many in a piece as fit."""
    held = ""
    for label, value in fields.pairs:
        name = literal_text(native_text(label), 400)
        for place, part in enumerate(parts_of(value, PARAGRAPH - 500)):
            line = (
                f"**{name}**  {prose_text(native_text(part))}"
                if name and not place
                else prose_text(native_text(part))
            )
            if held and len(held) + len(line) > MOST_MARKDOWN - 1:
                yield Piece(held)
                held = ""
            held = f"{held}\n{line}" if held else line
    if held:
        yield Piece(held)


def button_rows(buttons: Buttons) -> Iterator[Piece]:
    """Rows of buttons, each with what its long commands share; what cannot be pressed can be read."""
    known = [replace(one, command=clean_line(one.command)) for one in buttons.buttons]
    for start in range(0, len(known), MOST_IN_A_ROW):
        row = known[start : start + MOST_IN_A_ROW]
        long = [one.command for one in row if one.command and not press_of(one.command, MOST_PRESSES)]
        text = shared_text(long)
        fitting = tuple(one for one in row if custom_id(one.command, text, MOST_PRESSES))
        if fitting:
            yield Piece(carry_parts(text) if text else "", actions=fitting, carries=text)
        for one in row:
            if one.command and one not in fitting:
                yield Piece(_note_pieces(f"{one.label}: /papers {one.command}", warning=False))


def _receipt_pieces(receipt: Receipt) -> Iterator[Piece]:
    if not receipt.lines:
        yield Piece(f"-# {literal_text(NO_BATCH, 500)}")
    for start in range(0, len(receipt.lines), RECEIPT_LINES):
        lines = receipt.lines[start : start + RECEIPT_LINES]
        yield Piece("\n".join(f"-# {literal_text(receipt_line(line), 500)}" for line in lines))
