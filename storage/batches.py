"""What is known of a batch: the figures of the coverage receipts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import exists, func
from sqlmodel import Session, col, select

from bot.papers.identity import PaperId
from bot.papers.paper import AnnouncementKind, Batch, BatchState
from storage.locks import lock_papers
from storage.sql import among, chunks, row_ids
from storage.tables import AnnouncementRow, BatchRow

_ITS_ANNOUNCEMENTS = (
    col(AnnouncementRow.source) == col(BatchRow.source),
    col(AnnouncementRow.day) == col(BatchRow.day),
)


def note_failure(session: Session, source: str, day: date, problem: str, now: datetime) -> None:
    """Note that fetching a batch failed. A complete one lacks nothing, and is left as it is."""
    lock_papers(session)
    row = session.get(BatchRow, (source, day)) or _new(source, day, now)
    if row.complete:
        return
    row.failed, row.changed = problem, now
    session.add(row)
    session.flush()


def clear_failure(session: Session, source: str, day: date) -> None:
    """Forget that fetching a batch failed."""
    lock_papers(session)
    row = session.get(BatchRow, (source, day))
    if row is not None and row.failed:
        row.failed = ""
        session.add(row)
        session.flush()


def note_batch(session: Session, batch: Batch, now: datetime, *, grew: bool) -> None:
    """Note what a piece of a batch brought besides papers; `grew` says that it brought some."""
    row = session.get(BatchRow, (batch.source, batch.day)) or _new(batch.source, batch.day, now)
    bad = row.bad | {record.where: record.problem for record in batch.bad}
    complete = row.complete or batch.complete
    if grew or complete > row.complete or len(bad) > len(row.bad):
        row.changed = now
    if bad != row.bad:
        row.bad = bad
    row.complete, row.failed = complete, ""
    session.add(row)
    session.flush()


def batch_states(
    session: Session, *, since: datetime | None = None, key: tuple[str, date] | None = None
) -> list[BatchState]:
    """The batches that changed at or after `since`, or the one of `key`, by source and day."""
    announced = select(func.count()).where(*_ITS_ANNOUNCEMENTS).correlate(BatchRow).scalar_subquery()
    found = select(BatchRow, announced).order_by(col(BatchRow.source), col(BatchRow.day))
    if since is not None:
        found = found.where(col(BatchRow.changed) >= since)
    if key is not None:
        found = found.where(col(BatchRow.source) == key[0], col(BatchRow.day) == key[1])
    return [
        BatchState(row.source, row.day, number, len(row.bad), row.complete, row.changed, row.failed)
        for row, number in session.exec(found)
    ]


def batch_span(session: Session, since: date) -> tuple[date, date] | None:
    """The first and the last day, from `since` on, of batches that announced a paper; None without one."""
    days = select(func.min(BatchRow.day), func.max(BatchRow.day)).where(
        col(BatchRow.day) >= since, exists().where(*_ITS_ANNOUNCEMENTS)
    )
    first, last = session.exec(days).one()
    return (first, last) if first else None


def complete_days(session: Session, source: str) -> set[date]:
    """The days whose batch of the source is complete."""
    days = select(col(BatchRow.day)).where(col(BatchRow.source) == source)
    return set(session.exec(days.where(col(BatchRow.complete))))


def announced_before(session: Session, source: str, day: date, papers: Iterable[PaperId]) -> set[PaperId]:
    """Those of `papers` that the source has announced as fresh on a day before `day`.

    Whether the batch is stored is decided on it, so nobody else stores papers from now on.
    """
    lock_papers(session)
    wanted = list(papers)
    rows = row_ids(session, wanted)
    fresh = [kind.value for kind in AnnouncementKind if kind.is_fresh]
    listed = select(col(AnnouncementRow.paper_id)).where(
        col(AnnouncementRow.source) == source,
        col(AnnouncementRow.day) < day,
        col(AnnouncementRow.kind).in_(fresh),
    )
    found = {
        row_id
        for chunk in chunks(rows.values())
        for row_id in session.exec(listed.where(col(AnnouncementRow.paper_id).in_(chunk)))
    }
    return {paper for paper in wanted if rows.get(str(paper)) in found}


def announced_by(session: Session, papers: Iterable[int]) -> Mapping[int, Sequence[str]]:
    """The sources that have announced each of these papers, given by their rows' ids; sorted."""
    found: dict[int, list[str]] = defaultdict(list)
    listed = select(AnnouncementRow.paper_id, AnnouncementRow.source).distinct()
    for chunk in chunks(papers):
        wanted = listed.where(among(session, col(AnnouncementRow.paper_id), chunk)).order_by(
            AnnouncementRow.source
        )
        for row_id, source in session.exec(wanted):
            found[row_id].append(source)
    return found


def _new(source: str, day: date, now: datetime) -> BatchRow:
    return BatchRow(source=source, day=day, complete=False, changed=now, failed="", bad={})
