"""What processes take turns at: posting to a platform, and asking a source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, or_, update
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from storage.locks import lock_rate_limits
from storage.outbox import FROM_NOW
from storage.sql import insert_new
from storage.tables import PaceRow, PollRow

FARTHEST = timedelta(days=2)
"""No turn and no poll is that far off, unless a clock was wrong when it was given: such a one is now."""


class StoredRateLimits:
    """`bot.ports.digests.Paces` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def reserve_time(self, name: str, length: timedelta, earliest: datetime) -> datetime:
        lock_rate_limits(self._session)
        row = self._session.get(PaceRow, name, populate_existing=True)
        if row is None:
            row = PaceRow(name=name, free_at=FROM_NOW)
            self._session.add(row)
        turn = earliest if row.free_at > earliest + FARTHEST else max(row.free_at, earliest)
        row.free_at = turn + length
        self._session.flush()
        return turn


class StoredSourcePolls:
    """`bot.ports.digests.Polls` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def claim_poll(self, source: str, now: datetime, busy_until: datetime) -> bool:
        unknown = {"source": source, "next_poll": FROM_NOW, "busy_until": None, "failures": 0}
        insert_new(self._session, PollRow, [unknown])
        due, free = (~_is_to_come(at, now) for at in (col(PollRow.next_poll), col(PollRow.busy_until)))
        done = self._session.execute(
            update(PollRow)
            .where(col(PollRow.source) == source, due, or_(col(PollRow.busy_until).is_(None), free))
            .values(busy_until=busy_until)
        )
        return cast("CursorResult[Any]", done).rowcount == 1

    def finish_poll(self, source: str, next_poll: datetime, *, failed: bool) -> None:
        failures = col(PollRow.failures) + 1 if failed else 0
        self._session.execute(
            update(PollRow)
            .where(col(PollRow.source) == source)
            .values(next_poll=next_poll, busy_until=None, failures=failures)
        )

    def give_back(self, source: str) -> None:
        self._session.execute(update(PollRow).where(col(PollRow.source) == source).values(busy_until=None))

    def due_sources(self, sources: Iterable[str], now: datetime) -> Sequence[str]:
        later = set(
            self._session.exec(select(PollRow.source).where(_is_to_come(col(PollRow.next_poll), now)))
        )
        return [source for source in sources if source not in later]

    def failures_of(self) -> Mapping[str, int]:
        return dict(self._session.exec(select(PollRow.source, PollRow.failures)).all())


def _is_to_come(at: Mapped[Any], now: datetime) -> ColumnElement[bool]:
    return and_(at > now, at <= now + FARTHEST)
