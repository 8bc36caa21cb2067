"""pgvector comes, is missing, is forbidden, and finds what a SQLite file finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from sqlalchemy import make_url

from bot.papers.identity import PaperId
from storage.database import Database
from tests.databases import Server, execute, sqlite_in
from tests.storage.making import DAY
from tests.storage.test_store_vectors import MODEL, a_vector, embedded, missing, named, nearest, stored


@pytest.fixture
def pg_url(postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database on a server that has the extension."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with postgresql.database(empty=True) as url:
        yield url


def advice(store: Database) -> str:
    with store.begin() as tx:
        return tx.vectors.advice()


def test_who_may_not_make_the_extension_does_without(postgresql: Server, pg_url: str, tmp_path: Path) -> None:
    name = make_url(pg_url).database
    postgresql.run("CREATE ROLE plain LOGIN")
    postgresql.run(f"ALTER DATABASE {name} OWNER TO plain")
    with ExitStack() as stack:
        stack.callback(postgresql.run, "DROP ROLE plain")
        stack.callback(postgresql.run, f"ALTER DATABASE {name} OWNER TO CURRENT_USER")
        stack.callback(execute, pg_url, "DROP OWNED BY plain CASCADE")
        url = make_url(pg_url).set(username="plain").render_as_string(hide_password=False)
        store = stack.enter_context(closing(Database(url)))
        store.upgrade()
        stored(store, [1, 2])
        embedded(store, {1: a_vector(1), 2: a_vector(0, 1)})
        assert "install it, and run CREATE EXTENSION vector" in advice(store)
        assert nearest(store, a_vector(1)) == [(1, 1.0), (2, 0.0)]
        assert list(tmp_path.glob(".cache/paperboy/*/vectors/*/mark"))

        execute(pg_url, "CREATE EXTENSION vector")
        store.upgrade()
        assert advice(store) == ""
        assert nearest(store, a_vector(0, 1)) == [(2, 1.0), (1, 0.0)]
        stored(store, [3])
        embedded(store, {3: a_vector(0, 0, 1)})
        assert nearest(store, a_vector(0, 0, 1), 1) == [(3, 1.0)]


def test_a_store_goes_over_to_pgvector_while_another_process_embeds(pg_url: str) -> None:
    with closing(Database(pg_url)) as store, closing(Database(pg_url)) as other:
        store.upgrade()
        execute(pg_url, "DROP TABLE paper_vectors")
        stored(store, [1, 2])
        begun, done = Event(), Event()

        def embed() -> None:
            with other.begin() as tx:
                tx.vectors.add(
                    MODEL, tx.vectors.papers_without_vector(MODEL, 9), np.stack([a_vector(1), a_vector(0, 1)])
                )
                begun.set()
                done.wait(10)

        thread = Thread(target=embed)
        thread.start()
        assert begun.wait(10)
        upgrading = Thread(target=store.upgrade)
        upgrading.start()
        # It has to wait for the other process.
        upgrading.join(1.5)
        done.set()
        thread.join()
        upgrading.join()
        assert advice(store) == ""
        assert nearest(store, a_vector(1)) == [(2, 1.0), (1, 0.0)]


def test_vectors_of_papers_that_go_meanwhile(pg_url: str) -> None:
    with closing(Database(pg_url)) as store:
        store.upgrade()
        stored(store, [1], day=DAY)
        stored(store, [2], day=DAY + timedelta(days=1))
        with store.begin() as tx:
            read = tx.vectors.papers_without_vector(MODEL, 9)
        problems: list[BaseException] = []

        def embed() -> None:
            try:
                with store.begin() as tx:
                    tx.vectors.add(MODEL, read, np.stack([a_vector(1), a_vector(0, 1)]))
            except BaseException as error:  # noqa: BLE001 - a thread would lose it
                problems.append(error)

        with store.begin() as tx:
            assert tx.retention.drop_papers(DAY + timedelta(days=1), 9) == 1
            thread = Thread(target=embed)
            thread.start()
            # It has to wait for this transaction, which ends with the paper gone.
            thread.join(0.3)
        thread.join()
        assert problems == []
        assert missing(store) == []
        assert nearest(store, a_vector(1)) == [(2, 1.0)]


def test_a_file_and_a_server_find_the_same(pg_url: str, tmp_path: Path) -> None:
    drawn = np.random.default_rng(5)
    vectors = {number: a_vector(*drawn.normal(size=384)) for number in range(90)}
    with closing(Database(sqlite_in(tmp_path))) as file, closing(Database(pg_url)) as server:
        server.upgrade()
        stored(file, vectors)
        embedded(file, vectors)
        lines: list[str] = []
        exported = list(file.export(lines.append))
        assert list(server.load(lines)) == exported

        for number in range(20):
            asked, among = a_vector(*drawn.normal(size=384)), drawn.choice(90, 40, replace=False).tolist()
            for rest in ({}, {"among": among}, {"also": among[:3]}, {"among": among, "also": [1, 2, 3]}):
                here, there = (dict(nearest(store, asked, 15, **rest)) for store in (file, server))
                # Where two are alike to the last digit either may be the one that is left out.
                assert len(here.keys() ^ there.keys()) <= 2, (number, rest)
                assert [here[key] for key in here.keys() & there.keys()] == pytest.approx(
                    [there[key] for key in here.keys() & there.keys()], abs=0.011
                )
        with server.begin() as tx:
            told = tx.vectors.vectors_of(MODEL, [PaperId.from_text(named(number)) for number in vectors])
        assert len(told) == 90
