"""Papers, announcements and batches, as they are asked for; `storage.ingesting` stores a batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.papers.identity import PaperId
from bot.papers.paper import Batch, BatchState, IngestedBatch, Paper, Signals
from bot.search.changes import PaperChange, StorePosition
from bot.search.plan import Hit, Hits, SearchPlan
from bot.search.trending import SignalDay, SignalUpdate
from bot.topics.query import Query
from storage import changes, search_sql, signals, summaries
from storage.batches import (
    announced_before,
    announced_by,
    batch_span,
    batch_states,
    clear_failure,
    complete_days,
    note_failure,
)
from storage.full_text import full_text
from storage.ingesting import ingest
from storage.sql import load, row_ids
from storage.tables import EntryRow, PaperRow


class StoredPapers:
    """`bot.ports.papers.Papers` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ingest_batch(self, batch: Batch, now: datetime) -> IngestedBatch:
        return ingest(self._session, batch, now)

    def announced_before(self, source: str, day: date, papers: Iterable[PaperId]) -> AbstractSet[PaperId]:
        return announced_before(self._session, source, day, papers)

    def source_failed(self, source: str, day: date, problem: str, now: datetime) -> None:
        note_failure(self._session, source, day, problem, now)

    def source_answered(self, source: str, day: date) -> None:
        clear_failure(self._session, source, day)

    def get(self, paper_id: PaperId) -> Hit | None:
        return next(iter(self.hits_of(row_ids(self._session, [paper_id]).values())), None)

    def find(self, plan: SearchPlan, limit: int, offset: int = 0) -> Hits:
        index = full_text(self._session)
        hits = search_sql.hits(index, plan)
        total = self._session.scalar(select(func.count()).select_from(PaperRow).where(hits))
        page = self._session.scalars(search_sql.order_hits(index, plan).limit(limit).offset(offset)).all()
        return Hits(tuple(self.hits_of(page)), total or 0)

    def matching_keys(self, plan: SearchPlan) -> Collection[int]:
        passes = search_sql.filters(full_text(self._session), plan)
        return self._session.scalars(select(PaperRow.id).where(passes)).all()

    def keys_of(self, papers: Iterable[PaperId]) -> Mapping[PaperId, int]:
        wanted = list(papers)
        rows = row_ids(self._session, wanted)
        return {paper: rows[str(paper)] for paper in wanted if str(paper) in rows}

    def hits_of(self, keys: Iterable[int]) -> Sequence[Hit]:
        wanted = list(keys)
        found = load(self._session, wanted)
        sources = announced_by(self._session, wanted)
        return [
            Hit(found[key][1], found[key][0].announced, key, tuple(sources[key]))
            for key in wanted
            if key in found
        ]

    def store_mark(self) -> StorePosition:
        return changes.mark(self._session)

    def changes_since(self, number: int, limit: int) -> Sequence[PaperChange]:
        return changes.since(self._session, number, limit)

    def shown_in(self, channel_id: int, limit: int) -> Sequence[Paper]:
        shown = select(EntryRow.paper_id).where(col(EntryRow.channel_id) == channel_id, col(EntryRow.shown))
        latest = (col(EntryRow.slot).desc(), col(EntryRow.number).desc(), col(EntryRow.rank))
        rows = list(self._session.exec(shown.order_by(*latest).limit(limit)))
        found = load(self._session, rows)
        return [found[row][1] for row in rows]

    def voted_since(self, since: date, topic: Query | None, limit: int) -> Sequence[Hit]:
        upvotes = col(PaperRow.upvotes)
        found = select(PaperRow.id).where(col(PaperRow.announced) >= since, upvotes > 0)
        if topic is not None:
            found = found.where(search_sql.fits(full_text(self._session), topic))
        found = found.order_by(upvotes.desc(), col(PaperRow.id)).limit(limit)
        return self.hits_of(self._session.exec(found))

    def signal_days(self, papers: Iterable[PaperId]) -> Mapping[PaperId, Sequence[SignalDay]]:
        return signals.days(self._session, papers)

    def store_signals(self, told: Mapping[PaperId, Signals], now: datetime) -> Sequence[SignalUpdate]:
        before = signals.rate(self._session, told, now.date())
        return [
            SignalUpdate(before[hit.paper.id], hit) for hit in self.hits_of(self.keys_of(before).values())
        ]

    def papers_without_summary(self, since: date, limit: int) -> Sequence[Paper]:
        return summaries.papers_without_summary(self._session, since, limit)

    def unsummarised_number(self, since: date) -> int:
        return summaries.number_lacking(self._session, since)

    def store_summary(self, paper: Paper, summary: str, by: str) -> bool:
        return summaries.store(self._session, paper, summary, by)

    def stored_batches(self, since: datetime) -> Sequence[BatchState]:
        return batch_states(self._session, since=since)

    def find_batch(self, source: str, day: date) -> BatchState | None:
        return next(iter(batch_states(self._session, key=(source, day))), None)

    def complete_days(self, source: str) -> AbstractSet[date]:
        return complete_days(self._session, source)

    def count_papers(self) -> int:
        return self._session.exec(select(func.count()).select_from(PaperRow)).one()

    def stored_span(self, since: date = date.min) -> tuple[date, date] | None:
        return batch_span(self._session, since)
