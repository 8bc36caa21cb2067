"""A message as Block Kit: pure, within every limit by construction, split where one message is not enough.

Limits: https://docs.slack.dev/reference/block-kit/blocks, and for all of a message about 13,200 characters,
which Slack enforces (`msg_blocks_too_long`) and does not document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import assert_never

from adapters.slack.mrkdwn import (
    cut,
    cut_escaped,
    link,
    literal,
    marked,
    own_url,
    prose,
    rich,
    text_element,
)
from adapters.slack.splitting import FALLBACK, Payload, SlackMessage, Unit, characters, fill, messages
from bot.messages import (
    Block,
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
from bot.papers.text import harmless, verbatim

HEADER = 150
PARAGRAPH = 2_500
LABEL = 75
VALUE = 2_000
OPTION_VALUE = 150
MOST_BUTTONS = 25
MOST_AUTHORS = 4
_MARKS = {Coverage.COMPLETE: "✓", Coverage.PARTIAL: "◐", Coverage.LATE: "…", Coverage.FAILED: "✗"}


def render(message: Message) -> list[SlackMessage]:
    """The whole message, in as many Slack messages as it takes; all but the first belong into a thread.

    A compact one begins with its titles alone.
    """
    if message.layout is Layout.COMPACT and any(isinstance(block, PaperCard) for block in message.blocks):
        short, full = _parts(message, _short), _parts(message, _units)[1:]
        return messages(message.title, [*fill(short), *fill(full)])
    return messages(message.title, fill(_parts(message, _units)))


def _parts(
    message: Message, units: Callable[[Block, Iterator[int]], Iterable[Unit]]
) -> list[tuple[Unit, str]]:
    """The units of the title (one, perhaps empty) and of every block, each with the paper's title in it."""
    numbers = count(1)
    parts: list[tuple[Unit, str]] = [(_title(message.title), "")]
    for block in message.blocks:
        said = harmless(block.title) if isinstance(block, PaperCard) else ""
        shown = list(units(block, numbers))
        if isinstance(block, Heading) and block is not message.blocks[0]:
            shown[0] = [{"type": "divider"}, *shown[0]]
        parts += [(unit, said) for unit in shown]
    return parts


def _short(block: Block, numbers: Iterator[int]) -> Iterable[Unit]:
    """What of a block stands in the channel where the details are in the thread."""
    match block:
        case PaperCard():
            title = cut(harmless(block.title) or harmless(block.id), 300) or "—"
            url = own_url(block.url)
            votes = [text_element(f"▲ {block.upvotes:,}  ")] if block.upvotes else []
            line = {"type": "link", "url": url, "text": title} if url else text_element(title)
            return [[rich(*votes, line)]]
        case Heading() | Receipt():
            return _units(block, numbers)
        case _:
            return []


def _title(title: str) -> Unit:
    plain = harmless(title)
    if plain and len(plain) <= HEADER:
        return [{"type": "header", "text": _plain(plain)}]
    return [rich(text_element(cut(plain, PARAGRAPH), "bold"))] if plain else []


def _units(block: Block, numbers: Iterator[int]) -> Iterable[Unit]:
    match block:
        case PaperCard():
            return [_card(block, numbers)]
        case Heading(text):
            return [[rich(text_element(cut(harmless(text), PARAGRAPH) or "—", "bold"))]]
        case Text(text):
            return _text(text)
        case Note(text, warning):
            return _note(text, warning=warning)
        case Code(text):
            return [list(preformatted(verbatim(text)).blocks)]
        case Fields():
            return _fields(block)
        case Buttons():
            return _buttons(block, numbers)
        case Receipt():
            return _receipt(block)
    assert_never(block)


def _plain(text: str) -> Payload:
    return {"type": "plain_text", "text": text, "emoji": False}


def context(*texts: str) -> Payload:
    """A context block of texts that are shown as they are."""
    return {"type": "context", "elements": [_plain(text) for text in texts]}


def _card(card: PaperCard, numbers: Iterator[int]) -> Unit:
    title = link(own_url(card.url), card.title, 700) or literal(card.id, 300) or "—"
    summary = marked(card.summary, card.marks, 700)
    body = {"type": "mrkdwn", "text": f"*{title}*\n{summary}".rstrip(), "verbatim": True}
    section: Payload = {"type": "section", "text": body}
    if options := _options(card):
        section["accessory"] = {
            "type": "overflow",
            "action_id": f"paperboy:{next(numbers)}",
            "options": options,
        }
    facts = [cut(fact, 600) for fact in (_facts(card), _reasons(card)) if fact]
    return [section, context("\n".join(facts))] if facts else [section]


def _options(card: PaperCard) -> list[Payload]:
    named = [(label, f"{command} {card.id}") for label, command in (("Show", "show"), ("BibTeX", "bibtex"))]
    return [{"text": _plain(label), "value": value} for label, value in named if len(value) <= OPTION_VALUE]


def _facts(card: PaperCard) -> str:
    votes = "" if card.upvotes is None else f"▲ {card.upvotes:,}"
    stars = "" if card.stars is None else f"★ {card.stars:,}"
    authors = ", ".join(card.authors[:MOST_AUTHORS])
    if len(card.authors) > MOST_AUTHORS:
        authors += f" and {len(card.authors) - MOST_AUTHORS} more"
    facts = [votes, stars, authors, " ".join(card.categories[:3]), str(card.announced or ""), card.id]
    return harmless(" · ".join(fact for fact in facts if fact))


def _reasons(card: PaperCard) -> str:
    reasons = harmless(" · ".join(card.reasons))
    return f"↳ {reasons}" if reasons else ""


def _text(text: str) -> Iterator[Unit]:
    for piece in _pieces(text):
        if elements := prose(piece):
            yield [rich(*elements)]


def preformatted(text: str) -> SlackMessage:
    """Text in letters of one width, to be copied; cut where it is too long for a block."""
    shown = cut(text, PARAGRAPH)
    element = {"type": "rich_text_preformatted", "elements": [text_element(shown)]}
    return SlackMessage(cut_escaped(shown, FALLBACK) or "—", ({"type": "rich_text", "elements": [element]},))


def _pieces(text: str) -> Iterator[str]:
    """`text` in parts of at most `PARAGRAPH` characters, cut at spaces where there are some."""
    while len(text) > PARAGRAPH:
        end = max(text.rfind(" ", 0, PARAGRAPH), text.rfind("\n", 0, PARAGRAPH))
        end = end if end > PARAGRAPH // 2 else PARAGRAPH
        yield text[:end]
        text = text[end:]
    yield text


def _note(text: str, *, warning: bool) -> Iterator[Unit]:
    plain = cut(harmless(text.replace("`", "")), PARAGRAPH)
    if plain and warning:
        yield [rich(text_element(f"⚠ {plain}", "bold"))]
    elif plain:
        yield [context(plain)]


def _fields(fields: Fields) -> Iterator[Unit]:
    """Pairs a line each, as many in a block as fit."""
    held: list[Payload] = []
    for label, value in fields.pairs:
        name = cut(harmless(label), 200)
        for place, piece in enumerate(_pieces(value)):
            line = [text_element(f"{name}  ", "bold")] if name and not place else []
            line += prose(piece)
            if held and characters(held) + characters(line) > PARAGRAPH:
                yield [rich(*held)]
                held = []
            held += [text_element("\n"), *line] if held else line
    if held:
        yield [rich(*held)]


def _buttons(buttons: Buttons, numbers: Iterator[int]) -> Iterator[Unit]:
    fitting = [button for button in buttons.buttons if 0 < len(harmless(button.command)) <= VALUE]
    for start in range(0, len(fitting), MOST_BUTTONS):
        pressed = [_button(one, next(numbers)) for one in fitting[start : start + MOST_BUTTONS]]
        yield [{"type": "actions", "elements": pressed}]
    for button in buttons.buttons:
        if len(button.command) > VALUE:
            yield [context(cut(harmless(f"{button.label}: /papers {button.command}"), PARAGRAPH))]


def _button(button: Button, number: int) -> Payload:
    label = cut(harmless(button.label), LABEL) or "…"
    return {
        "type": "button",
        "text": _plain(label),
        "action_id": f"paperboy:{number}",
        "value": harmless(button.command),
    }


def _receipt(receipt: Receipt) -> Iterator[Unit]:
    if not receipt.lines:
        yield [context("Coverage: no batch came in since the last digest.")]
    for start in range(0, len(receipt.lines), 10):
        lines = receipt.lines[start : start + 10]
        yield [context("\n".join(_receipt_line(line) for line in lines))]


def _receipt_line(line: ReceiptLine) -> str:
    return cut(harmless(f"{_MARKS[line.coverage]} {line.batch}: {line.counts}"), 250)
