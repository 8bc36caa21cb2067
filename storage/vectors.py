"""Vectors of papers, and papers that wait to be matched by meaning."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Select, and_, delete, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from bot.papers.identity import PaperId
from bot.ports.search import Unread, Waiting
from bot.vectors import Floats
from storage import changes, pgvector
from storage.float16 import pack_vector, unpack_vector
from storage.locks import lock_vectors
from storage.sql import chunks, insert_new, papers_of, row_ids, table_of
from storage.tables import BatchRow, PaperChangeRow, PaperRow, VectorRow, WaitingRow
from storage.vector_file import VectorFile

_READ_IT = and_(
    col(VectorRow.paper_id) == col(PaperRow.id), col(VectorRow.number) >= col(PaperChangeRow.number)
)
"""The vector is of the words that the paper has now."""


class StoredVectors:
    """`bot.ports.search.Vectors` in one session; `file` follows this database."""

    def __init__(self, session: Session, file: VectorFile) -> None:
        self._session = session
        self._file = file

    def papers_without_vector(self, model: str, limit: int) -> Sequence[Unread]:
        latest = _unread(model).order_by(col(PaperChangeRow.number).desc())
        rows = self._session.execute(latest.limit(limit)).all()
        papers = papers_of(self._session, [key for key, _ in rows])
        return [Unread(key, number, papers[key]) for key, number in rows]

    def count_without_vector(self, model: str) -> int:
        return self._session.scalar(columns(func.count()).select_from(_unread(model).subquery())) or 0

    def add(self, model: str, read: Sequence[Unread], vectors: Floats) -> None:
        table = table_of(VectorRow)
        lock_vectors(self._session)
        changes.hide(self._session)
        for chunk in chunks(range(len(read))):
            keys = [read[at].key for at in chunk]
            # Nobody may remove them before their vectors are in. Whoever does holds the papers first, too.
            kept = select(PaperRow.id).where(col(PaperRow.id).in_(keys)).order_by(col(PaperRow.id))
            there = set(self._session.exec(kept.with_for_update(read=True, key_share=True)))
            self._session.execute(delete(table).where(table.c.paper_id.in_(keys)))
            rows = [
                {
                    "paper_id": read[at].key,
                    "model": model,
                    "number": read[at].number,
                    "vector": pack_vector(vectors[at]),
                }
                for at in chunk
                if read[at].key in there
            ]
            insert_new(self._session, VectorRow, rows)
            if pgvector.in_use(self._session):
                pgvector.write(self._session, rows)

    def vectors_of(self, model: str, papers: Iterable[PaperId]) -> Mapping[PaperId, Floats]:
        wanted = list(papers)
        rows = row_ids(self._session, wanted)
        found: dict[int, Floats] = {}
        for chunk in chunks(rows.values()):
            held = select(VectorRow.paper_id, VectorRow.vector).where(col(VectorRow.paper_id).in_(chunk))
            for key, vector in self._session.exec(held.where(col(VectorRow.model) == model)):
                found[key] = unpack_vector(vector)
        return {paper: found[rows[str(paper)]] for paper in wanted if rows.get(str(paper)) in found}

    def nearest(
        self,
        model: str,
        vector: Floats,
        limit: int,
        among: Collection[int] | None = None,
        also: Collection[int] = (),
    ) -> Sequence[tuple[int, float]]:
        """The papers of the highest cosines with `vector`, the nearest first: as `search.ports.Vectors`."""
        if pgvector.in_use(self._session):
            return pgvector.nearest(self._session, model, vector, limit, among, also)
        return self._file.nearest(self._session, model, vector, limit, among, also)

    def follow(self, model: str) -> None:
        """Have ready what `nearest` needs, for those who only read: as `search.ports.Vectors`."""
        if not pgvector.in_use(self._session):
            self._file.follow(self._session, model)

    def drop_others(self, model: str, before: datetime) -> None:
        lock_vectors(self._session)
        self._file.drop_others(model, before)

    def advice(self) -> str:
        return (
            ""
            if self._session.get_bind().dialect.name == "sqlite" or pgvector.in_use(self._session)
            else pgvector.ADVICE
        )

    def recent_vectors(self, model: str, limit: int) -> Sequence[int]:
        found = (
            select(VectorRow.paper_id)
            .join(PaperRow, col(PaperRow.id) == col(VectorRow.paper_id))
            .where(col(VectorRow.model) == model)
            .order_by(col(PaperRow.announced).desc(), col(PaperRow.id).desc())
        )
        return self._session.exec(found.limit(limit)).all()

    def wait_for_match(self, papers: Iterable[PaperId], source: str, day: date) -> None:
        keys = row_ids(self._session, papers).values()
        insert_new(
            self._session,
            WaitingRow,
            [{"paper_id": key, "source": source, "day": day} for key in dict.fromkeys(keys)],
        )

    def unread_vectors(self, since: datetime) -> Mapping[tuple[str, date], int]:
        batch = (col(WaitingRow.source), col(WaitingRow.day))
        its_own = and_(col(BatchRow.source) == batch[0], col(BatchRow.day) == batch[1])
        found = select(*batch, func.count()).join(BatchRow, its_own).where(col(BatchRow.changed) >= since)
        rows = self._session.exec(found.group_by(*batch))
        return {(source, day): number for source, day, number in rows}

    def waiting_papers(self, model: str, limit: int) -> Sequence[Waiting]:
        if self._session.exec(select(WaitingRow.id).limit(1)).first() is None:
            return []
        found = (
            select(WaitingRow)
            .join(PaperRow, col(PaperRow.id) == col(WaitingRow.paper_id))
            .join(PaperChangeRow, col(PaperChangeRow.paper_id) == col(PaperRow.id))
            .join(VectorRow, _READ_IT)
            .where(col(VectorRow.model) == model)
            .order_by(col(WaitingRow.id))
        )
        rows = self._session.exec(found.limit(limit))
        return [Waiting(row.id, row.paper_id, row.source, row.day) for row in rows]

    def end_waiting(self, waiting: Iterable[Waiting]) -> None:
        table = table_of(WaitingRow)
        for chunk in chunks(one.number for one in waiting):
            self._session.execute(delete(table).where(table.c.id.in_(chunk)))


def _unread(model: str) -> Select[int, int]:
    """The missing papers and the numbers of their changes."""
    return (
        columns(col(PaperRow.id), col(PaperChangeRow.number))
        .join(PaperChangeRow, col(PaperChangeRow.paper_id) == col(PaperRow.id))
        .outerjoin(VectorRow, and_(_READ_IT, col(VectorRow.model) == model))
        .where(col(VectorRow.id).is_(None))
    )
