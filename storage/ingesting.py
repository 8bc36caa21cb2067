"""Storing a batch: which works it tells of, what that changes, and which of them are to be matched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce

from sqlmodel import Session, col, select

from bot.papers.batches import freshest_kind
from bot.papers.paper import AnnouncementKind, Batch, IngestedBatch, Paper, Signals
from bot.papers.same_work import merge_records
from storage import changes, full_text, signals
from storage.batches import note_batch
from storage.linking import Linked, link_records
from storage.locks import lock_papers
from storage.merge_papers import absorb
from storage.sql import chunks, insert_new, load, paper_values, row_ids
from storage.tables import AnnouncementRow, PaperIdRow, PaperRow


@dataclass(slots=True)
class Work:
    """A work of the batch: as it was stored, where it was, and as it is now."""

    paper: Paper
    kind: AnnouncementKind
    stored: Paper | None
    row: PaperRow
    listed: Sequence[AnnouncementRow]
    """Its announcements before this batch."""
    joined: bool = False
    """Whether it was stored as several papers, which are one from now on."""

    def to_match(self, source: str) -> bool:
        """Whether a topic may fit the work now that did not before, by more than a new version's text.

        A work that was never announced as fresh is none to tell of.
        """
        fresh_in = {row.source for row in self.listed if AnnouncementKind(row.kind).is_fresh}
        if self.stored is None or not fresh_in:
            return self.kind.is_fresh
        if self.joined or self.stored.signals != self.paper.signals:
            return True
        recategorised = self.stored.categories != self.paper.categories
        return self.kind.is_fresh and (source not in fresh_in or recategorised)


def ingest(session: Session, batch: Batch, now: datetime) -> IngestedBatch:
    """Store `batch`. The same batch again changes nothing."""
    lock_papers(session)
    works = _works(session, batch)
    # Decided before storing, which can make an announcement of this day a fresher one.
    due = [work for work in works if work.to_match(batch.source)]
    _store_papers(session, works, batch.day)
    told = {work.row.id: work.paper.signals for work in works if _is_rated_anew(work)}
    signals.note(session, now.date(), told)
    grew = _store_announcements(session, works, batch)
    note_batch(session, batch, now, grew=grew)
    return IngestedBatch(
        announced=len(works),
        new=sum(work.stored is None for work in works),
        to_match=tuple(work.paper for work in due),
        sources={
            work.paper.id: tuple(sorted({batch.source, *(row.source for row in work.listed)})) for work in due
        },
    )


def _works(session: Session, batch: Batch) -> list[Work]:
    """The works that the batch tells of, in its order; stored ones that it links are joined."""
    ids = [(told.paper.id, *told.paper.aliases) for told in batch.announcements]
    rows = row_ids(session, (name for names in ids for name in names))
    groups = link_records([list(map(str, names)) for names in ids], rows)
    stored = load(session, rows.values())
    for group in groups:
        for gone in group.rows[1:]:
            absorb(session, group.rows[0], gone)
    listed = _announcements_of(session, [group.rows[0] for group in groups if group.rows])
    return [_work(batch, group, stored, listed) for group in groups]


def _work(
    batch: Batch,
    group: Linked,
    stored: dict[int, tuple[PaperRow, Paper]],
    listed: dict[int, list[AnnouncementRow]],
) -> Work:
    told = [batch.announcements[position] for position in group.records]
    kind = reduce(freshest_kind, [announcement.kind for announcement in told])
    known = [stored[row_id][1] for row_id in group.rows]
    # The first is merged into itself where nothing is stored: that sorts its aliases.
    paper = reduce(
        merge_records,
        [announcement.paper for announcement in told],
        reduce(merge_records, known or [told[0].paper]),
    )
    if not known:
        return Work(paper, kind, None, PaperRow(announced=batch.day, **paper_values(paper)), [])
    first = group.rows[0]
    return Work(paper, kind, known[0], stored[first][0], listed[first], joined=len(known) > 1)


def _announcements_of(session: Session, rows: Sequence[int]) -> dict[int, list[AnnouncementRow]]:
    """The announcements of each row."""
    listed: dict[int, list[AnnouncementRow]] = defaultdict(list)
    for chunk in chunks(rows):
        for row in session.exec(select(AnnouncementRow).where(col(AnnouncementRow.paper_id).in_(chunk))):
            listed[row.paper_id].append(row)
    return listed


def _store_papers(session: Session, works: Sequence[Work], day: date) -> None:
    """Write what changed of the papers, their ids and their tokens."""
    for work in works:
        days = [day, work.row.announced, *(row.day for row in work.listed)]
        for name, value in {**paper_values(work.paper), "announced": min(days)}.items():
            if getattr(work.row, name) != value:
                setattr(work.row, name, value)
    session.add_all(work.row for work in works)
    session.flush()
    changed = [work for work in works if work.stored != work.paper]
    insert_new(session, PaperIdRow, [name for work in changed for name in _names(work)])
    reworded = [(work.row.id, work.paper) for work in changed if _is_reworded(work)]
    full_text.index(session, reworded)
    changes.note(session, [row_id for row_id, _ in reworded])


def _names(work: Work) -> Iterator[dict[str, object]]:
    for name in (work.paper.id, *work.paper.aliases):
        yield {"value": str(name), "paper_id": work.row.id}


def _is_reworded(work: Work) -> bool:
    """Whether the full-text index holds other words of the work than it has now."""
    old, new = work.stored, work.paper
    return old is None or (old.title, old.abstract, old.authors, old.categories) != (
        new.title,
        new.abstract,
        new.authors,
        new.categories,
    )


def _is_rated_anew(work: Work) -> bool:
    """Whether people made something else of the work than was stored."""
    before = work.stored.signals if work.stored else Signals()
    return work.paper.signals != before


def _store_announcements(session: Session, works: Sequence[Work], batch: Batch) -> bool:
    """Store as what each work was announced; whether one is announced that was not before."""
    new = []
    for work in works:
        key = (batch.source, batch.day)
        known = next((row for row in work.listed if (row.source, row.day) == key), None)
        if known is None:
            new.append(
                {
                    "source": batch.source,
                    "day": batch.day,
                    "paper_id": work.row.id,
                    "kind": work.kind.value,
                }
            )
        elif (kind := freshest_kind(AnnouncementKind(known.kind), work.kind)) != known.kind:
            known.kind = kind.value
    session.flush()
    return insert_new(session, AnnouncementRow, new) > 0
