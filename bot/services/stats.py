"""What is measured of a running Paperboy; all of it stands in the database, so that any process can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.delivery.delivery import OutboxStatus
from bot.ports.papers import Papers
from bot.ports.store import Store


@dataclass(frozen=True, slots=True)
class Figures:
    """How it stands at `now`."""

    now: datetime
    queue: OutboxStatus
    batch_lag_days: Mapping[str, int]
    """How many days each source's latest complete batch is behind its calendar."""
    source_failures: Mapping[str, int]
    """How often in a row each source has failed."""


def collect_figures(store: Store, expected: Mapping[str, date], now: datetime) -> Figures:
    """Read them; `expected` is the latest batch day of each source that keeps a calendar.

    Raises StorageError.
    """
    with store.read() as tx:
        lags = {source: _source_lag(tx.papers, source, day) for source, day in expected.items()}
        return Figures(now, tx.outbox.current_status(now), lags, tx.source_polls.failures_of())


def _source_lag(papers: Papers, source: str, day: date) -> int:
    state = papers.find_batch(source, day)
    if state and state.complete:
        return 0
    known = [done for done in papers.complete_days(source) if done < day]
    return (day - max(known)).days if known else 1
