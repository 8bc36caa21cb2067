"""Clean text from TeX, HTML and whatever else stands in a feed: one line, no markup, harmless."""

from __future__ import annotations

import html
import logging
import re
import unicodedata

from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexWalkerParseError

TITLE_LIMIT = 300
TEXT_LIMIT = 20_000

# A closed list: an abstract's own “a <b and c> d” is mathematics, not markup.
_TAG = re.compile(
    r"</?(?:p|br|b|i|em|strong|u|sub|sup|span|div|a|ul|ol|li|tt|code|h[1-6]|jats:[a-z-]+|mml:[a-z-]+)"
    r"(?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*/?>",
    re.IGNORECASE,
)
_TEX = re.compile(r"[\\${}^~]|``|''")
# In a feed these are themselves; in TeX a bare % opens a comment, and & and # are syntax.
_BARE_SIGN = re.compile(r"(?<!\\)[%&#]")
# Pandoc's rule: what a pair of $ encloses begins and ends without a space, and no digit follows it.
_DOLLARS = re.compile(r"\\\$|\$\$[^$]+\$\$|\$(?!\s)[^$]*(?<![\s\\])\$(?!\d)|(?P<bare>\$)")
_MAX_MARKS = 4
"""Combining marks kept on one letter: the most that a living script stacks."""


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` without markup, on one line, at most `limit` characters, harmless (see `harmless`)."""
    plain = harmless(_untex(html.unescape(_TAG.sub(" ", text[: 4 * limit]))))
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"


def clean_title(text: str) -> str:
    """As `clean`, at most `TITLE_LIMIT` characters, without the final full stop that some sources put."""
    return clean(text, TITLE_LIMIT).removesuffix(" .")


def harmless(text: str) -> str:
    """One line of NFC text without control, format (bidi, zero-width), private and surrogate characters.

    At most four combining marks stay on a letter.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = " ".join(text.split())
    out: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", spaced):
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category[0] != "C" and marks <= _MAX_MARKS:
            out.append(char)
    return " ".join("".join(out).split())


def _untex(text: str) -> str:
    if not _TEX.search(text):
        return text
    try:
        signs = _BARE_SIGN.sub(r"\\\g<0>", text)
        dollars = _DOLLARS.sub(lambda match: r"\$" if match["bare"] else match[0], signs)
        plain = _converter().latex_to_text(dollars)
    except (LatexWalkerParseError, ValueError, IndexError, RecursionError):
        return text
    return str(plain) if plain.strip() else text


def _converter() -> LatexNodes2Text:
    logging.getLogger("pylatexenc").setLevel(logging.ERROR)
    return LatexNodes2Text(math_mode="text", keep_comments=True, strict_latex_spaces=False)
