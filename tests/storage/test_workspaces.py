"""Installations, marks and policies on a real database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from alembic import command
from cryptography.fernet import Fernet
from sqlmodel import Session

from bot.channels.channel import Address, Channel
from bot.channels.installation import Installation
from bot.errors import SettingsError, StorageError
from bot.messages.blocks import Layout
from storage import engine, schema
from storage.database import Database
from tests.databases import sqlite_in

NOW = datetime(2025, 10, 9, 18, tzinfo=UTC)
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
TOKEN = "xoxb-" + "verysecret" * 2
INSTALLED = Installation("slack", "T1", f'{{"bot_token": "{TOKEN}"}}', NOW)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return sqlite_in(tmp_path)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url, secret_keys=[OLD])
    yield database
    database.close()


def dumped(url: str) -> str:
    """Everything that stands in the database, as SQL, and the bytes of its files."""
    path = Path(url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as connection:
        rows = "\n".join(connection.iterdump())
    files = [path, *path.parent.glob(f"{path.name}-*")]
    return rows + "".join(file.read_bytes().decode("latin-1") for file in files)


def test_what_is_stored_comes_back_and_stands_nowhere_in_clear(database: Database, url: str) -> None:
    with database.begin() as tx:
        tx.installations.save(INSTALLED)
    with database.begin() as tx:
        assert tx.installations.get("slack", "T1") == INSTALLED
        assert tx.installations.get("slack", "T2") is None
        assert tx.installations.get("discord", "T1") is None

    text = dumped(url)
    assert "INSERT INTO \"installations\" VALUES('slack','T1'" in text
    assert "verysecret" not in text
    assert TOKEN not in repr(INSTALLED)


def test_installing_again_replaces_and_removing_forgets(database: Database, url: str) -> None:
    again = Installation("slack", "T1", "other", NOW + timedelta(days=1))
    with database.begin() as tx:
        tx.installations.save(INSTALLED)
        tx.installations.save(again)
        assert tx.installations.get("slack", "T1") == again
        assert tx.installations.remove("slack", "T1")
        assert not tx.installations.remove("slack", "T1")
        assert tx.installations.get("slack", "T1") is None


def test_a_new_key_reads_the_old_seals_and_rotation_retires_the_old(database: Database, url: str) -> None:
    with database.begin() as tx:
        tx.installations.save(INSTALLED)

    both = Database(url, secret_keys=[NEW, OLD])
    with both.begin() as tx:
        assert tx.installations.rotate() == 1
        assert tx.installations.rotate() == 0
    only_new = Database(url, secret_keys=[NEW])
    with only_new.begin() as tx:
        assert tx.installations.get("slack", "T1") == INSTALLED
    with pytest.raises(StorageError, match="cannot be decrypted with any"), database.begin() as tx:
        tx.installations.get("slack", "T1")
    both.close()
    only_new.close()


def test_reading_alone_moves_a_seal_to_the_new_key(database: Database, url: str) -> None:
    with database.begin() as tx:
        tx.installations.save(INSTALLED)
    both = Database(url, secret_keys=[NEW, OLD])
    with both.begin() as tx:
        tx.installations.get("slack", "T1")
    with both.begin() as tx:
        assert tx.installations.rotate() == 0
    both.close()


def test_keys_that_are_missing_or_wrong_are_said(url: str) -> None:
    without = Database(url)
    with pytest.raises(StorageError, match="PAPERBOY_SECRET_KEYS is not set"), without.begin() as tx:
        tx.installations.save(INSTALLED)
    without.close()
    with pytest.raises(SettingsError, match="is not a Fernet key") as error:
        Database(url, secret_keys=["hunter2"])
    assert "hunter2" not in str(error.value)


def test_a_mark_is_set_once_taken_once_and_ends(database: Database) -> None:
    until = NOW + timedelta(minutes=10)
    with database.begin() as tx:
        assert tx.marks.add("state", "a", NOW, until)
        assert not tx.marks.add("state", "a", NOW, until)
        assert tx.marks.add("request", "a", NOW, until), "kinds are apart"
        assert tx.marks.take("state", "a", NOW)
        assert not tx.marks.take("state", "a", NOW)
        assert not tx.marks.take("request", "a", until), "its time is over"
        assert tx.marks.add("request", "a", until, until + timedelta(minutes=1)), "and it can be set again"


def test_of_many_at_once_one_sets_a_mark(database: Database) -> None:
    def add(_number: int) -> bool:
        with database.begin() as tx:
            return tx.marks.add("request", "same", NOW, NOW + timedelta(minutes=10))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(add, range(32))) == 1


def test_the_channels_of_a_workspace_are_its_own(database: Database) -> None:
    places = ("T1/C1", "T1/C2", "T2/C1", "T11/C1", "T1", "t1/C1", "T_/C1")
    with database.begin() as tx:
        for place in places:
            address = Address("slack", place)
            tx.channels.ensure(address, Channel(0, address, time(9), "UTC", 20, covered_until=NOW))
        found = {
            workspace: [channel.address.place for channel in tx.channels.in_workspace("slack", workspace)]
            for workspace in ("T1", "t1", "T_", "T3", "")
        }
        assert tx.channels.in_workspace("discord", "T1") == []
    assert found == {"T1": ["T1/C1", "T1/C2"], "t1": ["t1/C1"], "T_": ["T_/C1"], "T3": [], "": []}


def test_channels_of_the_first_schema_get_the_full_layout(url: str) -> None:
    first = engine.build(engine.database_url(url), 5, foreign_keys=False)
    with Session(first) as session, session.begin():
        connection = session.connection()
        command.upgrade(schema.configuration(connection), "0001")
        connection.exec_driver_sql(
            'INSERT INTO channels (platform, place, at, zone, "limit", paused, covered_until)'
            " VALUES ('slack', 'T1/C1', '09:00:00.000000', 'UTC', 20, 0, '2025-10-09 18:00:00')"
        )
    first.dispose()

    database = Database(url)
    with database.begin() as tx:
        channel = tx.channels.get(Address("slack", "T1/C1"))
        assert channel is not None
        assert channel.layout is Layout.FULL
    database.close()
