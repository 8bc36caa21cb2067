"""A message as pieces of Markdown with buttons and menus, before it becomes components or embeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import assert_never

from adapters.discord.escape import cut, fenced, link, literal, marked, prose
from adapters.discord.native import native
from adapters.discord.presses import carry, custom_id, press, shared
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
        title, *rest = _whole(message)
        return [title, *_short(message.blocks)], rest
    return _whole(message), []


def _whole(message: Message) -> list[Piece]:
    """The title's piece, perhaps an empty one, and those of every block."""
    found = [Piece(_title(message.title))]
    for place, block in enumerate(message.blocks):
        made = list(_pieces(block))
        if place and made and isinstance(block, Heading):
            made[0] = replace(made[0], rule=True)
        found += made
    return found


def _title(title: str) -> str:
    shown = literal(native(title), 1_000)
    return f"## {shown}" if shown else ""


def _pieces(block: Block) -> Iterable[Piece]:
    match block:
        case PaperCard():
            return [_card(block)]
        case Heading(text):
            return [Piece(f"### {literal(text, 2_500) or '—'}")]
        case Paragraph(text, people):
            return _text(text, people)
        case Note(text, warning):
            return [Piece(_note(text, warning=warning))]
        case Code(text):
            return [Piece(fenced(cut(text, 2_500)))]
        case Fields():
            return _fields(block)
        case Buttons():
            return rows(block)
        case Receipt():
            return _receipt(block)
    assert_never(block)


def _card(card: PaperCard) -> Piece:
    named = card.title if clean_line(card.title) else card.id
    lines = [f"**{link(card.url, named, 700) or '—'}**", marked(card.summary, card.marks, 700)]
    lines += [f"-# {literal(line, 600)}" for line in (card_facts(card), reason_line(card)) if line]
    accent = ACCENTS.get(card.id.partition(":")[0], OTHER_ACCENT)
    return Piece("\n".join(line for line in lines if line), accent, clean_line(named), card.actions)


def _short(blocks: Iterable[Block]) -> Iterator[Piece]:
    """What stands in the channel where the details are in the thread."""
    first = True
    for block in blocks:
        if isinstance(block, PaperCard):
            votes = f"▲ {block.upvotes:,}  " if block.upvotes else ""
            yield Piece(f"{votes}{link(block.url, block.title, 700) or literal(block.id, 300) or '—'}")
        elif isinstance(block, Heading | Receipt):
            made = list(_pieces(block))
            yield replace(made[0], rule=isinstance(block, Heading) and not first)
            yield from made[1:]
        first = False


def _text(text: str, people: Iterable[str]) -> Iterator[Piece]:
    *before, last = parts_of(text, PARAGRAPH)
    for part in before:
        yield Piece(prose(native(part)))
    named = [mention(one) for one in islice(people, MOST_PEOPLE)]
    yield Piece(" ".join([prose(native(last)), *named]).strip())


def mention(user: str) -> str:
    """A mention, which shows the name: nothing of ours pings anybody."""
    return f"<@{user[:20]}>" if user.isdecimal() and user.isascii() else literal(user, 100)


def _note(text: str, *, warning: bool) -> str:
    shown = literal(native(text).replace("`", ""), 2_500)
    if not shown:
        return ""
    return f"**⚠ {shown}**" if warning else f"-# {shown}"


def _fields(fields: Fields) -> Iterator[Piece]:
    """Pairs a line each, as many in a piece as fit."""
    held = ""
    for label, value in fields.pairs:
        name = literal(native(label), 400)
        for place, part in enumerate(parts_of(value, PARAGRAPH - 500)):
            line = f"**{name}**  {prose(native(part))}" if name and not place else prose(native(part))
            if held and len(held) + len(line) > MOST_MARKDOWN - 1:
                yield Piece(held)
                held = ""
            held = f"{held}\n{line}" if held else line
    if held:
        yield Piece(held)


def rows(buttons: Buttons) -> Iterator[Piece]:
    """Rows of buttons, each with what its long commands share; what cannot be pressed can be read."""
    known = [replace(one, command=clean_line(one.command)) for one in buttons.buttons]
    for start in range(0, len(known), MOST_IN_A_ROW):
        row = known[start : start + MOST_IN_A_ROW]
        long = [one.command for one in row if one.command and not press(one.command, MOST_PRESSES)]
        text = shared(long)
        fitting = tuple(one for one in row if custom_id(one.command, text, MOST_PRESSES))
        if fitting:
            yield Piece(carry(text) if text else "", actions=fitting, carries=text)
        for one in row:
            if one.command and one not in fitting:
                yield Piece(_note(f"{one.label}: /papers {one.command}", warning=False))


def _receipt(receipt: Receipt) -> Iterator[Piece]:
    if not receipt.lines:
        yield Piece(f"-# {literal(NO_BATCH, 500)}")
    for start in range(0, len(receipt.lines), RECEIPT_LINES):
        lines = receipt.lines[start : start + RECEIPT_LINES]
        yield Piece("\n".join(f"-# {literal(receipt_line(line), 500)}" for line in lines))
