"""The database: what `bot.bootstrap` builds, and the `Store` of `bot.ports.store`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from bot.errors import StorageError
from storage import changes, engine, full_text, pgvector, schema
from storage import export_import as moving
from storage.channels import StoredChannels
from storage.digests import StoredDigests
from storage.encryption import Sealer
from storage.export_import import Moved
from storage.faults import explain_faults
from storage.index_folder import derived_folder
from storage.installations import StoredInstallations
from storage.locks import lock_papers
from storage.one_time_marks import StoredOneTimeMarks
from storage.outbox import StoredOutbox
from storage.papers import StoredPapers
from storage.rate_limits import StoredRateLimits, StoredSourcePolls
from storage.ratings import StoredRatings
from storage.retention import StoredRetention
from storage.saved import StoredReadingLists
from storage.vector_file import VectorFile
from storage.vectors import StoredVectors

LOCK_SECONDS = 30.0
"""How long a transaction waits for another process before it gives up."""


@dataclass(frozen=True, slots=True)
class StoredTransaction:
    """The stores of one session."""

    papers: StoredPapers
    channels: StoredChannels
    digests: StoredDigests
    ratings: StoredRatings
    reading_lists: StoredReadingLists
    outbox: StoredOutbox
    rate_limits: StoredRateLimits
    source_polls: StoredSourcePolls
    retention: StoredRetention
    installations: StoredInstallations
    marks: StoredOneTimeMarks
    vectors: StoredVectors


class Database:
    """A SQLite file or a PostgreSQL database. Nothing is opened before it is used.

    Threads may share this object, and processes the database.
    """

    def __init__(
        self,
        url: str,
        lock_seconds: float = LOCK_SECONDS,
        secret_keys: Sequence[str] = (),
        search_folder: str = "",
    ) -> None:
        """Take the database of `url`, as PAPERBOY_DATABASE_URL names it, and the keys that seal its secrets.

        `search_folder` is where the file of its vectors is kept, as PAPERBOY_SEARCH_FOLDER names it. Raises
        SettingsError where the URL or a key is unusable.
        """
        self._url = engine.database_url(url)
        self._lock_seconds = lock_seconds
        self._engine = engine.build(self._url, lock_seconds)
        self._sealer = Sealer(secret_keys)
        self._vectors = VectorFile(derived_folder(url, search_folder) / "vectors")
        self._what = engine.place(self._url)

    @contextmanager
    def begin(self) -> Iterator[StoredTransaction]:
        """A transaction, which commits at its end and rolls back on an error.

        Raises StorageError.
        """
        with self._session(self._engine) as session:
            yield self._stores_of(session)

    @contextmanager
    def read(self) -> Iterator[StoredTransaction]:
        """A transaction that writes nothing, waits for no writer, and sees everything as of its first look.

        Raises StorageError, also for a write.
        """
        with self._session(engine.reading_engine(self._engine)) as session:
            yield self._stores_of(session)

    @contextmanager
    def _session(self, connecting: Engine) -> Iterator[Session]:
        with explain_faults(self._what), Session(connecting) as session, session.begin():
            # Take the lock now: what is decided inside rests on what is read inside.
            session.connection()
            yield session

    def _stores_of(self, session: Session) -> StoredTransaction:
        return StoredTransaction(
            StoredPapers(session),
            StoredChannels(session),
            StoredDigests(session),
            StoredRatings(session),
            StoredReadingLists(session),
            StoredOutbox(session),
            StoredRateLimits(session),
            StoredSourcePolls(session),
            StoredRetention(session),
            StoredInstallations(session, self._sealer),
            StoredOneTimeMarks(session),
            StoredVectors(session, self._vectors),
        )

    def upgrade(self) -> None:
        """Bring the schema and the full-text index to this program's version; what is at it is only read.

        Raises StorageError.
        """
        with self._session(engine.reading_engine(self._engine)) as session:
            if schema.is_current(session):
                return
        # Foreign keys are off, since a step that rebuilds a table drops it, and would drop its children too.
        migrating = engine.build(self._url, self._lock_seconds, foreign_keys=False)
        try:
            with explain_faults(self._what), Session(migrating) as session, session.begin():
                schema.upgrade(session, self._what)
        finally:
            migrating.dispose()

    def check(self) -> None:
        """See that the database can be read and has this program's schema.

        Raises StorageError.
        """
        with explain_faults(self._what), engine.reading_engine(self._engine).connect() as connection:
            schema.check(connection, self._what)

    def backup(self, path: Path) -> None:
        """Copy the database as it stands into a new file, while others go on using it.

        Raises StorageError; PostgreSQL has tools of its own.
        """
        if not engine.is_file(self._url):
            raise StorageError(
                f"{self._what} is no file that could be copied.",
                "Use pg_dump, or `paperboy db export`.",
            )
        self.check()
        _make_folder(path)
        with closing(self._engine.raw_connection()) as source, explain_faults(f"The copy {path}"):
            try:
                with closing(sqlite3.connect(path)) as target:
                    # SQLite's online backup: https://www.sqlite.org/backup.html.
                    source.driver_connection.backup(target)  # type: ignore[union-attr]
                    target.execute("PRAGMA journal_mode = DELETE")
                    changes.rename(target)
            except BaseException:
                # Half a copy would look like one.
                path.unlink(missing_ok=True)
                raise

    def export(self, write: Callable[[str], object]) -> Iterator[Moved]:
        """Write the whole installation as of now through `write`, line by line; a result a table.

        Raises StorageError.
        """
        with explain_faults(self._what), engine.reading_engine(self._engine).connect() as connection:
            schema.check(connection, self._what)
            yield from moving.export(connection, schema.head(), write)

    def load(self, lines: Iterable[str]) -> Iterator[Moved]:
        """Take what `export` wrote into this database, which must be empty; a result a table, read back.

        All of it is stored when the last result has been taken, and nothing before. Raises StorageError.
        """
        with explain_faults(self._what), Session(self._engine) as session, session.begin():
            lock_papers(session)
            yield from moving.load(session.connection(), schema.head(), lines)
            full_text.rebuild(session)
            pgvector.rebuild(session)
            changes.go_on(session)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


def _make_folder(path: Path) -> None:
    """Make an empty file. Raises StorageError where there is one, or none can be."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        raise StorageError(f"{path} exists already.", "Choose a file name that does not exist yet.") from None
    except OSError as error:
        hint = "Name a file in a folder that is there and can be written."
        raise StorageError(f"{path} cannot be written: {error.strerror}.", hint) from error
