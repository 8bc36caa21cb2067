"""The database: what `bot.bootstrap` builds, and the `Store` of `bot.ports`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from bot.errors import StorageError
from storage import engine, schema
from storage.channels import StoredChannels
from storage.digests import StoredDigests
from storage.faults import explained
from storage.installations import StoredInstallations
from storage.marks import StoredMarks
from storage.papers import StoredPapers
from storage.sealing import Sealer
from storage.vector_memory import VectorMemory
from storage.vectors import StoredVectors

LOCK_SECONDS = 30.0
"""How long a transaction waits for another process before it gives up."""


@dataclass(frozen=True, slots=True)
class StoredTransaction:
    """The stores of one session."""

    papers: StoredPapers
    channels: StoredChannels
    digests: StoredDigests
    installations: StoredInstallations
    marks: StoredMarks
    vectors: StoredVectors


class Database:
    """A SQLite file. Nothing is opened before it is used; threads may share it, and processes the file."""

    def __init__(self, url: str, lock_seconds: float = LOCK_SECONDS, secret_keys: Sequence[str] = ()) -> None:
        """Take the database of `url`: `sqlite:///paperboy.db`, and the keys that seal its secrets.

        Raises SettingsError where the URL is not that of a SQLite file, or a key is unusable.
        """
        self._url = engine.sqlite_url(url)
        self._lock_seconds = lock_seconds
        self._engine = engine.build(self._url, lock_seconds)
        self._sealer = Sealer(secret_keys)
        self._memory = VectorMemory()
        self._what = f"The database {self._url.database}"

    @contextmanager
    def begin(self) -> Iterator[StoredTransaction]:
        """A transaction, which commits at its end and rolls back on an error.

        Raises StorageError.
        """
        with explained(self._what), Session(self._engine) as session, session.begin():
            # Take the lock now: what is decided inside rests on what is read inside.
            session.connection()
            yield StoredTransaction(
                StoredPapers(session),
                StoredChannels(session),
                StoredDigests(session),
                StoredInstallations(session, self._sealer),
                StoredMarks(session),
                StoredVectors(session, self._memory),
            )

    def upgrade(self) -> None:
        """Bring the schema, and the full-text index, to this program's version.

        Raises StorageError.
        """
        # Foreign keys are off, since a step that rebuilds a table drops it, and would drop its children too.
        migrating = engine.build(self._url, self._lock_seconds, foreign_keys=False)
        try:
            with explained(self._what), Session(migrating) as session, session.begin():
                schema.upgrade(session, self._what)
        finally:
            migrating.dispose()

    def check(self) -> None:
        """See that the database can be read and has this program's schema.

        Raises StorageError.
        """
        reading = self._engine.execution_options(**engine.READ_ONLY)
        with explained(self._what), reading.connect() as connection:
            schema.check(connection, self._what)

    def backup(self, path: Path) -> None:
        """Copy the database as it stands into a new file, while others go on using it.

        Raises StorageError.
        """
        if path.exists():
            raise StorageError(f"{path} exists already.", "Name a file that does not.")
        self.check()
        with closing(self._engine.raw_connection()) as source, explained(f"The copy {path}"):
            try:
                with closing(sqlite3.connect(path)) as target:
                    # SQLite's online backup: https://www.sqlite.org/backup.html.
                    source.driver_connection.backup(target)  # type: ignore[union-attr]
                    target.execute("PRAGMA journal_mode = DELETE")
            except sqlite3.Error:
                # Half a copy would look like one.
                path.unlink(missing_ok=True)
                raise

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()
