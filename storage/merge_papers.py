"""Two stored papers that turn out to be one work: one takes over all that hangs on the other."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table, delete, select, tuple_, update
from sqlmodel import Session

from bot.papers.batches import freshest_kind
from bot.papers.paper import AnnouncementKind
from storage import changes, full_text
from storage.sql import table_of
from storage.tables import (
    AnnouncementRow,
    EntryRow,
    MatchRow,
    PaperIdRow,
    PaperRow,
    SignalDayRow,
    WaitingRow,
)


def absorb(session: Session, kept: int, gone: int) -> None:
    """Hang all of row `gone` on row `kept` and delete `gone`; what both have, `kept` keeps.

    The text and signals of `kept` are for the caller to merge.
    """
    _keep_freshest(session, kept, gone)
    announcements = table_of(AnnouncementRow)
    matches, entries = table_of(MatchRow), table_of(EntryRow)
    _move(session, announcements, (announcements.c.source, announcements.c.day), kept, gone)
    _move(session, matches, (matches.c.subscription_id,), kept, gone)
    _move(session, entries, (entries.c.channel_id,), kept, gone)
    signals, waiting = table_of(SignalDayRow), table_of(WaitingRow)
    _move(session, signals, (signals.c.day,), kept, gone)
    _move(session, waiting, (waiting.c.source, waiting.c.day), kept, gone)
    names, papers = table_of(PaperIdRow), table_of(PaperRow)
    session.execute(update(names).where(names.c.paper_id == gone).values(paper_id=kept))
    full_text.forget(session, [gone])
    changes.note(session, [gone])
    session.execute(delete(papers).where(papers.c.id == gone))


def _keep_freshest(session: Session, kept: int, gone: int) -> None:
    """Where one batch listed both, the kept announcement is of the fresher kind."""
    table = table_of(AnnouncementRow)
    other = table.alias()
    both = (table.c.source == other.c.source) & (table.c.day == other.c.day)
    pairs = select(table.c.source, table.c.day, table.c.kind, other.c.kind).join(other, both)
    found = session.execute(pairs.where(table.c.paper_id == kept, other.c.paper_id == gone))
    for source, day, kind, other_kind in found.all():
        key = (table.c.source == source, table.c.day == day, table.c.paper_id == kept)
        kinds = freshest_kind(AnnouncementKind(kind), AnnouncementKind(other_kind))
        session.execute(update(table).where(*key).values(kind=kinds.value))


def _move(
    session: Session, table: Table, unique: Sequence[ColumnElement[object]], kept: int, gone: int
) -> None:
    """Give the rows of `gone` to `kept`, but for those whose `unique` columns a row of `kept` has."""
    taken = select(*unique).where(table.c.paper_id == kept)
    session.execute(delete(table).where(table.c.paper_id == gone, tuple_(*unique).in_(taken)))
    session.execute(update(table).where(table.c.paper_id == gone).values(paper_id=kept))
