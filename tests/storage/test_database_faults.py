from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from bot.errors import SettingsError, StorageError
from storage.database import Database
from tests.databases import contents, execute
from tests.storage.making import NOW, a_batch, a_channel, a_digest, a_paper, ingest


@pytest.fixture
def engine_name() -> str:
    """SQLite; what goes wrong with PostgreSQL stands in `test_postgresql_faults.py`."""
    return "sqlite"


def use(database: Database) -> None:
    """Begin a transaction that writes."""
    ingest(database, *(a_paper(f"2502.{number:05}", "Owls " * 50) for number in range(500)))


EVERY_DOOR = pytest.mark.parametrize(
    "door", [use, Database.upgrade, Database.check], ids=["begin", "upgrade", "check"]
)
Door = Callable[[Database], None]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mysql://localhost/papers", "cannot use a database of the kind mysql"),
        ("postgresql+psycopg2://localhost/papers", "of the kind postgresql+psycopg2"),
        ("postgresql://localhost", "names no database"),
        ("papers.db", "is not the URL of a database"),
        ("", "is not the URL of a database"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///papers.db?mode=ro", "names no file"),
    ],
)
def test_a_url_that_names_no_database(url: str, problem: str) -> None:
    with pytest.raises(SettingsError) as error:
        Database(url)

    assert problem in error.value.problem
    assert "PAPERBOY_DATABASE_URL" in error.value.hint


def test_nothing_is_opened_before_it_is_used(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path}/papers.db").close()

    assert list(tmp_path.iterdir()) == []


@EVERY_DOOR
@pytest.mark.parametrize("place", ["missing/papers.db", "file/papers.db", ""])
def test_a_place_that_cannot_be_opened(tmp_path: Path, place: str, door: Door) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / place

    with pytest.raises(StorageError, match="cannot be opened") as error:
        door(Database(f"sqlite:///{path}"))
    assert str(path) in error.value.problem
    assert "PAPERBOY_DATABASE_URL" in error.value.hint


@EVERY_DOOR
def test_a_file_that_is_no_database(tmp_path: Path, door: Door) -> None:
    (tmp_path / "papers.db").write_text("Dear diary, " * 100)

    with pytest.raises(StorageError, match=r"is not a database. Move that file away"):
        door(Database(f"sqlite:///{tmp_path}/papers.db"))
    assert (tmp_path / "papers.db").read_text().startswith("Dear diary")


@pytest.mark.parametrize("door", [use, Database.upgrade], ids=["begin", "upgrade"])
def test_a_lock_that_another_holds(store: Database, database_url: str, door: Door) -> None:
    execute(database_url, "DELETE FROM meta WHERE name = 'analyser'")
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match=r"is locked by another process. Wait"):
            door(Database(database_url, lock_seconds=0.05))
        other.execute("ROLLBACK")
    use(store)


@pytest.mark.parametrize("door", [Database.upgrade, Database.check], ids=["upgrade", "check"])
def test_a_lock_that_nobody_waits_for(store: Database, database_url: str, door: Door) -> None:
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        door(Database(database_url, lock_seconds=0.05))


def test_a_full_disk_loses_nothing(store: Database, database_url: str) -> None:
    ingest(store, a_paper("2502.09999"))
    before = contents(database_url)
    small = Database(database_url)

    @event.listens_for(small._engine, "connect")
    def _limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 60")

    with pytest.raises(StorageError, match=r"the disk is full. Free some space"):
        use(small)
    small.close()
    assert contents(database_url) == before
    use(store)


def test_a_database_that_cannot_be_written(store: Database, database_url: str) -> None:
    guarded = Database(database_url)

    @event.listens_for(guarded._engine, "connect")
    def _guard(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    with pytest.raises(StorageError, match=r"cannot be written. Make the file and its folder writable"):
        use(guarded)


def test_a_damaged_database(store: Database, database_url: str) -> None:
    use(store)
    store.close()
    path = Path(database_url.removeprefix("sqlite:///"))
    content = bytearray(path.read_bytes())
    content[4096 * 4 :] = b"\xff" * (len(content) - 4096 * 4)
    path.write_bytes(content)

    with pytest.raises(StorageError, match=r"is damaged. Restore a copy"):
        use(Database(database_url))


def test_a_mistake_of_ours_is_not_dressed_up(store: Database) -> None:
    channel = a_channel(store)
    with pytest.raises(IntegrityError), store.begin() as tx:
        tx.digests.plan_digest(a_digest(channel).__class__(channel.id + 1, NOW.date(), (), ()), channel)


def test_a_copy_holds_everything(store: Database, database_url: str, tmp_path: Path) -> None:
    use(store)
    store.backup(tmp_path / "copy.db")

    copied, original = contents(f"sqlite:///{tmp_path}/copy.db"), contents(database_url)
    names = [dict(rows.pop("meta"))["store"] for rows in (copied, original)]
    assert copied == original
    assert names[0] != names[1], "what follows the one does not follow the other"
    assert {path.name for path in tmp_path.glob("copy*")} == {"copy.db"}
    copy = Database(f"sqlite:///{tmp_path}/copy.db")
    copy.check()
    with copy.begin() as tx:
        assert tx.papers.count_papers() == 500


def test_a_copy_is_made_while_somebody_writes(store: Database, tmp_path: Path) -> None:
    ingest(store, a_paper("2502.09999"))
    with store.begin() as tx:
        tx.papers.ingest_batch(a_batch(a_paper("2502.09998")), NOW)
        store.backup(tmp_path / "copy.db")

    with Database(f"sqlite:///{tmp_path}/copy.db").begin() as tx:
        assert tx.papers.count_papers() == 1


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("papers.db", "exists already. Choose a file name"),
        ("missing/copy.db", "copy.db cannot be written: No such file or directory. Name a file in a folder"),
        ("papers.db/copy.db", "copy.db cannot be written: Not a directory. Name a file in a folder"),
    ],
)
def test_a_copy_that_cannot_be_made(store: Database, tmp_path: Path, place: str, problem: str) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(StorageError, match=problem):
        store.backup(tmp_path / place)

    assert {path.name for path in tmp_path.iterdir()} <= before | {"papers.db-wal", "papers.db-shm"}


def test_a_database_that_was_never_made_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"older schema. Run `paperboy db upgrade`"):
        Database(f"sqlite:///{tmp_path}/papers.db").backup(tmp_path / "copy.db")

    assert not (tmp_path / "copy.db").exists()
