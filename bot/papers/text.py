"""Clean text from TeX, HTML and whatever else stands in a feed: one line, no markup, harmless."""

from __future__ import annotations

import html
import logging
import re
import unicodedata
from functools import lru_cache
from typing import Any

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from pylatexenc.latexwalker import LatexWalker, LatexWalkerParseError
from pylatexenc.latexwalker import get_default_latex_context_db as get_default_syntax
from pylatexenc.macrospec import MacroSpec

TITLE_LIMIT = 300
# Ten times the longest abstract that arXiv takes, 1,920 characters (https://info.arxiv.org/help/prep.html).
TEXT_LIMIT = 20_000

# A closed list: an abstract's own “a <b and c> d” is mathematics, not markup.
_TAG = re.compile(
    r"</?(?:p|br|b|i|em|strong|u|sub|sup|span|div|a|ul|ol|li|tt|code|h[1-6]|jats:[a-z-]+|mml:[a-z-]+)"
    r"(?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*/?>",
    re.IGNORECASE,
)
_TEX_SIGN = re.compile(r"[\\${}^~]|``|''")
# In a feed these are themselves; in TeX a bare % opens a comment, and & and # are syntax.
_BARE_SIGN = re.compile(r"(?<!\\)[%&#]")
# Pandoc's rule: what a pair of $ encloses begins and ends without a space, and no digit follows it. A digit
# may follow what is plainly mathematics: `$\\sim$5`, but not `$5-$10`.
_DOLLARS = re.compile(
    r"\\\$|\$\$[^$]+\$\$|\$(?!\s)[^$]*(?<![\s\\])\$(?!\d)"
    r"|\$(?=[^$\s]*[\\^_<>\u00d7\u00b1\u223c\u2248\u2264\u2265])[^$\s]{1,40}(?<!\\)\$|(?P<bare>\$)"
)
# What the library raises at TeX that ends too early or is nested too deep: found by trying.
_LIBRARY_FAULTS = (
    *(LatexWalkerParseError, LookupError, AttributeError),
    *(TypeError, ValueError, RecursionError),
)
# `maketitle` would tell what an earlier text set with `title`.
_SILENT_MACROS = ("maketitle", "cite", "citep", "citet", "ref", "eqref", "label", "includegraphics", "color")
_WORD_MACROS = frozenset({"eg", "ie", "etc", "etal"})
_TEX_SIGNS = "\\${}^~"
_MOST_TEX_SIGNS = 5_000
"""Of a text that is read as TeX: ten times as many as any recorded abstract has."""
_TOKENS_A_CHARACTER = 3
"""Recorded abstracts take at most one, however often the library looks ahead."""
# Stacked marks ("Zalgo") run over the lines above and below in every chat program.
_MAX_MARKS = 4
"""Combining marks kept on one letter: the most that a living script stacks."""


def clean_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` without markup, on one line, at most `limit` characters, harmless (see `clean_line`)."""
    # Cut before it is parsed, generously, since markup goes: the TeX library is slow, and a feed can hold
    # anything.
    plain = clean_line(_strip_tex(html.unescape(_TAG.sub(" ", text[: 4 * limit]))))
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"


def clean_title(text: str) -> str:
    """As `clean_text`, at most `TITLE_LIMIT` characters, without the full stop that some sources put last."""
    return clean_text(text, TITLE_LIMIT).removesuffix(" .")


def clean_line(text: str) -> str:
    """One line of NFC text without control, format (bidi, zero-width), private and surrogate characters.

    At most four combining marks stay on a letter.
    """
    # Bidi and zero-width characters can show a reader another text than the one that is matched and linked:
    # https://www.unicode.org/reports/tr36/.
    spaced = " ".join(text.split())
    if spaced.isascii() and spaced.isprintable():
        return spaced
    out: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", spaced):
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category[0] != "C" and marks <= _MAX_MARKS:
            out.append(char)
    return " ".join("".join(out).split())


def clean_block(text: str) -> str:
    """Lines in which every character keeps its place; one that cannot be shown is a space."""
    shown = (char if char == "\n" or _keeps_its_place(char) else " " for char in text)
    return "".join(shown)


def _keeps_its_place(char: str) -> bool:
    return char.isprintable() and not unicodedata.combining(char)


def _strip_tex(text: str) -> str:
    if not _TEX_SIGN.search(text):
        return text
    # pylatexenc looks ahead from every sign, so that its time grows with their square.
    if sum(map(text.count, _TEX_SIGNS)) > _MOST_TEX_SIGNS:
        return text
    try:
        signs = _BARE_SIGN.sub(r"\\\g<0>", text)
        dollars = _DOLLARS.sub(lambda match: r"\$" if match["bare"] else match[0], signs)
        # Made first, since that silences the library, which logs every error in the TeX.
        converter = _tex_converter()
        nodes = _BoundedWalker(dollars, latex_context=_tex_syntax()).get_latex_nodes()[0]
        plain = converter.nodelist_to_text(nodes)
    except (_TooCostlyError, *_LIBRARY_FAULTS):
        return text
    return str(plain) if plain.strip() else text


class _TooCostlyError(Exception):
    """TeX that would be read over and over again."""


class _BoundedWalker(LatexWalker):  # type: ignore[misc]
    """Reads TeX, within a number of tokens.

    The library reads an argument that has no end twice, and so what is nested in it 4, 8, 16 … times: twenty
    times `\\frac{`, 120 characters, took two minutes.
    """

    def __init__(self, text: str, **flags: Any) -> None:
        super().__init__(text, **flags)
        self._left = _TOKENS_A_CHARACTER * len(text) + 100

    def get_token(self, *args: Any, **flags: Any) -> Any:
        """The next token. Raises _TooCostlyError."""
        self._left -= 1
        if self._left < 0:
            raise _TooCostlyError
        return super().get_token(*args, **flags)


@lru_cache(maxsize=1)
def _tex_syntax() -> Any:
    """The library's macros and their arguments, with those that it lacks."""
    macros = get_default_syntax()
    macros.add_context_category(
        "paperboy", macros=[MacroSpec("href", "{{"), MacroSpec("color", "{")], prepend=True
    )
    return macros


@lru_cache(maxsize=1)
def _tex_converter() -> LatexNodes2Text:
    logging.getLogger("pylatexenc").setLevel(logging.ERROR)
    macros = get_default_latex_context_db()
    own = [MacroTextSpec(name, simplify_repl="") for name in _SILENT_MACROS]
    own += [MacroTextSpec("url", simplify_repl="%s"), MacroTextSpec("href", simplify_repl=_render_link)]
    macros.add_context_category("paperboy", macros=own, prepend=True)
    macros.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=_render_unknown_macro))
    return LatexNodes2Text(
        latex_context=macros, math_mode="text", keep_comments=True, strict_latex_spaces=False
    )


# The library hands over its own untyped nodes, and names the second parameter.
def _render_link(node: Any, l2tobj: Any) -> str:
    """The words of `\\href{address}{words}`, and the address where they do not show it."""
    address, words = (str(l2tobj.nodelist_to_text([part])) for part in _macro_arguments(node))
    return words if words in address else f"{words} ({address})"


def _render_unknown_macro(node: Any, l2tobj: Any) -> str:
    """The argument of a macro that the library cannot render (`\\texttt{Blue}`), or a name that is a word.

    A capital letter tells an author's own `\\OurBot` from typesetting such as `\\noindent`.
    """
    if arguments := _macro_arguments(node):
        return str(l2tobj.nodelist_to_text(arguments))
    name = str(node.macroname)
    return name + node.macro_post_space if name in _WORD_MACROS or not name.islower() else ""


def _macro_arguments(node: Any) -> list[Any]:
    """Those that are there: text that ends too early has none."""
    return [part for part in (node.nodeargd and node.nodeargd.argnlist) or () if part is not None]
