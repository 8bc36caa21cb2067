"""Marks that last for a while: what was seen, and what is valid once."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, delete

from storage.rows import insert_new
from storage.tables import MarkRow


class StoredMarks:
    """`bot.ports.Marks` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, kind: str, value: str, now: datetime, until: datetime) -> bool:
        """Mark `value` until then; False where it is marked already."""
        self._session.exec(delete(MarkRow).where(col(MarkRow.until) <= now))
        return insert_new(self._session, MarkRow, [{"kind": kind, "value": value, "until": until}]) == 1

    def take(self, kind: str, value: str, now: datetime) -> bool:
        """Remove a mark; False where there is none, or its time is over."""
        taken = self._session.exec(
            delete(MarkRow).where(
                col(MarkRow.kind) == kind, col(MarkRow.value) == value, col(MarkRow.until) > now
            )
        )
        return taken.rowcount == 1
