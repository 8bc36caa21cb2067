"""Keeping the lexical index in step with the store."""

from __future__ import annotations

import time

from bot.ports.search import Ranker
from bot.ports.store import Store
from bot.search.changes import NO_POSITION, StorePosition

CHUNK = 10_000
"""Changes taken over at once: so many papers are held in memory, about 30 MB."""
PATIENCE = 30.0
"""Seconds for which another process that is at it is waited for."""
_PAUSE = 0.05


def keep_up(store: Store, ranker: Ranker, patience: float = PATIENCE) -> None:
    """Bring the index up to what the store holds; a lost, damaged or foreign one is made anew.

    Where another process is at it for longer than `patience` seconds, the index stays as far as it is.
    Raises StorageError; IndexFolderError where the index cannot be written.
    """
    waited = 0.0
    while waited <= patience:
        here = ranker.mark()
        with store.read() as tx:
            there = tx.papers.store_mark()
            since = here if follows(here, there) else NO_POSITION
            changes = tx.papers.changes_since(since.number, CHUNK) if since != there else ()
        if not changes:
            return
        if not ranker.follow(changes, since, StorePosition(there.store, changes[-1].number)):
            time.sleep(_PAUSE)
            waited += _PAUSE


def follows(here: StorePosition, there: StorePosition) -> bool:
    """Whether an index is of this store, if perhaps behind: not of another, or of one that was set back."""
    return here.store == there.store and here.number <= there.number
