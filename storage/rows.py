"""Papers to rows and back, and what the modules share of SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from bot.papers.identity import PaperId
from bot.papers.paper import Paper, Signals
from storage.tables import PaperIdRow, PaperRow, Row

CHUNK = 500
"""Values in one IN list: far below SQLite's 32,766 parameters a statement."""

T = TypeVar("T")
_NAMES = select(col(PaperIdRow.value), col(PaperIdRow.paper_id))


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """`items` in lists of `size`, the last one shorter."""
    held = list(items)
    return (held[start : start + size] for start in range(0, len(held), size))


def table_of(row: type[Row]) -> Table:
    """The table behind a row class, for statements on many rows at once."""
    return row.metadata.tables[str(row.__tablename__)]


def insert_into(session: Session, row: type[Row]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT to which an ON CONFLICT can be added."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(table_of(row)) if on_sqlite else postgresql.insert(table_of(row))


def insert_new(session: Session, row: type[Row], values: Sequence[Mapping[str, Any]]) -> int:
    """Insert what no unique constraint stands against, and return how many rows that were."""
    if not values:
        return 0
    statement = insert_into(session, row).on_conflict_do_nothing()
    return _count(session, statement, values)


def put(session: Session, row: type[Row], values: Mapping[str, Any], where: Any = None) -> bool:
    """Insert a row, or replace the one of its primary key; False where that one is not as `where` asks."""
    new = insert_into(session, row)
    keys = [column.name for column in table_of(row).primary_key]
    statement = new.on_conflict_do_update(
        index_elements=keys,
        set_={name: new.excluded[name] for name in values if name not in keys},
        where=where,
    )
    return _count(session, statement, [values]) == 1


def _count(session: Session, statement: Insert, values: Sequence[Mapping[str, Any]]) -> int:
    """Run an INSERT; how many rows it inserted or replaced."""
    counted = statement.execution_options(preserve_rowcount=True)
    return cast("CursorResult[Any]", session.execute(counted, values)).rowcount


def added(session: Session, row: type[Row], values: Sequence[Mapping[str, Any]], column: str) -> list[Any]:
    """As `insert_new`; returns `column` of the rows that were inserted."""
    if not values:
        return []
    statement = insert_into(session, row).on_conflict_do_nothing()
    returned = statement.returning(table_of(row).c[column])
    return list(session.execute(returned, values).scalars())


def paper_id(text: str) -> PaperId:
    """Read what `str(PaperId)` wrote into a row."""
    scheme, _, value = text.partition(":")
    return PaperId(scheme, value)


def paper_of(row: PaperRow, aliases: Iterable[PaperId] = ()) -> Paper:
    """The paper of a row."""
    return Paper(
        id=paper_id(row.key),
        title=row.title,
        abstract=row.abstract,
        authors=tuple(row.authors),
        categories=tuple(row.categories),
        published=row.published,
        version=row.version,
        aliases=tuple(sorted(aliases)),
        signals=Signals(row.upvotes, row.stars),
        summary=row.summary,
        code_url=row.code_url,
        summary_by=row.summary_by,
    )


def paper_values(paper: Paper) -> dict[str, Any]:
    """The columns that a paper fills; its aliases have a table of their own."""
    return {
        "key": str(paper.id),
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "published": paper.published,
        "version": paper.version,
        "upvotes": paper.signals.upvotes,
        "stars": paper.signals.stars,
        "summary": paper.summary,
        "code_url": paper.code_url,
        "summary_by": paper.summary_by,
    }


def row_ids(session: Session, ids: Iterable[PaperId]) -> dict[str, int]:
    """The row of each id or alias that is stored, by its text."""
    return {
        value: row_id
        for chunk in chunks(dict.fromkeys(map(str, ids)))
        for value, row_id in session.exec(_NAMES.where(col(PaperIdRow.value).in_(chunk)))
    }


def load(session: Session, ids: Iterable[int]) -> dict[int, tuple[PaperRow, Paper]]:
    """The rows of these row ids, each with its paper, by row id."""
    found: dict[int, tuple[PaperRow, Paper]] = {}
    for chunk in chunks(dict.fromkeys(ids)):
        named = defaultdict(list)
        for value, row_id in session.exec(_NAMES.where(col(PaperIdRow.paper_id).in_(chunk))):
            named[row_id].append(value)
        for row in session.exec(select(PaperRow).where(col(PaperRow.id).in_(chunk))):
            aliases = [paper_id(value) for value in named[row.id] if value != row.key]
            found[row.id] = (row, paper_of(row, aliases))
    return found
