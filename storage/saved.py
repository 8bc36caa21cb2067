"""Reading lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, func
from sqlmodel import Session, col, delete, select

from bot.channels.reader import Reader
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from storage.sql import chunks, insert_new
from storage.tables import SavedRow

_SNAPSHOT = TypeAdapter(Paper)


class StoredReadingLists:
    """`bot.ports.papers.Saved` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, reader: Reader, paper: Paper, now: datetime) -> bool:
        row = {
            "platform": reader.platform,
            "workspace": reader.workspace,
            "user": reader.user,
            "paper": str(paper.id),
            "saved_at": now,
            "snapshot": _SNAPSHOT.dump_json(paper).decode(),
        }
        return insert_new(self._session, SavedRow, [row]) == 1

    def remove(self, reader: Reader, papers: Iterable[PaperId]) -> int:
        return sum(
            self._session.exec(delete(SavedRow).where(_of(reader), col(SavedRow.paper).in_(chunk))).rowcount
            for chunk in chunks(map(str, papers))
        )

    def clear_list(self, reader: Reader) -> int:
        return self._session.exec(delete(SavedRow).where(_of(reader))).rowcount

    def page_of(self, reader: Reader, limit: int, offset: int = 0) -> Sequence[Paper]:
        found = select(SavedRow.snapshot).where(_of(reader)).order_by(col(SavedRow.id).desc())
        rows = self._session.exec(found.limit(limit).offset(offset))
        return [_SNAPSHOT.validate_json(snapshot) for snapshot in rows]

    def count(self, reader: Reader) -> int:
        return self._session.exec(select(func.count()).select_from(SavedRow).where(_of(reader))).one()


def _of(reader: Reader) -> ColumnElement[bool]:
    return and_(
        col(SavedRow.platform) == reader.platform,
        col(SavedRow.workspace) == reader.workspace,
        col(SavedRow.user) == reader.user,
    )
