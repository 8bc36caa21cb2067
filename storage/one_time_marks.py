"""Marks that last for a while: what was seen, and what is valid once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import tuple_
from sqlmodel import Session, col, delete, select

from storage.sql import put
from storage.tables import MarkRow


class StoredOneTimeMarks:
    """`bot.ports.store.Marks` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, kind: str, value: str, now: datetime, until: datetime) -> bool:
        ended = select(MarkRow.kind, MarkRow.value).where(col(MarkRow.until) <= now)
        # Those that somebody else is removing are waited for by nobody.
        free = ended.with_for_update(skip_locked=True)
        self._session.exec(delete(MarkRow).where(tuple_(col(MarkRow.kind), col(MarkRow.value)).in_(free)))
        mark = {"kind": kind, "value": value, "until": until}
        return put(self._session, MarkRow, mark, where=col(MarkRow.until) <= now)

    def take(self, kind: str, value: str, now: datetime) -> bool:
        taken = self._session.exec(
            delete(MarkRow).where(
                col(MarkRow.kind) == kind, col(MarkRow.value) == value, col(MarkRow.until) > now
            )
        )
        return taken.rowcount == 1
