"""Removing what is old, in steps that hold the database for a moment only."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, ColumnElement, and_, exists, select, tuple_
from sqlmodel import Session, col, delete

from bot.delivery.delivery import DeliveryState
from storage import changes, full_text
from storage import clock_skew as ahead
from storage.locks import lock_papers, lock_rate_limits
from storage.matches import OPEN
from storage.sql import table_of
from storage.tables import (
    METADATA,
    BatchRow,
    DeliveryRow,
    MatchRow,
    PaceRow,
    PaperRow,
    SignalDayRow,
    WaitingRow,
)

_WAITS = (DeliveryState.PENDING.value, DeliveryState.SENDING.value)


class StoredRetention:
    """`bot.ports.digests.Attic` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def drop_deliveries(self, before: date, limit: int) -> int:
        old = col(DeliveryRow.slot) < before, col(DeliveryRow.state).not_in(_WAITS)
        found = select(col(DeliveryRow.id)).where(*old).order_by(col(DeliveryRow.id)).limit(limit)
        ids = list(self._session.scalars(found))
        # Also those of them that somebody has sent for another try meanwhile stay.
        self._session.exec(delete(DeliveryRow).where(*old, col(DeliveryRow.id).in_(ids)))
        return len(ids)

    def drop_papers(self, before: date, limit: int) -> int:
        lock_papers(self._session)
        key = col(PaperRow.id)
        free = [~exists().where(column == key) for column in _holders()]
        found = select(key).where(col(PaperRow.announced) < before, *free).order_by(col(PaperRow.announced))
        old = list(self._session.scalars(found.limit(limit)))
        # In one order, so that nobody who holds some waits for others.
        holding = select(key).where(key.in_(old)).order_by(key).with_for_update()
        held = list(self._session.scalars(holding))
        # Looked at again, since one may have matched until it was held.
        ids = list(self._session.scalars(select(key).where(key.in_(held), *free)))
        full_text.forget(self._session, ids)
        changes.note(self._session, ids)
        self._session.exec(delete(PaperRow).where(col(PaperRow.id).in_(ids)))
        return len(ids)

    def drop_matches(self, before: datetime, limit: int) -> int:
        lock_papers(self._session)
        old = (OPEN, col(MatchRow.day) < before.date(), ~_changed_before(MatchRow, before))
        return self._drop(MatchRow, and_(*old), limit)

    def drop_waiting(self, before: datetime, limit: int) -> int:
        return self._drop(WaitingRow, ~_changed_before(WaitingRow, before), limit)

    def _drop(self, row: type[MatchRow | WaitingRow], old: ColumnElement[bool], limit: int) -> int:
        ids = list(self._session.scalars(select(col(row.id)).where(old).limit(limit)))
        self._session.exec(delete(row).where(col(row.id).in_(ids)))
        return len(ids)

    def drop_signal_days(self, before: date, limit: int) -> int:
        key = tuple_(col(SignalDayRow.paper_id), col(SignalDayRow.day))
        old = select(col(SignalDayRow.paper_id), col(SignalDayRow.day)).where(col(SignalDayRow.day) < before)
        gone = self._session.exec(delete(SignalDayRow).where(key.in_(old.limit(limit))))
        return gone.rowcount

    def drop_rate_limits(self, before: datetime) -> None:
        lock_rate_limits(self._session)
        self._session.exec(delete(PaceRow).where(col(PaceRow.free_at) < before))

    def skewed_instants(self, farthest: datetime) -> int:
        return ahead.number(self._session, farthest)

    def take_back(self, now: datetime, farthest: datetime) -> None:
        ahead.take_back(self._session, now, farthest)


def _changed_before(row: type[MatchRow | WaitingRow], since: datetime) -> ColumnElement[bool]:
    """Whether the batch of a row has changed since then: its day says little, as old ones are filled in."""
    its_own = (col(BatchRow.source) == col(row.source), col(BatchRow.day) == col(row.day))
    return exists().where(*its_own, col(BatchRow.changed) >= since)


def _holders() -> list[Column[int]]:
    """The columns that keep a paper: where it matched, or waits to, and of all that does not go with it."""
    papers, kept = table_of(PaperRow), (table_of(MatchRow), table_of(WaitingRow))
    keys = [
        key for table in METADATA.sorted_tables for key in table.foreign_keys if key.column.table is papers
    ]
    return [key.parent for key in keys if key.ondelete is None or key.parent.table in kept]
