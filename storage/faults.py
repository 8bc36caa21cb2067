"""What a database's own errors mean to whoever runs Paperboy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.errors import StorageError

_CANNOT_OPEN = (
    "cannot be opened.",
    "Create its folder and make it readable and writable, or set PAPERBOY_DATABASE_URL to another place.",
)
_READ_ONLY = (
    "cannot be written.",
    "Make the file and its folder writable for this user, or set PAPERBOY_DATABASE_URL to another place.",
)
_HELD = ("is locked by another process.", "Wait until it has finished, or stop it, and try again.")
_DAMAGED = ("is damaged.", "Restore a copy made with `paperboy db backup`.")
# https://www.sqlite.org/rescode.html, by the beginning of the code's name; the first that fits counts.
_MEANINGS = {
    "SQLITE_BUSY": _HELD,
    "SQLITE_LOCKED": _HELD,
    "SQLITE_FULL": ("cannot grow: the disk is full.", "Free some space; nothing that was stored is lost."),
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_CANTOPEN": _CANNOT_OPEN,
    "SQLITE_NOTADB": (
        "is not a database.",
        "Move that file away, or set PAPERBOY_DATABASE_URL to another place.",
    ),
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_IOERR": (
        "cannot be read or written: the disk reports an error.",
        "Look at the disk and its free space; a network folder cannot hold the database.",
    ),
}
_REFUSED = (
    "refuses the user or the password.",
    "Correct them in PAPERBOY_DATABASE_URL: postgresql+psycopg://user:password@host/database.",
)
_MISSING = (
    "does not exist.",
    "Create it: createdb, or CREATE DATABASE, with a user who may make tables in it.",
)
_NOT_LET_IN = ("does not let this user in.", "Grant it the tables: make it the owner of the database.")
_BUSY = ("has no connection left.", "Stop some processes, or raise the server's max_connections.")
_STOPPED = ("has stopped, or is starting.", "Try again when the server runs.")
_AWAY = (
    "cannot be reached.",
    "Start the server, and see that PAPERBOY_DATABASE_URL names its host and port.",
)
# https://www.postgresql.org/docs/current/errcodes-appendix.html, by the beginning of the code; the first that
# fits counts.
_SQL_STATES = {
    "28": _REFUSED,
    "3D000": _MISSING,
    "25006": (
        "cannot be written: the server is read-only.",
        "Name the primary server in PAPERBOY_DATABASE_URL, or end its read-only mode.",
    ),
    "42501": _NOT_LET_IN,
    "53100": ("cannot grow: the server's disk is full.", "Free some space; nothing that was stored is lost."),
    "53300": _BUSY,
    "55P03": _HELD,
    "40": _HELD,
    "57014": ("took too long.", "Try again, or raise the server's statement_timeout."),
    "57P": _STOPPED,
    "08": _AWAY,
    "58030": ("cannot be read or written: the server's disk reports an error.", "Look at the server's disk."),
    "XX00": ("is damaged.", "Restore a copy made with pg_dump or `paperboy db export`."),
}
# What the server says while connecting comes without a code.
_WHILE_CONNECTING = {
    "authentication failed": _REFUSED,
    "no password supplied": _REFUSED,
    "role ": _REFUSED,
    "no pg_hba.conf entry": _REFUSED,
    "the database system ": _STOPPED,
    "permission denied": _NOT_LET_IN,
    "database ": _MISSING,
    "too many clients": _BUSY,
    "connection slots": _BUSY,
}


@contextmanager
def explain_faults(what: str) -> Iterator[None]:
    """Turn the driver's errors on `what`, such as “The database paperboy.db”, into StorageError.

    An error that only a mistake of this program can cause passes as it is.
    """
    try:
        yield
    except PoolTimeoutError as error:
        raise StorageError(f"{what} {_BUSY[0]}", _BUSY[1]) from error
    except (DBAPIError, sqlite3.Error, psycopg.Error) as error:
        origin = error.orig if isinstance(error, DBAPIError) else error
        meaning = _of_postgresql(origin) if isinstance(origin, psycopg.Error) else _of_sqlite(origin)
        if meaning is None:
            raise
        problem, hint = meaning
        raise StorageError(f"{what} {problem}", hint) from error


def _of_sqlite(error: BaseException | None) -> tuple[str, str] | None:
    code = str(getattr(error, "sqlite_errorname", ""))
    return next((told for start, told in _MEANINGS.items() if code.startswith(start)), None)


def _of_postgresql(error: psycopg.Error) -> tuple[str, str] | None:
    if error.sqlstate is not None:
        return next((told for start, told in _SQL_STATES.items() if error.sqlstate.startswith(start)), None)
    if not isinstance(error, psycopg.OperationalError):
        return None
    said = str(error).partition("FATAL:")[2]
    return next((told for part, told in _WHILE_CONNECTING.items() if part in said), _AWAY)
