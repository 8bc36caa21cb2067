"""What people made of papers, by the days on which that changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlmodel import Session, col, select

from bot.papers.identity import PaperId
from bot.papers.paper import Paper, Signals
from bot.papers.same_work import latest_signals
from bot.search.trending import SignalDay
from storage.locks import lock_papers
from storage.sql import chunks, load, put, row_ids
from storage.tables import SignalDayRow


def note(session: Session, day: date, signals: Mapping[int, Signals]) -> None:
    """The signals of these rows are as follows from `day` on; the last word on a day stands."""
    for row, told in signals.items():
        values = {"paper_id": row, "day": day, "upvotes": told.upvotes, "stars": told.stars}
        put(session, SignalDayRow, values)


def rate(session: Session, told: Mapping[PaperId, Signals], day: date) -> Mapping[PaperId, Paper]:
    """Store the signals of stored papers; as they were before, those of which that changed something."""
    lock_papers(session)
    rows = row_ids(session, told)
    wanted = {rows[str(paper)]: signals for paper, signals in told.items() if str(paper) in rows}
    changed: dict[int, Signals] = {}
    before: dict[PaperId, Paper] = {}
    for row_id, (row, paper) in load(session, wanted).items():
        signals = latest_signals(paper.signals, wanted[row_id])
        if signals != paper.signals:
            row.upvotes, row.stars = signals.upvotes, signals.stars
            changed[row_id], before[paper.id] = signals, paper
    session.flush()
    note(session, day, changed)
    return before


def days(session: Session, papers: Iterable[PaperId]) -> Mapping[PaperId, Sequence[SignalDay]]:
    """The days of each paper that has any, the oldest first."""
    wanted = list(papers)
    rows = row_ids(session, wanted)
    found: dict[int, list[SignalDay]] = defaultdict(list)
    for chunk in chunks(rows.values()):
        query = select(SignalDayRow).where(col(SignalDayRow.paper_id).in_(chunk))
        for row in session.exec(query.order_by(col(SignalDayRow.day))):
            found[row.paper_id].append(SignalDay(row.day, row.upvotes, row.stars))
    return {paper: found[rows[str(paper)]] for paper in wanted if rows.get(str(paper)) in found}
