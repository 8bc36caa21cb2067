"""Text for Discord: nothing that a title or a name holds is read as markup, a mention, a link or an emoji.

`discord.utils.escape_markdown` leaves a second masked link live, and takes minutes on some texts, so this is
our own: a backslash before every sign that can begin markup, one character at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.papers.links import paper_page_url
from bot.papers.text import clean_block, clean_line

# https://support.discord.com/hc/articles/210298617; the colon and the full stop break bare links and invites.
_SIGNS = {ord(sign): f"\\{sign}" for sign in "\\`*_~|>#-+[]()<:@."}
# A masked link ends at its first unpaired bracket, escaped or not.
_BRACKETS = str.maketrans({"[": "\uff3b", "]": "\uff3d"})
_CODE = re.compile(r"`([^`\n]+)`")
_LIKE_A_BACK_QUOTE = "\u02cb"


def cut_text(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def escape_markdown(text: str) -> str:
    """`text` with a backslash before every sign that has a meaning; at most twice as long."""
    return text.translate(_SIGNS)


def literal_text(text: str, limit: int) -> str:
    """Markdown that shows `text` as it is, on one line, in at most `limit` characters."""
    plain = clean_line(text)
    whole = escape_markdown(plain)
    if len(whole) <= limit:
        return whole
    kept, length = [], 0
    for char in plain:
        length += len(_SIGNS.get(ord(char), char))
        if length > limit - 1:
            break
        kept.append(char)
    return escape_markdown("".join(kept).rstrip()) + "…"


def marked_text(text: str, spans: Iterable[tuple[int, int]], limit: int) -> str:
    """As `literal`, with these parts of `text`, which do not touch, in bold where all of it fits."""
    plain, parts, at = clean_line(text), [], 0
    for start, end in spans:
        parts += [escape_markdown(plain[at:start]), f"**{escape_markdown(plain[start:end])}**"]
        at = end
    whole = "".join([*parts, escape_markdown(plain[at:])])
    return whole if len(plain) == len(text) and len(whole) <= limit else literal_text(text, limit)


def link_text(url: str, text: str, limit: int) -> str:
    """Markdown of a link to the page of a paper; any other address, or no text: the text alone."""
    shown = literal_text(text.translate(_BRACKETS), limit)
    known = paper_page_url(url).replace("(", "%28").replace(")", "%29")
    return f"[{shown}]({known})" if known and shown else shown


def prose_text(text: str) -> str:
    """Markdown of lines of text, what stands in back quotes as code; at most twice as long."""
    lines = "\n".join(clean_line(line) for line in text.split("\n")).strip("\n")
    parts = _CODE.split(lines)
    return "".join(f"`{part}`" if place % 2 else escape_markdown(part) for place, part in enumerate(parts))


def fenced_code(text: str, name: str = "") -> str:
    """A block in letters of one width; its `name` is not shown."""
    return f"```{name}\n{clean_block(text).replace('`', _LIKE_A_BACK_QUOTE)}\n```"
