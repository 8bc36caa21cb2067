"""What goes wrong with a PostgreSQL server is one line with the mend, and never the password."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, make_url
from sqlalchemy.exc import OperationalError

from bot.errors import StorageError
from storage.database import Database
from storage.faults import explain_faults
from tests.databases import Server, execute
from tests.storage.making import a_channel, a_digest, a_paper, ingest

SECRET = "hunter2-and-more"  # noqa: S105


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as url:
        yield url


@contextmanager
def opened(url: str, lock_seconds: float = 0.2) -> Iterator[Database]:
    database = Database(url, lock_seconds=lock_seconds)
    yield database
    database.close()


@contextmanager
def held(url: str, table: str) -> Iterator[None]:
    """A table that nobody else can write."""
    with create_engine(url, poolclass=NullPool).connect() as other:
        other.exec_driver_sql(f"LOCK TABLE {table}")
        yield


def refused(url: str, *, lock_seconds: float = 0.2) -> StorageError:
    """The error of every door to the database."""
    told = set()
    with opened(url, lock_seconds) as database:
        for door in (database.check, database.upgrade, lambda: a_channel(database)):
            with pytest.raises(StorageError) as error:
                door()
            told.add(str(error.value))
    assert len(told) == 1
    assert SECRET not in told.pop()
    return error.value


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        error = refused(f"postgresql+psycopg://ada:{SECRET}@127.0.0.1:{port}/papers")
    assert str(error).startswith("The database papers on 127.0.0.1 cannot be reached. Start the server")


@pytest.mark.parametrize("name", ["a host that is none", "no.such.host.invalid"])
def test_a_name_that_is_no_folder_of_a_socket(name: str, postgresql: Server) -> None:
    url = make_url(postgresql.url("x")).update_query_dict({"host": f"/nowhere/{name}"})
    assert "cannot be reached" in refused(url.render_as_string(hide_password=False)).problem


def test_a_wrong_user(postgresql: Server) -> None:
    url = make_url(postgresql.url("postgres")).set(username="nobody", password=SECRET)
    error = refused(url.render_as_string(hide_password=False))
    assert "refuses the user or the password. Correct them" in str(error)


def test_a_database_that_is_not_there(postgresql: Server) -> None:
    assert "does not exist. Create it" in str(refused(postgresql.url("elsewhere")))


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_has_not_every_character(postgresql: Server, encoding: str) -> None:
    """As `initdb` makes them where no language is set."""
    name = f"paperboy_{encoding.lower()}"
    postgresql.run(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
    error = refused(postgresql.url(name))
    postgresql.run(f"DROP DATABASE {name} WITH (FORCE)")
    assert f"has the encoding {encoding}, which cannot keep every paper. Make one in UTF8" in str(error)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("the database system is starting up", "has stopped, or is starting. Try again"),
        ("the database system is shutting down", "has stopped, or is starting. Try again"),
        ('permission denied for database "papers"', "does not let this user in. Grant it"),
        ('database "papers" does not exist', "does not exist. Create it"),
        ('role "ada" does not exist', "refuses the user or the password"),
        ("sorry, too many clients already", "has no connection left"),
    ],
)
def test_what_a_server_says_while_connecting(said: str, problem: str) -> None:
    origin = psycopg.OperationalError(f"connection to server failed: FATAL:  {said}")
    with pytest.raises(StorageError, match=problem), explain_faults("The database papers"):
        raise OperationalError("", None, origin)


def test_a_server_that_is_read_only(url: str, postgresql: Server) -> None:
    name = make_url(url).database
    postgresql.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with opened(url) as database:
        database.check()
        with pytest.raises(StorageError, match=r"the server is read-only. Name the primary"):
            a_channel(database)


def test_a_user_who_may_do_nothing(url: str, postgresql: Server) -> None:
    name = make_url(url).database
    postgresql.run(f"CREATE ROLE guest_{name} LOGIN")
    guest = make_url(url).set(username=f"guest_{name}").render_as_string(hide_password=False)
    with opened(guest) as database, pytest.raises(StorageError, match="does not let this user in"):
        a_channel(database)
    postgresql.run(f"DROP ROLE guest_{name}")


def test_a_lock_that_another_holds(url: str) -> None:
    with opened(url) as database, opened(url) as other:
        channel = a_channel(database)
        with database.begin() as tx:
            tx.channels.by_id(channel.id)
            with pytest.raises(StorageError, match="is locked by another process"), other.begin() as second:
                second.channels.by_id(channel.id)


def test_a_table_that_another_holds_while_digests_are_copied_into_it(url: str) -> None:
    with opened(url) as database, held(url, "deliveries"):
        channel = a_channel(database)
        with pytest.raises(StorageError, match="is locked by another process"), database.begin() as tx:
            tx.digests.plan_digest(a_digest(channel), channel)


def test_more_transactions_at_once_than_connections(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.engine.POOL", 1)
    with opened(url) as database, ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(database.begin())
        with pytest.raises(StorageError, match="has no connection left"):
            stack.enter_context(database.begin())


def test_a_connection_that_the_server_closed_is_replaced(url: str) -> None:
    with opened(url) as database:
        ingest(database, a_paper("2502.00001"))
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        execute(url, f"{others} AND pid <> pg_backend_pid()")
        ingest(database, a_paper("2502.00002"))
        with pytest.raises(StorageError, match="has stopped, or is starting"):
            _cut_off(database, url, f"{others} AND pid <> pg_backend_pid()")
        with database.begin() as tx:
            assert tx.papers.count_papers() == 2


def _cut_off(database: Database, url: str, statement: str) -> None:
    with database.begin() as tx:
        execute(url, statement)
        tx.papers.count_papers()


def test_a_copy_is_the_servers_own_matter(url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("copies") / "copy.db"
    with opened(url) as database, pytest.raises(StorageError, match="Use pg_dump, or `paperboy db export`"):
        database.backup(path)
    assert not path.exists()
