"""An installation moves between the kinds of database, whole and the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from cryptography.fernet import Fernet

from bot.channels.channel import Mute
from bot.channels.installation import Installation
from bot.channels.reader import Reader
from bot.delivery.delivery import DeliveryState
from bot.digests.digest import DigestEntry
from bot.errors import StorageError
from bot.feedback.rating import Rating, Thumb
from bot.papers.identity import PaperId
from bot.papers.paper import Signals
from bot.topics.parser import parse_query
from storage.database import Database
from storage.export_import import moved_tables
from tests.databases import ENGINES, execute, new_database, sqlite_in
from tests.storage.making import NOW, a_channel, a_digest, a_paper, ingest, matched, subscribed

KEY = Fernet.generate_key().decode()
INSTALLED = Installation("slack", "T1", "a token", NOW)


@pytest.fixture(params=ENGINES)
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new database of each kind."""
    folder = tmp_path / "target"
    folder.mkdir()
    with new_database(request.param, request, folder) as url:
        yield url


@pytest.fixture
def source(database_url: str) -> Iterator[Database]:
    """A database in which every table has something."""
    store = Database(database_url, secret_keys=[KEY])
    ingest(
        store, a_paper("2502.00001", "Owls \u2019 \u201cnaïve\u201d \\ 'larks'\u2028", authors=("Ana Lee",))
    )
    ingest(store, a_paper("2502.00001", signals=Signals(3, 4)))
    ingest(store, *(a_paper(f"2503.{number:05}", f"Paper {number}") for number in range(1200)))
    channel = a_channel(store)
    kept, gone = subscribed(store, channel, "owls"), subscribed(store, channel, "larks")
    matched(store, kept, "2502.00001")
    with store.begin() as tx:
        tx.channels.unsubscribe(gone)
        entry = DigestEntry(PaperId.from_text("2502.00001"), kept, 1, shown=True)
        tx.digests.plan_digest(a_digest(channel, [entry]), channel)
        [(delivery, _)] = tx.outbox.claim(NOW, NOW, 1)
        tx.outbox.finish(delivery, DeliveryState.UNKNOWN, "It may have been posted.", None)
        tx.channels.set_policy(channel.address, tx.channels.policy(channel.address))
        tx.installations.save(INSTALLED)
        tx.marks.add("state", "a", NOW, NOW.replace(year=2100))
        paper = tx.vectors.papers_without_vector("a model", 1)
        tx.vectors.add("a model", paper, np.ones((1, 384), np.float32))
        tx.vectors.wait_for_match([paper[0].paper.id], "arxiv", NOW.date())
        tx.papers.source_failed("biorxiv", NOW.date(), "It is away.", NOW)
        tx.channels.mute(channel.id, Mute(parse_query("larks"), "ada"), NOW)
        tx.ratings.give_rating(channel.id, Rating(a_paper("2502.00001"), "ada", Thumb.DOWN, NOW))
        tx.reading_lists.add(Reader("slack", "T1", "ada"), a_paper("2502.00001"), NOW)
        tx.rate_limits.reserve_time("slack", timedelta(seconds=1), NOW)
        tx.source_polls.claim_poll("arxiv", NOW, NOW + timedelta(minutes=1))
    yield store
    store.close()


@pytest.fixture
def target(target_url: str) -> Iterator[Database]:
    store = Database(target_url, secret_keys=[KEY])
    yield store
    store.close()


def exported(store: Database) -> list[str]:
    lines: list[str] = []
    list(store.export(lines.append))
    return lines


def test_everything_moves_and_moves_back_the_same(source: Database, target: Database) -> None:
    lines: list[str] = []
    told = list(source.export(lines.append))
    assert {done.table for done in told} == {table.name for table in moved_tables()}
    assert [done.table for done in told if not done.rows] == [], "a table without a row shows nothing"
    assert list(target.load(lines)) == told

    assert sorted(exported(target)) == sorted(lines)
    assert INSTALLED.secret not in "".join(lines)
    with target.begin() as tx:
        assert tx.installations.get("slack", "T1") == INSTALLED
        assert tx.papers.count_papers() == 1201


def test_the_moved_one_is_searched_and_goes_on(source: Database, target: Database) -> None:
    channel = a_channel(source)
    list(target.load(exported(source)))

    ids = {subscribed(store, channel, "nightjars") for store in (source, target)}
    assert len(ids) == 1, "an id that was given out is not given again"
    assert ingest(target, a_paper("2502.00001"), a_paper("2504.00001")).new == 1
    assert matched(target, ids.pop(), "2504.00001") == 1
    with target.begin() as tx:
        [parcel] = tx.outbox.entries([DeliveryState.UNKNOWN], 9)
        assert tx.outbox.settle_entry(parcel.id, DeliveryState.UNKNOWN, DeliveryState.SENT)


def test_a_database_that_holds_something_is_left_alone(source: Database, target: Database) -> None:
    lines = exported(source)
    a_channel(target)
    before = exported(target)
    with pytest.raises(StorageError, match=r"not empty: there are channels. Set PAPERBOY_DATABASE_URL"):
        list(target.load(lines))
    assert exported(target) == before


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda lines: lines[:-1], "truncated or modified"),
        (lambda lines: lines[:40], "truncated or modified"),
        (lambda lines: [*lines[:-3], lines[-3].replace("0", "1", 1), *lines[-2:]], "truncated or modified"),
        (lambda lines: [line for line in lines if "Paper 7" not in line], "truncated or modified"),
        (lambda lines: [line.replace("Paper 7", "Paper 8") for line in lines], "truncated or modified"),
        (lambda lines: [*lines, *lines], "truncated or modified"),
        (lambda lines: [*lines, "\n"], "truncated or modified"),
        (lambda lines: lines[1:], "not a Paperboy export"),
        (lambda _: [], "not a Paperboy export"),
        (lambda _: ["Dear diary"], "not a Paperboy export"),
        (lambda _: ["[" * 100_000], "not a Paperboy export"),
        (lambda lines: [lines[0].replace('"revision":"', '"revision":"0'), *lines[1:]], "of the schema 0"),
    ],
)
def test_a_damaged_export_leaves_nothing(tmp_path: Path, damage: object, problem: str) -> None:
    assert callable(damage)
    source = Database(sqlite_in(tmp_path, "source.db"))
    ingest(source, *(a_paper(f"2503.{number:05}", f"Paper {number}") for number in range(60)))
    target = Database(sqlite_in(tmp_path, "target.db"))
    empty = exported(target)

    with pytest.raises(StorageError, match=problem):
        list(target.load(damage(exported(source))))
    assert exported(target) == empty
    source.close()
    target.close()


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('"09:00:00"', '"nine"'),
        ('"09:00:00"', "9"),
        ('"full"', "null"),
        ('"full"', '{"layout":"full"}'),
        ('"full"', '"f\\u0000l"'),
        (",20,", f",{10**30},"),
        ('"last":1,', f'"last":{10**30},'),
        ('[1,1,"owls"', '[1,7,"owls"'),
        ('[1,1,"owls"', "[" * 5_000),
    ],
)
def test_values_that_fit_into_no_table(tmp_path: Path, target: Database, good: str, bad: str) -> None:
    source = Database(sqlite_in(tmp_path, "source.db"))
    subscribed(source, a_channel(source), "owls")
    lines = exported(source)
    source.close()
    damaged = [line.replace(good, bad) for line in lines]
    assert damaged != lines

    with pytest.raises(StorageError, match="truncated or modified"):
        list(target.load(damaged))
    assert len(list(target.load(lines))) == len(moved_tables()), "and nothing was stored"


def test_another_schema_is_not_exported(source: Database, database_url: str) -> None:
    execute(database_url, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(StorageError, match="older schema"):
        exported(source)


def test_a_copy_that_was_put_back_is_the_same(tmp_path: Path) -> None:
    store = Database(sqlite_in(tmp_path))
    ingest(store, a_paper("2502.00001"))
    store.backup(tmp_path / "copy.db")
    before = exported(store)
    ingest(store, a_paper("2502.00002"))
    store.close()
    for name in ("papers.db", "papers.db-wal", "papers.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "copy.db").rename(tmp_path / "papers.db")

    store.upgrade()
    assert exported(store) == before
    assert ingest(store, a_paper("2502.00002")).new == 1
    store.close()
