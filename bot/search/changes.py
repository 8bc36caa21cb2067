"""How an index that is kept outside of the store follows what changes there."""

from __future__ import annotations

from dataclasses import dataclass

from bot.papers.paper import Paper


@dataclass(frozen=True, slots=True)
class StorePosition:
    """How far something follows a store: the store's name, and the number of the last change that it has."""

    store: str
    number: int


# A store's name is never empty, so that this mark follows none.
NO_POSITION = StorePosition("", 0)
"""Of an index that follows no store yet."""


@dataclass(frozen=True, slots=True)
class PaperChange:
    """A paper whose words are new or other ones; `paper` is None where it is gone."""

    number: int
    key: int
    """The store's own number of the paper, never given to another one."""
    paper: Paper | None
