"""Emptied databases instead of new ones: making and dropping one takes PostgreSQL 100 to 240 ms, emptying 5.

A database goes back to what the migrations left: its rows and the state of its sequences. One in which a test
changed the schema is not taken again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

_FINGERPRINT = """
SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
  SELECT concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull, a.attnum) AS line
    FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
   WHERE c.relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', conname, contype, convalidated) FROM pg_constraint
   WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', proname, md5(prosrc)) FROM pg_proc
   WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT extname FROM pg_extension
) AS lines
"""
_OTHERS_END = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
_SEQUENCES = "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences"


@dataclass(frozen=True, slots=True)
class Pristine:
    """What a database with Paperboy's schema holds before anything is done with it."""

    fingerprint: str
    tables: tuple[str, ...]
    rows: dict[str, str]
    """As JSON, of the tables that have any."""
    sequences: tuple[tuple[str, int, bool], ...]

    @classmethod
    def of(cls, url: str) -> Pristine:
        """Of the database of `url`."""
        with _connected(url) as connection:
            tables = tuple(_column(connection, _TABLES))
            rows = {}
            for table in tables:
                found = _one(connection, f"SELECT json_agg(t)::text FROM {table} t")  # noqa: S608
                if found is not None:
                    rows[table] = str(found)
            sequences = tuple((str(a), int(b), bool(c)) for a, b, c in _all(connection, _SEQUENCES))
            return cls(str(_one(connection, _FINGERPRINT)), tables, rows, sequences)

    def restore(self, url: str) -> bool:
        """Make a database so again, without anybody connected to it; False where its schema is another."""
        with _connected(url) as connection:
            _all(connection, _OTHERS_END)
            if _one(connection, _FINGERPRINT) != self.fingerprint:
                return False
            asked = " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})"  # noqa: S608
                for table in self.tables
            )
            if filled := _column(connection, asked):
                # Deleted rows would stay in the files, which nobody cleans up: autovacuum is off.
                connection.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
            for table, rows in self.rows.items():
                connection.execute(
                    f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s)",  # noqa: S608
                    (rows,),
                )
            for statement in self._positions():
                connection.execute(statement)
        return True

    def _positions(self) -> Iterator[str]:
        calls = [f"setval('{name}', {value}, {is_called})" for name, value, is_called in self.sequences]
        if calls:
            yield f"SELECT {', '.join(calls)}"


@contextmanager
def _connected(url: str) -> Iterator[Connection[TupleRow]]:
    """A connection of its own, in no transaction; without SQLAlchemy, whose first questions take longer."""
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        yield connection


def _all(connection: Connection[TupleRow], statement: str) -> list[tuple[Any, ...]]:
    return connection.execute(statement).fetchall()


def _column(connection: Connection[TupleRow], statement: str) -> list[str]:
    return [str(row[0]) for row in _all(connection, statement)]


def _one(connection: Connection[TupleRow], statement: str) -> object:
    return _all(connection, statement)[0][0]
