"""Which papers' words changed, in order: what an index that is kept elsewhere follows.

Every change has a number, and a paper is listed with its latest alone. The counter's row is locked until the
transaction ends, so that whoever has read up to a number never sees a lower one come later.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from bot.errors import StorageError
from bot.search.changes import PaperChange, StorePosition
from storage.sql import chunks, papers_of, table_of
from storage.tables import MetaRow, PaperChangeRow

_LAST = "changes"
_STORE = "store"
_UNSEEN = "unseen changes"


def note(session: Session, rows: Sequence[int]) -> None:
    """The words of these papers changed, or the papers are gone."""
    if not rows:
        return
    counter = session.get(MetaRow, _LAST, with_for_update=True)
    if counter is None:
        raise StorageError("The database does not count its changes.", "Run `paperboy db upgrade`.")
    last = int(counter.value)
    table = table_of(PaperChangeRow)
    for chunk in chunks(rows):
        session.execute(delete(table).where(table.c.paper_id.in_(chunk)))
    numbered = [{"paper_id": row, "number": number} for number, row in enumerate(rows, last + 1)]
    session.execute(table.insert(), numbered)
    counter.value = str(last + len(rows))
    session.flush()
    hide(session)


def hide(session: Session) -> None:
    """Remember until the transaction ends that it changed papers or vectors."""
    session.info[_UNSEEN] = True


def unseen(session: Session) -> bool:
    """Whether papers or vectors are as only this transaction sees them."""
    return _UNSEEN in session.info


def go_on(session: Session) -> None:
    """Count on from the changes that are listed, which another database has counted."""
    last = session.scalar(select(func.max(PaperChangeRow.number))) or 0
    session.merge(MetaRow(name=_LAST, value=str(last)))


def mark(session: Session) -> StorePosition:
    """The store's name and the number of its last change."""
    found = {row.name: row.value for row in session.exec(select(MetaRow))}
    return StorePosition(found[_STORE], int(found[_LAST]))


def rename(copy: sqlite3.Connection) -> None:
    """Give a copy a name of its own: put back, it goes on otherwise than what it was copied from."""
    with copy:
        copy.execute("UPDATE meta SET value = ? WHERE name = ?", (uuid4().hex, _STORE))


def since(session: Session, number: int, limit: int) -> Sequence[PaperChange]:
    """The changes after `number`, at most `limit`, in order."""
    query = select(PaperChangeRow).where(col(PaperChangeRow.number) > number)
    rows = session.exec(query.order_by(col(PaperChangeRow.number)).limit(limit)).all()
    papers = papers_of(session, [row.paper_id for row in rows])
    return [PaperChange(row.number, row.paper_id, papers.get(row.paper_id)) for row in rows]
