"""Bringing a database to this program's schema, all of it in one transaction."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlmodel import Session

from bot.errors import StorageError
from storage import full_text, pgvector
from storage.locks import lock_schema
from storage.tables import METADATA

_MIGRATIONS = Path(__file__).with_name("migrations")


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration; no file is needed for it."""
    config = Config()
    # Alembic interpolates with `%`.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(session: Session, what: str) -> None:
    """Run the migrations that are missing, index anew what another analyser wrote, use pgvector where it is.

    A process that is killed meanwhile leaves what was there before. Raises StorageError where a newer
    program, or another one, wrote the database that `what` names.
    """
    lock_schema(session)
    connection = session.connection()
    config = configuration(connection)
    _revision(connection, config, what)
    command.upgrade(config, "head")
    full_text.refresh(session)
    pgvector.refresh(session)


def is_current(session: Session) -> bool:
    """Whether there is nothing to bring up to date."""
    revision = MigrationContext.configure(session.connection()).get_current_revision()
    return revision == head() and not full_text.is_stale(session) and not pgvector.is_missing(session)


def check(connection: Connection, what: str) -> None:
    """See that the database has this program's schema.

    Raises StorageError where it has not.
    """
    config = configuration()
    if _revision(connection, config, what) != head():
        raise StorageError(f"{what} has an older schema.", "Run `paperboy db upgrade`.")


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether Alembic compares the thing of this name: full-text tables are not in the metadata."""
    return kind != "table" or name in METADATA.tables


def head() -> str:
    """The revision of this program's schema."""
    return str(ScriptDirectory.from_config(configuration()).get_current_head())


def _revision(connection: Connection, config: Config, what: str) -> str | None:
    """The database's revision; None for an empty one."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        if inspect(connection).get_table_names():
            raise StorageError(
                f"{what} belongs to another program.", "Set PAPERBOY_DATABASE_URL to another one."
            )
        return None
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision not in known:
        raise StorageError(f"{what} was written by a newer Paperboy ({revision}).", "Upgrade Paperboy.")
    return revision
