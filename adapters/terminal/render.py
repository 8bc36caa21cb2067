"""A message in a terminal: pure functions from blocks to what rich prints. No title is read as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import assert_never

from rich.box import ROUNDED
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Line

from bot.messages.blocks import (
    Block,
    Buttons,
    Code,
    Coverage,
    Fields,
    Heading,
    Message,
    Note,
    PaperCard,
    Paragraph,
    Receipt,
)
from bot.papers.text import clean_block, clean_line

MOST_AUTHORS = 4
_CODE = re.compile(r"`([^`]+)`")
_MARKS = {
    Coverage.COMPLETE: ("✓", "green"),
    Coverage.PARTIAL: ("◐", "yellow"),
    Coverage.LATE: ("…", "yellow"),
    Coverage.FAILED: ("✗", "red"),
}


def render_message(message: Message) -> RenderableType:
    """The whole message, framed by its title."""
    numbers = count(1)
    parts = [part for block in message.blocks for part in (_render_block(block, numbers), Line())]
    title = _prose_text(message.title, "bold")
    return Panel(Group(*parts[:-1]), title=title, title_align="left", box=ROUNDED, padding=(1, 2))


def _render_block(block: Block, numbers: Iterator[int]) -> RenderableType:
    match block:
        case PaperCard():
            return _card_lines(block, next(numbers))
        case Heading(text):
            return Line(clean_line(text), style="bold cyan")
        case Paragraph(text, people):
            return _prose_text(f"{text} {', '.join(people)}".rstrip())
        case Note(text, warning):
            return _prose_text(text, "yellow" if warning else "dim italic")
        case Code(text):
            return Line(clean_block(text))
        case Fields():
            return _field_lines(block)
        case Buttons():
            return _button_lines(block)
        case Receipt():
            return _receipt_lines(block)
    assert_never(block)


def _card_lines(card: PaperCard, number: int) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", width=2, style="dim")
    grid.add_column(ratio=1)
    title = Line(clean_line(card.title), style="bold")
    if card.url:
        title.stylize(f"link {card.url}")
    grid.add_row(str(number), title)
    grid.add_row("", _card_facts(card))
    if card.summary:
        grid.add_row("", _summary_lines(card))
    if card.reasons:
        grid.add_row("", Line("↳ " + clean_line(" · ".join(card.reasons)), style="green"))
    return grid


def _summary_lines(card: PaperCard) -> Line:
    line = Line(clean_line(card.summary))
    if line.plain == card.summary:
        for start, end in card.marks:
            line.stylize("bold yellow", start, end)
    return line


def _card_facts(card: PaperCard) -> Line:
    line = Line()
    if card.upvotes is not None:
        line.append(f"▲ {card.upvotes:,}  ", style="bold magenta")
    if card.stars is not None:
        line.append(f"★ {card.stars:,}  ", style="bold yellow")
    authors = ", ".join(card.authors[:MOST_AUTHORS])
    if len(card.authors) > MOST_AUTHORS:
        authors += f" and {len(card.authors) - MOST_AUTHORS} more"
    facts = [authors, " ".join(card.categories[:3]), str(card.announced or ""), card.id]
    return line.append(clean_line(" · ".join(fact for fact in facts if fact)), style="dim")


def _prose_text(text: str, style: str = "") -> Line:
    """Lines of text, what stands in back quotes as something to type."""
    whole = Line(style=style)
    for number, raw in enumerate(text.split("\n")):
        whole.append("\n" if number else "")
        for place, part in enumerate(_CODE.split(clean_line(raw))):
            whole.append(part, style="bold cyan" if place % 2 else "")
    return whole


def _field_lines(fields: Fields) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="cyan", max_width=46)
    grid.add_column(ratio=1)
    for label, value in fields.pairs:
        grid.add_row(Line(clean_line(label)), _prose_text(value))
    return grid


def _button_lines(buttons: Buttons) -> Line:
    """A terminal has no buttons: what each would run."""
    line = Line()
    for number, button in enumerate(buttons.buttons):
        line.append("\n" if number else "")
        line.append(f"{clean_line(button.label)}  ", style="dim")
        line.append(f"/papers {clean_line(button.command)}", style="cyan")
    return line


def _receipt_lines(receipt: Receipt) -> RenderableType:
    if not receipt.lines:
        return Line("Coverage: no batch came in since the last digest.", style="dim")
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(style="dim")
    for line in receipt.lines:
        mark, colour = _MARKS[line.coverage]
        table.add_row(Line(mark, style=colour), Line(clean_line(line.batch)), Line(clean_line(line.counts)))
    return Group(Line("Coverage", style="dim bold"), table)
