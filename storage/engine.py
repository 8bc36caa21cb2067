"""Connections: to a SQLite file, or to PostgreSQL where several machines share the database.

Transactions of SQLite that may write are serial: each takes the one write lock when it begins. Those of
PostgreSQL run beside each other under READ COMMITTED; what is decided on what was read is guarded by row
locks, by constraints, and by the two locks of `storage.locks`. Those that only read wait for nobody.
"""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import SettingsError, StorageError
from storage.locks import READS

CONNECT_SECONDS = 10
POOL = 5
"""Connections that a process keeps to PostgreSQL; up to twice as many more while it is busy."""

_MEND = (
    "Set PAPERBOY_DATABASE_URL to a file, sqlite:///paperboy.db, or to a server, "
    "postgresql+psycopg://user:password@host/database."
)
_IN_UTF8 = "Make one in UTF8: createdb --template template0 --encoding UTF8 --locale C."


def database_url(text: str) -> URL:
    """Read a database's URL.

    Raises SettingsError where it is neither that of a SQLite file nor of PostgreSQL; the URL, which may hold
    a password, is not in it.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError("PAPERBOY_DATABASE_URL is not the URL of a database.", _MEND) from None
    if url.drivername in {"sqlite", "sqlite+pysqlite"}:
        if url.database in {None, "", ":memory:"} or url.query:
            raise SettingsError("PAPERBOY_DATABASE_URL names no file.", _MEND)
        return url
    if url.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        if not url.database:
            raise SettingsError("PAPERBOY_DATABASE_URL names no database.", _MEND)
        return url.set(drivername="postgresql+psycopg")
    raise SettingsError(f"Paperboy cannot use a database of the kind {url.drivername}.", _MEND)


def is_file(url: URL) -> bool:
    """Whether the database is a SQLite file."""
    return url.get_backend_name() == "sqlite"


def place(url: URL) -> str:
    """The database as errors name it: never with the user, the password or an option."""
    if is_file(url):
        return f"The database {url.database}"
    host = url.host or url.query.get("host") or "the local socket"
    return f"The database {url.database} on {host if isinstance(host, str) else ', '.join(host)}"


def build(url: URL, lock_seconds: float, *, foreign_keys: bool = True) -> Engine:
    """An engine for the database of `url`. It connects when it is first used.

    A transaction waits for a lock up to `lock_seconds`. `foreign_keys` can be off on SQLite alone.
    """
    if is_file(url):
        return _sqlite(url, lock_seconds, foreign_keys=foreign_keys)
    return _postgresql(url, lock_seconds)


def reading_engine(engine: Engine) -> Engine:
    """The engine for who only reads: it waits for no writer, and sees everything as of its first look.

    A write fails.
    """
    options: dict[str, Any] = {} if is_file(engine.url) else {"isolation_level": "REPEATABLE READ"}
    return engine.execution_options(**options, **{READS: True})


def _sqlite(url: URL, lock_seconds: float, *, foreign_keys: bool) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": lock_seconds, "isolation_level": None},
        json_deserializer=from_json,
        max_overflow=-1,
    )

    @event.listens_for(engine, "connect")
    def _set(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        # With NORMAL a power cut may take back that a message was sent, and it would be posted twice.
        connection.execute("PRAGMA synchronous = FULL")
        # KiB, of each connection: what is asked for twice is in the memory of the system.
        connection.execute("PRAGMA cache_size = -256")
        connection.execute(f"PRAGMA foreign_keys = {int(foreign_keys)}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(READS, False)
        if reads != connection.info.get(READS, False):
            connection.exec_driver_sql(f"PRAGMA query_only = {int(reads)}")
            connection.info[READS] = reads
        # A transaction that reads first and writes later would fail where another has written in between,
        # without any wait.
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL, lock_seconds: float) -> Engine:
    engine = create_engine(
        url,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "paperboy",
            "client_encoding": "utf8",
        },
        # Not the server's default, which its owner may have changed.
        isolation_level="READ COMMITTED",
        json_deserializer=from_json,
        pool_pre_ping=True,
        pool_size=POOL,
        max_overflow=2 * POOL,
        pool_timeout=lock_seconds,
    )

    @event.listens_for(engine, "connect")
    def _set(connection: Any, _record: object) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            problem = f"{place(url)} has the encoding {encoding}, which cannot keep every paper."
            raise StorageError(problem, _IN_UTF8)
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{round(lock_seconds * 1000)}ms'")
            cursor.execute("SET TIME ZONE 'UTC'")
            # Messages and abstracts are long; the server's own way costs several times as much time.
            cursor.execute(
                "SELECT set_config(name, 'lz4', false) FROM pg_settings"
                " WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
            )
            # Without it a crash of the server may take back that a message was sent, as above.
            cursor.execute(
                "SELECT set_config('synchronous_commit', 'on', false)"
                " WHERE current_setting('synchronous_commit') = 'off'"
            )
        # Else the first transaction's roll-back would take the settings back.
        connection.commit()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Not the driver's own setting: it would stay with the connection, over a server's that is read-only.
        if connection.get_execution_options().get(READS):
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    return engine
