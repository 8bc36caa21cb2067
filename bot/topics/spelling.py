"""How a topic is written in an argument, and read back from it."""

from __future__ import annotations

import re
from enum import StrEnum

from bot.topics.parser import parse as parse_query
from bot.topics.query import And, Query, Trending, joined
from bot.topics.window import Window

_TRENDS = re.compile(r"trending(?:\s+|$)(?:(?P<window>day|week|month)(?:\s+|$))?", re.IGNORECASE)


def topic(text: str) -> Query:
    """A topic, wherever one is written; `trending week cat:cs.CL` is read as the command of that name is.

    Raises UsageError.
    """
    found = _TRENDS.match(text.strip())
    if found is None:
        return parse_query(text)
    window = Trending(Window((found["window"] or Window.WEEK).lower()))
    rest = text.strip()[found.end() :]
    # Read once more, since it may stand there twice, or be too long now.
    return parse_query(str(joined(And, [window, parse_query(rest)]))) if rest else window


def as_topic(spelled: str) -> str:
    """A query as every argument reads it back: where its words mean something there, in parentheses."""
    is_other = _TRENDS.match(spelled) or spelled in {_ALL, *Scope} or spelled.isdecimal()
    return f"({spelled})" if is_other else spelled


class Scope(StrEnum):
    """Papers that are exported together."""

    SAVED = "saved"
    DIGEST = "digest"
    """All of the channel's latest digest."""


_ALL = "all"
