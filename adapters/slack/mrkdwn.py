"""Text for Slack: nothing that a title or a name holds is read as markup, a mention, a link or an emoji."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from bot.papers.text import clean_line

Element = dict[str, Any]

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# mrkdwn has no escape for its marks, so text gets signs that look alike.
_MARKS = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb"})
_UNDERSCORE = re.compile(r"(?<!\w)_|_(?!\w)")
_EMOJI = re.compile(r":(?=[\w+'-]+:)")
_CODE = re.compile(r"`([^`\n]+)`")
_AROUND = frozenset(" .,;:!?()[]{}/'\"-")
MOST_PEOPLE = 20


def cut_text(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def escape_text(text: str) -> str:
    """`& < >` as entities: the only signs that Slack asks to be escaped."""
    return text.translate(_ENTITIES)


def cut_escaped(text: str, limit: int) -> str:
    """`text` escaped, cut so that the result has at most `limit` characters and no broken entity."""
    whole = escape_text(text)
    if len(whole) <= limit:
        return whole
    kept, length = [], 0
    for char in text:
        length += len(escape_text(char))
        if length > limit - 1:
            break
        kept.append(char)
    return escape_text("".join(kept).rstrip()) + "…"


def literal_text(text: str, limit: int) -> str:
    """mrkdwn that shows `text` as it is, on one line, in at most `limit` characters."""
    return cut_escaped(_without_marks(text), limit)


def marked_text(text: str, spans: Iterable[tuple[int, int]], limit: int) -> str:
    """As `literal`, with these parts of `text` in bold where Slack can show that and all of it fits."""
    plain = _without_marks(text)
    bold = [span for span in spans if _stands_alone(plain, *span)]
    if len(plain) != len(text) or len(escape_text(plain)) + 2 * len(bold) > limit:
        return literal_text(text, limit)
    parts, at = [], 0
    for start, end in bold:
        parts += [escape_text(plain[at:start]), f"*{escape_text(plain[start:end])}*"]
        at = end
    return "".join([*parts, escape_text(plain[at:])])


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether Slack reads an asterisk before and after this part as a mark, and not as a sign."""
    around = text[max(start - 1, 0) : start] + text[end : end + 1]
    return all(char in _AROUND for char in around)


def _without_marks(text: str) -> str:
    """One line without Slack's marks and emoji; of harmless text each character keeps its place."""
    plain = _UNDERSCORE.sub("\u02cd", clean_line(text).translate(_MARKS))
    return _EMOJI.sub("\u2236", plain)


def link_text(url: str, text: str, limit: int) -> str:
    """mrkdwn of a link made by `bot.papers.links.paper_page_url`; without one, the text alone."""
    return f"<{url}|{literal_text(text, limit)}>" if url else literal_text(text, limit)


def text_element(text: str, *styles: str) -> Element:
    """A rich-text element, which Slack shows as it is."""
    element: Element = {"type": "text", "text": text}
    return element | {"style": dict.fromkeys(styles, True)} if styles else element


def person_element(user: str) -> Element:
    """Somebody as Slack shows them; only ephemeral answers and Home tabs hold one, where it pings nobody."""
    if user[:1] in {"U", "W"} and user.isalnum() and user.isascii() and user.isupper():
        return {"type": "user", "user_id": user}
    return text_element(cut_text(clean_line(user), 100) or "somebody")


def people_text(users: Sequence[str]) -> list[Element]:
    """Several of them."""
    found = [person_element(user) for user in users[:MOST_PEOPLE]]
    return [part for one in found for part in (one, text_element(", "))][:-1] or [text_element("somebody")]


def prose_text(text: str) -> list[Element]:
    """Rich-text elements of lines of text, what stands in back quotes as code."""
    elements = []
    lines = "\n".join(clean_line(line) for line in text.split("\n"))
    for place, part in enumerate(_CODE.split(lines)):
        if part:
            elements.append(text_element(part, *(("code",) if place % 2 else ())))
    return elements


def rich_block(*elements: Element) -> Element:
    """A block of rich text on one paragraph."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}
