"""The locks that PostgreSQL needs beside its rows'; on SQLite a transaction holds the only write lock."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlmodel import Session

READS = "paperboy_reads"
"""The option of a connection whose transactions only read: they see one moment, and need no lock."""

# Any two numbers do: advisory locks are known by them within one database.
_SCHEMA = 0x70617001
_PAPERS = 0x70617002
_PACES = 0x70617003
_VECTORS = 0x70617004


def lock_schema(session: Session) -> None:
    """Wait until nobody else changes the schema, and let nobody until the transaction ends."""
    _take(session, func.pg_advisory_xact_lock(_SCHEMA))


def lock_papers(session: Session) -> None:
    """Be alone in storing and removing papers until the transaction ends.

    Which are one work is decided on all of them, and which are of no use on all matches.
    """
    _take(session, func.pg_advisory_xact_lock(_PAPERS))


def hold_papers(session: Session) -> None:
    """Keep papers and matches as they stand until the transaction ends, so that several reads agree.

    Others may hold them too; nobody can take `lock_papers` meanwhile, nor the holder itself.
    """
    if not only_reads(session):
        _take(session, func.pg_advisory_xact_lock_shared(_PAPERS))


def lock_rate_limits(session: Session) -> None:
    """Be alone in taking turns until the transaction ends: those of several names are taken in any order."""
    _take(session, func.pg_advisory_xact_lock(_PACES))


def only_reads(session: Session) -> bool:
    """Whether the transaction writes nothing."""
    return bool(session.get_bind().get_execution_options().get(READS))


def lock_vectors(session: Session) -> None:
    """Be alone in storing vectors until the transaction ends.

    So their rows are seen in the order of their ids, and what follows them need not look back.
    """
    _take(session, func.pg_advisory_xact_lock(_VECTORS))


def _take(session: Session, lock: object) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(lock))  # type: ignore[call-overload]
