"""Authors' names, as feeds and files write them."""

from __future__ import annotations

import html
from collections.abc import Iterable

from bot.papers.text import clean_text

NAME_LIMIT = 200
AUTHORS_LIMIT = 200_000
"""Characters of a field of authors that are read: five times the longest that arXiv is known to announce."""


def split_names(text: str) -> tuple[str, ...]:
    """The clean names of `A (Lab, Town), B, and C` or `Last, F.; Last, G.`, without their affiliations.

    Where there is a semicolon it separates, and commas belong to the names.
    """
    plain = " ".join(_without_affiliations(html.unescape(text[:AUTHORS_LIMIT])).split())
    # `Last, F.; Last, G.` has both signs, and only the semicolon can separate there.
    separator = next((sign for sign in ";," if sign in plain), None)
    parts = plain.split(separator) if separator else plain.split(" and ")
    return clean_names(part.strip().removeprefix("and ") for part in parts)


def clean_names(names: Iterable[str]) -> tuple[str, ...]:
    """`names` as clean text, without empty ones."""
    return tuple(name for name in (clean_text(name, NAME_LIMIT) for name in names) if name)


def _without_affiliations(text: str) -> str:
    """Without what stands in parentheses; where they do not pair, only the signs themselves go."""
    kept: list[str] = []
    depth = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")" and depth > 0)
        if depth == 0 and sign != ")":
            kept.append(sign)
    return "".join(kept) if depth == 0 else text.replace("(", " ").replace(")", " ")
