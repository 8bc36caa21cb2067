"""What a database's own errors mean to whoever runs Paperboy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from bot.errors import StorageError

_CANNOT_OPEN = (
    "cannot be opened.",
    "Create its folder and make it readable and writable, or set PAPERBOY_DATABASE_URL to another place.",
)
_READ_ONLY = (
    "cannot be written.",
    "Make the file and its folder writable for this user, or set PAPERBOY_DATABASE_URL to another place.",
)
_DAMAGED = ("is damaged.", "Put back a copy that `paperboy db backup` made.")
# https://www.sqlite.org/rescode.html, by the beginning of the code's name; the first that fits counts.
_MEANINGS = {
    "SQLITE_BUSY": ("is held by another process.", "Wait until it has finished, or stop it, and try again."),
    "SQLITE_LOCKED": (
        "is held by another process.",
        "Wait until it has finished, or stop it, and try again.",
    ),
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


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn the driver's errors on `what`, such as “The database paperboy.db”, into StorageError.

    An error that only a mistake of this program can cause passes as it is.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        origin = error.orig if isinstance(error, DBAPIError) else error
        code = str(getattr(origin, "sqlite_errorname", ""))
        meaning = next((told for start, told in _MEANINGS.items() if code.startswith(start)), None)
        if meaning is None:
            raise
        problem, mend = meaning
        raise StorageError(f"{what} {problem}", mend) from error
