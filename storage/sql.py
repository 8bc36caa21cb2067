"""Papers to rows and back, and what the modules share of SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import ARRAY, ColumnElement, CursorResult, Insert, Table, any_, func, literal
from sqlalchemy import select as columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from bot.papers.identity import PaperId
from bot.papers.paper import Paper, Signals
from storage.tables import PaperIdRow, PaperRow, Row

CHUNK = 500
"""Values in one IN list: far below SQLite's 32,766 parameters a statement."""

T = TypeVar("T")
_NAMES = select(col(PaperIdRow.value), col(PaperIdRow.paper_id))
_PAPERS = columns(PaperRow.metadata.tables[str(PaperRow.__tablename__)])


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """`items` in lists of `size`, the last one shorter."""
    held = list(items)
    return (held[start : start + size] for start in range(0, len(held), size))


def table_of(row: type[Row]) -> Table:
    """The table behind a row class, for statements on many rows at once."""
    return row.metadata.tables[str(row.__tablename__)]


def among(session: Session, column: Mapped[T], values: Sequence[T]) -> ColumnElement[bool]:
    """Whether `column` is one of `values`.

    PostgreSQL gets them as one array: its driver goes through the text of a list of hundreds each time.
    """
    if _on_sqlite(session):
        return column.in_(values)
    return column == any_(literal(values, ARRAY(cast("ColumnElement[T]", column).type)))


def insert_all(session: Session, row: type[Row], values: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all fill the same columns, of which none is JSON.

    PostgreSQL copies them from one stream, which costs it half of a statement for each row.
    """
    if not values:
        return
    table = table_of(row)
    if _on_sqlite(session):
        session.connection().execute(table.insert(), values)
        return
    names = list(values[0])
    told = SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(table.name), SQL(", ").join(map(Identifier, names))
    )
    driver = cast("psycopg.Connection", session.connection().connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy(told) as copy:
        for one in values:
            copy.write_row([one[name] for name in names])


def insert_into(session: Session, row: type[Row]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT to which an ON CONFLICT can be added."""
    return sqlite.insert(table_of(row)) if _on_sqlite(session) else postgresql.insert(table_of(row))


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


def insert_returning(
    session: Session, row: type[Row], values: Sequence[Mapping[str, Any]], column: str
) -> list[Any]:
    """As `insert_new`; returns `column` of the rows that were inserted."""
    if not values:
        return []
    new, table = insert_into(session, row), table_of(row)
    if _on_sqlite(session):
        returned = new.on_conflict_do_nothing().returning(table.c[column])
        return list(session.execute(returned, values).scalars())
    # As in `among`; a stream cannot leave out rows that stand there.
    names = list(values[0])
    arrays = [literal([one[name] for one in values], ARRAY(table.c[name].type)) for name in names]
    told = columns(func.unnest(*arrays).table_valued(*names).render_derived())
    returned = new.from_select(names, told).on_conflict_do_nothing().returning(table.c[column])
    return list(session.execute(returned).scalars())


def paper_id(text: str) -> PaperId:
    """Read what `str(PaperId)` wrote into a row."""
    scheme, _, value = text.partition(":")
    return PaperId(scheme, value)


def _on_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def paper_of(row: PaperRow | Any, names: Iterable[str] = ()) -> Paper:
    """The paper of a row, or of its columns; `names` are the texts of all its ids."""
    return Paper(
        id=paper_id(row.key),
        title=row.title,
        abstract=row.abstract,
        authors=tuple(row.authors),
        categories=tuple(row.categories),
        published=row.published,
        version=row.version,
        aliases=tuple(sorted(paper_id(name) for name in names if name != row.key)),
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
        for value, row_id in session.exec(_NAMES.where(among(session, col(PaperIdRow.value), chunk)))
    }


def papers_of(session: Session, ids: Iterable[int]) -> dict[int, Paper]:
    """The papers of these row ids, by row id."""
    found: dict[int, Paper] = {}
    for chunk in chunks(dict.fromkeys(ids)):
        names = _names_of(session, chunk)
        for row in session.execute(_PAPERS.where(among(session, col(PaperRow.id), chunk))):
            found[row.id] = paper_of(row, names[row.id])
    return found


def load(session: Session, ids: Iterable[int]) -> dict[int, tuple[PaperRow, Paper]]:
    """As `papers_of`, each with its row, to be changed."""
    found: dict[int, tuple[PaperRow, Paper]] = {}
    for chunk in chunks(dict.fromkeys(ids)):
        names = _names_of(session, chunk)
        for row in session.exec(select(PaperRow).where(among(session, col(PaperRow.id), chunk))):
            found[row.id] = (row, paper_of(row, names[row.id]))
    return found


def _names_of(session: Session, rows: Sequence[int]) -> dict[int, list[str]]:
    """The texts of each row's ids."""
    names: dict[int, list[str]] = defaultdict(list)
    for value, row_id in session.exec(_NAMES.where(among(session, col(PaperIdRow.paper_id), rows))):
        names[row_id].append(value)
    return names
