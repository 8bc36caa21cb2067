"""Authors' names, as feeds and files write them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from bot.papers.text import clean

NAME_LIMIT = 200
_AND = re.compile(r"\s+and\s+")


def split_names(text: str) -> tuple[str, ...]:
    """The clean names of `A (Lab, Town), B, and C` or `Last, F.; Last, G.`, without their affiliations.

    Where there is a semicolon it separates, and commas belong to the names.
    """
    plain = _without_affiliations(html.unescape(text))
    # `Last, F.; Last, G.` has both signs, and only the semicolon can separate there.
    separator = next((sign for sign in ";," if sign in plain), None)
    parts = plain.split(separator) if separator else _AND.split(plain)
    return clean_names(part.strip().removeprefix("and ") for part in parts)


def clean_names(names: Iterable[str]) -> tuple[str, ...]:
    """`names` as clean text, without empty ones."""
    return tuple(name for name in (clean(name, NAME_LIMIT) for name in names) if name)


def _without_affiliations(text: str) -> str:
    """Without what stands in parentheses; where they do not pair, only the signs themselves go."""
    kept: list[str] = []
    depth = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")" and depth > 0)
        if depth == 0 and sign != ")":
            kept.append(sign)
    return "".join(kept) if depth == 0 else text.replace("(", " ").replace(")", " ")
