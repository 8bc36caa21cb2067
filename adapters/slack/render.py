"""A message as Block Kit: pure, within every limit by construction, split where one message is not enough.

Limits: https://docs.slack.dev/reference/block-kit/blocks, and for all of a message about 13,200 characters,
which Slack enforces (`msg_blocks_too_long`) and does not document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from typing import assert_never

from adapters.slack.mrkdwn import (
    cut_escaped,
    cut_text,
    link_text,
    literal_text,
    marked_text,
    people_text,
    prose_text,
    rich_block,
    text_element,
)
from adapters.slack.splitting import (
    FALLBACK,
    Payload,
    SlackMessage,
    Unit,
    count_characters,
    fill_messages,
    split_blocks,
)
from bot.digests.card_actions import fit_actions
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
from bot.messages.splitting import split_text
from bot.papers.links import paper_page_url
from bot.papers.text import clean_block, clean_line

HEADER = 150
PARAGRAPH = 2_500
LABEL = 75
VALUE = 2_000
OPTION_VALUE = 150
MOST_OPTIONS = 5
MOST_BUTTONS = 25
ROW = 10_000
"""Characters of a row of buttons: a message that holds nothing else has room for them."""


def render_message(message: Message) -> list[SlackMessage]:
    """The whole message, in as many Slack messages as it takes; all but the first belong into a thread.

    A compact one begins with its titles alone.
    """
    if message.layout is not Layout.FULL and any(isinstance(block, PaperCard) for block in message.blocks):
        short, full = _block_parts(message, _short_card), _block_parts(message, _paper_units)[1:]
        return split_blocks(message.title, [*fill_messages(short), *fill_messages(full)])
    return split_blocks(message.title, fill_messages(_block_parts(message, _paper_units)))


def _block_parts(
    message: Message, units: Callable[[Block, Iterator[int]], Iterable[Unit]]
) -> list[tuple[Unit, str]]:
    """The units of the title (one, perhaps empty) and of every block, each with the paper's title in it."""
    numbers = count(1)
    parts: list[tuple[Unit, str]] = [(_title_blocks(message.title), "")]
    for block in message.blocks:
        said = clean_line(block.title) if isinstance(block, PaperCard) else ""
        shown = list(units(block, numbers))
        if isinstance(block, Heading) and block is not message.blocks[0]:
            shown[0] = [{"type": "divider"}, *shown[0]]
        parts += [(unit, said) for unit in shown]
    return parts


def _short_card(block: Block, numbers: Iterator[int]) -> Iterable[Unit]:
    """What of a block stands in the channel where the details are in the thread."""
    match block:
        case PaperCard():
            title = cut_text(clean_line(block.title) or clean_line(block.id), 300) or "—"
            url = paper_page_url(block.url)
            votes = [text_element(f"▲ {block.upvotes:,}  ")] if block.upvotes else []
            line = {"type": "link", "url": url, "text": title} if url else text_element(title)
            return [[rich_block(*votes, line)]]
        case Heading() | Receipt():
            return _paper_units(block, numbers)
        case _:
            return []


def _title_blocks(title: str) -> Unit:
    plain = clean_line(title)
    if plain and len(plain) <= HEADER:
        return [{"type": "header", "text": _plain_text(plain)}]
    return [rich_block(text_element(cut_text(plain, PARAGRAPH), "bold"))] if plain else []


def _paper_units(block: Block, numbers: Iterator[int]) -> Iterable[Unit]:
    match block:
        case PaperCard():
            return [_card_blocks(block, numbers)]
        case Heading(text):
            return [[rich_block(text_element(cut_text(clean_line(text), PARAGRAPH) or "—", "bold"))]]
        case Paragraph(text, users):
            return _text_blocks(text, users)
        case Note(text, warning):
            return _note_blocks(text, warning=warning)
        case Code(text):
            return [list(code_block(clean_block(text) or "—").blocks)]
        case Fields():
            return _field_blocks(block)
        case Buttons():
            return _button_blocks(block, numbers)
        case Receipt():
            return _receipt_blocks(block)
    assert_never(block)


def _plain_text(text: str) -> Payload:
    return {"type": "plain_text", "text": text, "emoji": False}


def context_block(*texts: str) -> Payload:
    """A context block of texts that are shown as they are."""
    return {"type": "context", "elements": [_plain_text(text) for text in texts]}


def _card_blocks(card: PaperCard, numbers: Iterator[int]) -> Unit:
    title = link_text(paper_page_url(card.url), card.title, 700) or literal_text(card.id, 300) or "—"
    summary = marked_text(card.summary, card.marks, 700)
    body = {"type": "mrkdwn", "text": f"*{title}*\n{summary}".rstrip(), "verbatim": True}
    section: Payload = {"type": "section", "text": body}
    if options := _menu_options(card):
        section["accessory"] = {
            "type": "overflow",
            "action_id": f"paperboy:{next(numbers)}",
            "options": options,
        }
    below = [cut_text(line, 600) for line in (card_facts(card), reason_line(card)) if line]
    return [section, context_block("\n".join(below))] if below else [section]


def _menu_options(card: PaperCard) -> list[Payload]:
    possible = [action for action in card.actions if 0 < len(clean_line(action.command)) <= OPTION_VALUE]
    return [
        {
            "text": _plain_text(cut_text(clean_line(action.label), LABEL) or "…"),
            "value": clean_line(action.command),
        }
        for action in fit_actions(possible, MOST_OPTIONS)
    ]


def _text_blocks(text: str, users: Sequence[str] = ()) -> Iterator[Unit]:
    *before, last = split_text(text, PARAGRAPH)
    for piece in before:
        if elements := prose_text(piece):
            yield [rich_block(*elements)]
    elements = prose_text(last)
    if users:
        elements += [text_element(" "), *people_text(users)]
    if elements:
        yield [rich_block(*elements)]


def code_block(text: str) -> SlackMessage:
    """Text in letters of one width, to be copied; cut where it is too long for a block."""
    shown = cut_text(text, PARAGRAPH)
    element = {"type": "rich_text_preformatted", "elements": [text_element(shown)]}
    return SlackMessage(cut_escaped(shown, FALLBACK) or "—", ({"type": "rich_text", "elements": [element]},))


def _note_blocks(text: str, *, warning: bool) -> Iterator[Unit]:
    plain = cut_text(clean_line(text.replace("`", "")), PARAGRAPH)
    if plain and warning:
        yield [rich_block(text_element(f"⚠ {plain}", "bold"))]
    elif plain:
        yield [context_block(plain)]


def _field_blocks(fields: Fields) -> Iterator[Unit]:
    """Pairs a line each, as many in a block as fit."""
    held: list[Payload] = []
    for label, value in fields.pairs:
        name = cut_text(clean_line(label), 200)
        for place, piece in enumerate(split_text(value, PARAGRAPH)):
            line = [text_element(f"{name}  ", "bold")] if name and not place else []
            line += prose_text(piece)
            if held and count_characters(held) + count_characters(line) > PARAGRAPH:
                yield [rich_block(*held)]
                held = []
            held += [text_element("\n"), *line] if held else line
    if held:
        yield [rich_block(*held)]


def _button_blocks(buttons: Buttons, numbers: Iterator[int]) -> Iterator[Unit]:
    row: list[Payload] = []
    for button in buttons.buttons:
        if not 0 < len(clean_line(button.command)) <= VALUE:
            continue
        shown = _make_button(button, next(numbers))
        if len(row) == MOST_BUTTONS or count_characters(row) + count_characters(shown) > ROW:
            yield [{"type": "actions", "elements": row}]
            row = []
        row.append(shown)
    if row:
        yield [{"type": "actions", "elements": row}]
    for button in buttons.buttons:
        if len(button.command) > VALUE:
            yield [
                context_block(cut_text(clean_line(f"{button.label}: /papers {button.command}"), PARAGRAPH))
            ]


def _make_button(button: Button, number: int) -> Payload:
    label = cut_text(clean_line(button.label), LABEL) or "…"
    return {
        "type": "button",
        "text": _plain_text(label),
        "action_id": f"paperboy:{number}",
        "value": clean_line(button.command),
    }


def _receipt_blocks(receipt: Receipt) -> Iterator[Unit]:
    if not receipt.lines:
        yield [context_block(NO_BATCH)]
    for start in range(0, len(receipt.lines), 10):
        lines = receipt.lines[start : start + 10]
        yield [context_block("\n".join(cut_text(receipt_line(line), 250) for line in lines))]
