"""A paper as a BibTeX entry."""

from __future__ import annotations

import re
import unicodedata

from bot.papers.identity import ARXIV, DOI
from bot.papers.paper import Paper

_SPECIAL = re.compile(r"[\\{}$&#%_^~]")
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_SMALL_WORDS = frozenset({"a", "an", "the", "on", "of", "in", "to", "for", "and", "is", "are", "do", "with"})


def format_bibtex(paper: Paper) -> str:
    """`paper` as `@misc` (arXiv) or `@article` (a DOI alone); TeX's special characters are escaped.

    The title's words that hold capitals beyond their first letter keep them, in braces.
    """
    ids = (paper.id, *paper.aliases)
    arxiv = next((one for one in ids if one.scheme == ARXIV), None)
    doi = next((one for one in ids if one.scheme == DOI), None)
    fields = {
        "title": " ".join(_protect_capitals(word) for word in paper.title.split()),
        "author": " and ".join(map(_escape_tex, paper.authors)),
        "year": f"{paper.published:%Y}" if paper.published else "",
        "eprint": arxiv.value if arxiv else "",
        "archivePrefix": "arXiv" if arxiv else "",
        "primaryClass": _escape_tex(paper.categories[0]) if arxiv and paper.categories else "",
        "doi": _escape_tex(doi.value) if doi else "",
        "url": re.sub(r"[{}\\\\]", "", paper.url),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{'misc' if arxiv or not doi else 'article'}{{{citation_key(paper)},\n{lines}}}"


def citation_key(paper: Paper) -> str:
    """`betley2025emergent`: the first author's last name, the year, the title's first telling word."""
    name = _ascii_letters("".join(paper.authors[0].split()[-1:])) if paper.authors else ""
    year = f"{paper.published:%Y}" if paper.published else ""
    words = (_ascii_letters(word) for word in paper.title.split())
    return name + year + next((word for word in words if word and word not in _SMALL_WORDS), "") or "paper"


def _ascii_letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())


def _protect_capitals(word: str) -> str:
    # Styles put titles into lower case, but for what is in braces.
    return f"{{{_escape_tex(word)}}}" if any(char.isupper() for char in word[1:]) else _escape_tex(word)


def _escape_tex(text: str) -> str:
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[0], "\\" + match[0]), text)
