"""Summaries that a model makes, of papers that came without one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, exists, func, update
from sqlmodel import Session, col, select

from bot.papers.paper import Paper
from storage.locks import lock_papers
from storage.sql import papers_of, row_ids
from storage.tables import MatchRow, PaperRow


def papers_without_summary(session: Session, since: date, limit: int) -> Sequence[Paper]:
    """Papers first announced since then that a topic matched, with an abstract alone; the latest first."""
    found = select(PaperRow.id).where(*_lacks(since))
    latest = found.order_by(col(PaperRow.announced).desc(), col(PaperRow.id).desc()).limit(limit)
    rows = list(session.exec(latest))
    papers = papers_of(session, rows)
    return [papers[row] for row in rows]


def number_lacking(session: Session, since: date) -> int:
    """How many they are."""
    return session.exec(select(func.count()).select_from(PaperRow).where(*_lacks(since))).one()


def store(session: Session, paper: Paper, summary: str, by: str) -> bool:
    """Give `paper` its summary; False where it has another abstract now, or a summary, or is gone."""
    lock_papers(session)
    row = row_ids(session, [paper.id]).get(str(paper.id))
    mine = col(PaperRow.id) == row, col(PaperRow.summary) == "", col(PaperRow.abstract) == paper.abstract
    given = session.execute(update(PaperRow).where(*mine).values(summary=summary, summary_by=by))
    return given.rowcount == 1  # type: ignore[attr-defined, no-any-return]


def _lacks(since: date) -> tuple[ColumnElement[bool], ...]:
    matched = exists().where(col(MatchRow.paper_id) == col(PaperRow.id))
    return (
        col(PaperRow.announced) >= since,
        col(PaperRow.summary) == "",
        col(PaperRow.abstract) != "",
        matched,
    )
