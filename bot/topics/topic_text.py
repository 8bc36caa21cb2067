"""How a topic is written in an argument, and read back from it."""

from __future__ import annotations

import re
from enum import StrEnum

from bot.topics.parser import parse_query
from bot.topics.query import And, Query, Trending, join_parts
from bot.topics.window import Window

_TRENDING_COMMAND = re.compile(r"trending(?:\s+|$)(?:(?P<window>day|week|month)(?:\s+|$))?", re.IGNORECASE)


def read_topic(text: str) -> Query:
    """A topic, wherever one is written; `trending week cat:cs.CL` is read as the command of that name is.

    Raises UsageError.
    """
    found = _TRENDING_COMMAND.match(text.strip())
    if found is None:
        return parse_query(text)
    window = Trending(Window((found["window"] or Window.WEEK).lower()))
    rest = text.strip()[found.end() :]
    # Read once more, since it may stand there twice, or be too long now.
    return parse_query(str(join_parts(And, [window, parse_query(rest)]))) if rest else window


def spell_topic(spelled: str) -> str:
    """A query as every argument reads it back: where its words mean something there, in parentheses."""
    is_other = _TRENDING_COMMAND.match(spelled) or spelled in {_ALL, *ExportScope} or spelled.isdecimal()
    return f"({spelled})" if is_other else spelled


class ExportScope(StrEnum):
    """Papers that are exported together."""

    SAVED = "saved"
    DIGEST = "digest"
    """All of the channel's latest digest."""


_ALL = "all"
