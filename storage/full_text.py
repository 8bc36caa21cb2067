"""Keeping the full-text index in step with the papers, whichever database holds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlmodel import Session, col, select

from bot.papers import analyser
from bot.papers.paper import Paper
from storage.fts5 import Fts5
from storage.sql import paper_of
from storage.tables import MetaRow, PaperRow
from storage.tokens import FullText, Tokens
from storage.tsvector import TsVector

_OF: dict[str, FullText] = {"sqlite": Fts5(), "postgresql": TsVector()}
_CHUNK = 1000
_ANALYSER = "analyser"


def full_text(session: Session) -> FullText:
    """The index of the session's database."""
    return _OF[session.get_bind().dialect.name]


def index(session: Session, papers: Iterable[tuple[int, Paper]]) -> None:
    """Write the tokens of papers, each with its row's id; what was there of them is replaced."""
    full_text(session).write(session, [Tokens.of(row_id, paper) for row_id, paper in papers])


def forget(session: Session, row_ids: Sequence[int]) -> None:
    """Remove papers from the index."""
    full_text(session).forget(session, row_ids)


def refresh(session: Session) -> None:
    """Write the whole index anew where another version of the analyser wrote it."""
    if is_stale(session):
        rebuild(session)


def is_stale(session: Session) -> bool:
    """Whether another version of the analyser wrote the index."""
    stamp = session.get(MetaRow, _ANALYSER)
    return stamp is None or stamp.value != analyser.ANALYSER_VERSION


def rebuild(session: Session) -> None:
    """Write the whole index anew."""
    full_text(session).forget(session)
    for papers in _stored_papers(session):
        index(session, papers)
    session.merge(MetaRow(name=_ANALYSER, value=analyser.ANALYSER_VERSION))


def _stored_papers(session: Session) -> Iterator[list[tuple[int, Paper]]]:
    """Every stored paper's indexed parts, by row id."""
    last = 0
    while True:
        rows = session.scalars(
            select(PaperRow).where(col(PaperRow.id) > last).order_by(col(PaperRow.id)).limit(_CHUNK)
        ).all()
        if not rows:
            return
        yield [(row.id, paper_of(row)) for row in rows]
        last = rows[-1].id
        session.expunge_all()
