"""Removing what is older than the settings keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog

from bot.ports.search import Ranker
from bot.ports.store import Store, Transaction

STEP = 500
"""Rows that one transaction removes: the others wait for it no longer than for a post."""
OLD_TURNS = timedelta(days=1)
OLD_SIGNALS = timedelta(days=60)
"""What trends is told by younger ones."""
OLD_WAITING = timedelta(days=30)
"""Where the model is gone, papers wait for so long that it comes back."""
OLD_FILES = timedelta(days=7)
"""What another model or another version made, and nobody has written for so long, is of no use any more."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """Days for which things are kept; 0 keeps them for ever."""

    store: Store
    keep_deliveries: int
    keep_papers: int
    keep_matches: int = 0
    model: str = ""
    """The version of the model that is in use; "" for none."""
    ranker: Ranker | None = None

    def remove_old(self, now: datetime, stopping: Callable[[], bool] = lambda: False) -> None:
        """Remove what is old, in steps, until nothing is or a stop is asked for. Raises StorageError."""
        if self.ranker:
            self.ranker.drop_others(now - OLD_FILES)
        with self.store.begin() as tx:
            tx.retention.drop_rate_limits(now - OLD_TURNS)
        if self.model:
            # Apart, since whoever posts waits for the turns.
            with self.store.begin() as tx:
                tx.vectors.drop_others(self.model, now - OLD_FILES)
        if self.keep_deliveries:
            before = (now - timedelta(days=self.keep_deliveries)).date()
            self._drop_rows(
                "deliveries", lambda tx: tx.retention.drop_deliveries(before, STEP), before, stopping
            )
        if self.keep_matches:
            unlisted = now - timedelta(days=self.keep_matches)
            self._drop_rows(
                "matches", lambda tx: tx.retention.drop_matches(unlisted, STEP), unlisted.date(), stopping
            )
        if self.keep_papers:
            since = (now - timedelta(days=self.keep_papers)).date()
            self._drop_rows("papers", lambda tx: tx.retention.drop_papers(since, STEP), since, stopping)
        waited = now - OLD_WAITING
        self._drop_rows(
            "waiting", lambda tx: tx.retention.drop_waiting(waited, STEP), waited.date(), stopping
        )
        told = (now - OLD_SIGNALS).date()
        self._drop_rows("signals", lambda tx: tx.retention.drop_signal_days(told, STEP), told, stopping)

    def _drop_rows(
        self, what: str, drop: Callable[[Transaction], int], before: date, stopping: Callable[[], bool]
    ) -> None:
        total = 0
        while not stopping():
            with self.store.begin() as tx:
                dropped = drop(tx)
            total += dropped
            if dropped < STEP:
                break
        if total:
            log.info("removed", what=what, number=total, before=str(before))
