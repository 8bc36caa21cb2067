"""Connections to SQLite, set as measured to be safe for several processes and a power cut."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import SettingsError

READ_ONLY = {"paperboy_begin": "BEGIN"}
"""Execution options of a connection that only reads: it waits for no writer."""

_MEND = "Set PAPERBOY_DATABASE_URL to a file: sqlite:///paperboy.db."


def sqlite_url(text: str) -> URL:
    """Read a database's URL.

    Raises SettingsError where it is not that of a SQLite file; the URL, which may hold a password, is not in
    it.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError("PAPERBOY_DATABASE_URL is not the URL of a database.", _MEND) from None
    if url.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise SettingsError(f"Paperboy cannot use a database of the kind {url.drivername}.", _MEND)
    if url.database in {None, "", ":memory:"} or url.query:
        raise SettingsError("PAPERBOY_DATABASE_URL names no file.", _MEND)
    return url


def build(url: URL, lock_seconds: float, *, foreign_keys: bool = True) -> Engine:
    """An engine for the database of `url`. It connects when it is first used.

    A transaction takes the write lock when it begins, and waits for it up to `lock_seconds`: one that reads
    first and writes later would fail where another has written in between, without any wait.
    """
    engine = create_engine(
        url, connect_args={"timeout": lock_seconds, "isolation_level": None}, max_overflow=-1
    )

    @event.listens_for(engine, "connect")
    def _set(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        # With NORMAL a power cut may take back that a message was sent, and it would be posted twice.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA foreign_keys = {int(foreign_keys)}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(
            connection.get_execution_options().get("paperboy_begin", "BEGIN IMMEDIATE")
        )

    return engine
