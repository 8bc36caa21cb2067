from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.errors import StorageError
from storage.database import Database
from storage.schema import configuration, is_ours
from storage.tables import METADATA
from tests.databases import contents, execute
from tests.storage.killing import kill_at
from tests.storage.making import a_paper, ingest


def parts(sql: str) -> set[str]:
    """The columns and constraints of a CREATE statement; an added column stands on the line of another."""
    return {part.strip(" \t,") for part in re.split(r"\n|, ", sql)}


def test_the_migrations_make_the_tables_of_the_code(store: Database, database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours, "compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_the_migrations_make_exactly_the_sql_of_the_code(tmp_path: Path) -> None:
    """Also what Alembic does not compare: partial indexes and AUTOINCREMENT."""
    database_url = f"sqlite:///{tmp_path}/papers.db"
    store = Database(database_url)
    store.upgrade()
    store.close()
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    query = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
    with engine.connect() as connection:
        expected = {name: parts(sql) for name, sql in connection.exec_driver_sql(query)}
    engine.dispose()
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        made = {name: parts(sql) for name, sql in connection.execute(query)}

    assert {name: made[name] for name in expected} == expected


def test_the_tables_are_not_sqlites_alone() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in METADATA.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect))


def test_upgrading_again_changes_nothing(store: Database, database_url: str) -> None:
    ingest(store, a_paper("2502.00001"))
    before = contents(database_url)
    store.upgrade()

    assert contents(database_url) == before
    store.check()


@pytest.mark.parametrize("statement", [8, 17, 26, 35])
def test_a_migration_that_is_killed_can_be_run_again(empty_url: str, statement: int) -> None:
    kill_at(statement, empty_url, "database.upgrade()")
    assert contents(empty_url) == {}

    database = Database(empty_url)
    database.upgrade()
    database.check()
    ingest(database, a_paper("2502.00001"))
    database.close()


def test_a_newer_database_is_refused(store: Database, database_url: str) -> None:
    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    before = contents(database_url)

    for door in (store.upgrade, store.check):
        with pytest.raises(StorageError, match=r"written by a newer Paperboy \(9999\). Upgrade Paperboy"):
            door()
    assert contents(database_url) == before


def test_a_database_of_another_program_is_left_alone(empty_url: str) -> None:
    execute(empty_url, "CREATE TABLE places (url TEXT)")

    database = Database(empty_url)
    for door in (database.upgrade, database.check):
        with pytest.raises(StorageError, match="belongs to another program"):
            door()
    database.close()
    assert set(contents(empty_url)) == {"places"}


def test_a_database_without_tables_wants_an_upgrade(empty_url: str) -> None:
    database = Database(empty_url)
    with pytest.raises(StorageError, match=r"older schema. Run `paperboy db upgrade`"):
        database.check()
    database.close()


def test_the_digests_before_those_at_once_keep_their_rows(empty_url: str) -> None:
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        settings = configuration(connection)
        command.upgrade(settings, "0006")
    execute(
        empty_url,
        'INSERT INTO channels (id, platform, place, at, zone, "limit", paused, covered_until)'
        " VALUES (1, 'chat', 'here', '09:00:00.000000', 'UTC', 20, false, '2026-11-23 09:00:00.000000')",
        "INSERT INTO papers (id, key, announced, title, authors, categories, summary, code_url, abstract)"
        " VALUES (1, 'arxiv:2502.00001', '2026-11-23', 'Owls', '[]', '[]', '', '', '')",
        "INSERT INTO digests (channel_id, slot) VALUES (1, '2026-11-23')",
        "INSERT INTO digest_entries (channel_id, paper_id, slot, subscription_id, rank, shown)"
        " VALUES (1, 1, '2026-11-23', 7, 1, true)",
        "INSERT INTO deliveries (id, channel_id, slot, part, message, state, attempts, fence, detail)"
        " VALUES (5, 1, '2026-11-23', 1, '{}', 'sent', 1, 1, 'told')",
    )
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "head")
        for table in ("digests", "digest_entries", "deliveries"):
            columns = f"channel_id, number FROM {table}"
            assert connection.exec_driver_sql(f"SELECT {columns}").all() == [(1, 0)]
        told = connection.exec_driver_sql("SELECT id, part, state, fence, detail FROM deliveries").all()
        assert told == [(5, 1, "sent", 1, "told")]
        again = "INSERT INTO digests (channel_id, slot, number) VALUES (1, '2026-11-23', 1)"
        assert connection.exec_driver_sql(again).rowcount == 1
    engine.dispose()


def test_what_a_channel_has_had_is_settled(empty_url: str) -> None:
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0008")
    channels = 'INSERT INTO channels (id, platform, place, at, zone, "limit", paused, covered_until) VALUES'
    subs, time = ((1, 1), (2, 1), (3, 2)), "'2026-11-23 09:00:00.000000'"
    subscriptions = (
        "INSERT INTO subscriptions (id, channel_id, topic, days, owner, paused, broken, created) VALUES"
    )
    papers = (
        "INSERT INTO papers (id, key, announced, title, authors, categories, summary, code_url, abstract)"
        " VALUES"
    )
    execute(
        empty_url,
        *(f"{channels} ({n}, 'chat', 'C{n}', '09:00:00.000000', 'UTC', 20, false, {time})" for n in (1, 2)),
        *(
            f"{papers} ({n}, 'arxiv:2502.0000{n}', '2026-11-23', 'Owls', '[]', '[]', '', '', '')"
            for n in (1, 2)
        ),
        *(
            f"{subscriptions} ({n}, {channel}, 'owls {n}', 'daily', '', false, '', {time})"
            for n, channel in subs
        ),
        "INSERT INTO matches (subscription_id, paper_id, source, day, reasons)"
        " SELECT s.id, p.id, 'arxiv', '2026-11-23', '[]' FROM subscriptions s, papers p",
        "INSERT INTO digests (channel_id, slot, number) VALUES (1, '2026-11-23', 1)",
        "INSERT INTO digest_entries (channel_id, paper_id, slot, number, subscription_id, rank, shown)"
        " VALUES (1, 2, '2026-11-23', 1, 1, 1, true)",
    )
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "head")
        told = connection.exec_driver_sql("SELECT subscription_id, paper_id FROM matches WHERE NOT open")
        assert sorted(map(tuple, told)) == [(1, 2), (2, 2)]
    engine.dispose()
