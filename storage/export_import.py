"""A whole installation as lines of JSON, to move it from one kind of database to the other.

The first line names the schema. Each table follows in an order in which references find their rows: its
columns and the last id that it gave out, a line a row, and how many rows there were with their checksum.
Secrets stay sealed. The full-text index is not among it, since it is made of the papers.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Date, DateTime, LargeBinary, Table, Time, TypeDecorator, func, select, text
from sqlalchemy.exc import InternalError, OperationalError, StatementError
from sqlalchemy.sql.type_api import TypeEngine

from bot.errors import StorageError
from storage.tables import METADATA, MetaRow

FORMAT = "paperboy export 1"
_CHUNK = 1000
_CUT = StorageError("The export is truncated or modified.", "Export it again: paperboy db export.")
_FOREIGN = StorageError(
    "This is not a Paperboy export.",
    "Name a file that `paperboy db export` wrote, unpacked if it was packed.",
)


@dataclass(frozen=True, slots=True)
class Moved:
    """A table that was moved: its rows, and the sum of their SHA-256, whatever their order."""

    table: str
    rows: int
    checksum: str


class _Sum:
    """Counts rows and adds up their hashes."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, line: str) -> None:
        self.rows += 1
        self._sum += int.from_bytes(hashlib.sha256(line.encode()).digest())

    def of(self, table: str) -> Moved:
        return Moved(table, self.rows, f"{self._sum % 2**256:064x}")


def moved_tables() -> list[Table]:
    """Every table but `meta`, which tells of the database itself; what is referred to comes first."""
    return [table for table in METADATA.sorted_tables if table.name != MetaRow.__tablename__]


def export(connection: Connection, revision: str, write: Callable[[str], object]) -> Iterator[Moved]:
    """Write every table through `write`, a line with its end at a time, and tell of each that is done."""
    write(_line({"format": FORMAT, "revision": revision}))
    for table in moved_tables():
        head = {"table": table.name, "columns": list(table.columns.keys()), "last": _last(connection, table)}
        write(_line(head))
        total = _Sum()
        for line in _rows(connection, table):
            total.add(line)
            write(line)
        done = total.of(table.name)
        write(_line({"rows": done.rows, "checksum": done.checksum}))
        yield done


def load(connection: Connection, revision: str, lines: Iterable[str]) -> Iterator[Moved]:
    """Fill the tables, which must be empty, and tell of each that is done and reads back as it was.

    Raises StorageError where the export is of another schema, damaged, or not one, and where the database
    holds something.
    """
    told = iter(lines)
    with _or(_FOREIGN):
        head = _read(next(told, ""))
    _check_head(head, revision)
    _check_empty(connection)
    for table in moved_tables():
        with _or(_CUT):
            done = _load(connection, table, told)
        yield done
    if next(told, ""):
        raise _CUT


@contextmanager
def _or(problem: StorageError) -> Iterator[None]:
    """Raise `problem` for what cannot be read, or does not fit into its table."""
    try:
        yield
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise problem from error
    except StatementError as error:
        # These are the database's own troubles, with mends of their own.
        if isinstance(error, OperationalError | InternalError):
            raise
        raise problem from error


def _load(connection: Connection, table: Table, told: Iterator[str]) -> Moved:
    head = _read(next(told, ""))
    if head.get("table") != table.name or head.get("columns") != list(table.columns.keys()):
        raise _CUT
    end = _fill(connection, table, told)
    _go_on_from(connection, table, head.get("last"))
    back = _Sum()
    for line in _rows(connection, table):
        back.add(line)
    done = back.of(table.name)
    if (end.get("rows"), end.get("checksum")) != (done.rows, done.checksum):
        raise _CUT
    return done


def _check_head(head: Mapping[str, Any], revision: str) -> None:
    if head.get("format") != FORMAT:
        raise _FOREIGN
    if head.get("revision") != revision:
        raise StorageError(
            f"The export is of the schema {head.get('revision')}, and this Paperboy has {revision}.",
            "Export and import with the same version of Paperboy.",
        )


def _check_empty(connection: Connection) -> None:
    for table in moved_tables():
        if connection.execute(select(table).limit(1)).first() is not None:
            raise StorageError(
                f"The database is not empty: there are {table.name}.",
                "Set PAPERBOY_DATABASE_URL to a new one.",
            )


def _fill(connection: Connection, table: Table, lines: Iterator[str]) -> dict[str, Any]:
    """Insert rows up to the line that ends them, and return that."""
    end: dict[str, Any] = {}
    readers = [(column.name, _reader(column.type)) for column in table.columns]

    def rows() -> Iterator[dict[str, Any]]:
        for line in chain(lines, [""]):
            if not line.startswith("["):
                end.update(_read(line))
                return
            values = _values(line, len(readers))
            yield {name: read(value) for (name, read), value in zip(readers, values, strict=True)}

    for chunk in _chunks(rows()):
        connection.execute(table.insert(), chunk)
    return end


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """`rows` in lists, without ever holding more than one."""
    held: list[dict[str, Any]] = []
    for row in rows:
        held.append(row)
        if len(held) == _CHUNK:
            yield held
            held = []
    if held:
        yield held


def _rows(connection: Connection, table: Table) -> Iterator[str]:
    """The lines of a table's rows."""
    found = connection.execute(select(table), execution_options={"yield_per": _CHUNK})
    return (_line([_as_json_value(value) for value in row]) for row in found)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


def _as_json_value(value: object) -> object:
    if isinstance(value, date | time):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _reader(type_: TypeEngine[Any]) -> Callable[[Any], Any]:
    """What makes of a JSON value what a column of this type takes."""
    kind = type_.impl_instance if isinstance(type_, TypeDecorator) else type_
    readers: dict[type, Callable[[Any], Any]] = {
        DateTime: datetime.fromisoformat,
        Date: date.fromisoformat,
        Time: time.fromisoformat,
        LargeBinary: base64.b64decode,
    }
    read = next((read for known, read in readers.items() if isinstance(kind, known)), None)
    return lambda value: value if value is None or read is None else read(value)


def _read(line: str) -> dict[str, Any]:
    value = json.loads(line)
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value


def _values(line: str, columns: int) -> list[Any]:
    value = json.loads(line)
    if len(value) != columns:
        raise ValueError("another number of columns")
    return list(value)


def _has_sequence(table: Table) -> bool:
    """Whether the database gives out the table's ids."""
    column = table.autoincrement_column
    return column is not None and not column.foreign_keys


def _last(connection: Connection, table: Table) -> int:
    """The last id that was given out, also where its row is gone: no other row may have it."""
    if not _has_sequence(table):
        return 0
    highest = connection.scalar(select(func.max(table.c.id))) or 0
    if connection.dialect.name == "sqlite":
        seen = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        given = connection.scalar(seen, {"name": table.name})
    else:
        given = connection.scalar(text(f"SELECT last_value FROM {_sequence(table)} WHERE is_called"))  # noqa: S608
    return max(highest, given or 0)


def _go_on_from(connection: Connection, table: Table, last: object) -> None:
    """Let the ids that the database gives out go on after `last`."""
    if not isinstance(last, int) or last < 1 or not _has_sequence(table):
        return
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.setval(_sequence(table), last)))
    elif table.dialect_options["sqlite"]["autoincrement"]:
        name = {"name": table.name, "last": last}
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), name)
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), name)


def _sequence(table: Table) -> str:
    # As PostgreSQL calls the sequence of a SERIAL column.
    return f"{table.name}_id_seq"
