"""Threads share a database, and processes its file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from time import sleep
from typing import TypeVar

import pytest

from bot.channels.channel import Channel
from bot.delivery.delivery import DeliveryState
from bot.digests.digest import Match
from bot.papers.identity import PaperId
from bot.ports.store import Transaction
from bot.search.plan import plan_filter
from bot.services.retention import Housekeeping
from bot.topics.parser import parse_query
from storage.database import Database
from tests.databases import contents
from tests.environment import ROOT
from tests.storage.killing import kill_at
from tests.storage.making import (
    DAY,
    NOW,
    a_batch,
    a_channel,
    a_digest,
    a_paper,
    ingest,
    matched,
    subscribed,
)

T = TypeVar("T")

COUNT_UP = """
import sys
from dataclasses import replace
from storage.database import Database

database = Database(sys.argv[1])
database.upgrade()
for _ in range(int(sys.argv[2])):
    with database.begin() as tx:
        channel = tx.channels.by_id(1)
        tx.channels.save(replace(channel, limit=channel.limit + 1))
"""
UPGRADE = "import sys; from storage.database import Database; Database(sys.argv[1]).upgrade()"


def run_at_once(script: str, processes: int, *arguments: str) -> None:
    """Run so many Python processes at once; each must end well."""
    command = [sys.executable, "-c", script, *arguments]
    running = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    for process in running:
        _, errors = process.communicate(timeout=50)
        assert process.returncode == 0, errors


def test_processes_read_and_write_without_losing_a_change(store: Database, database_url: str) -> None:
    channel = a_channel(store)
    run_at_once(COUNT_UP, 3, database_url, "60")

    with store.begin() as tx:
        assert tx.channels.by_id(channel.id) == replace(channel, limit=channel.limit + 180)


def test_processes_may_make_the_database_at_once(empty_url: str) -> None:
    run_at_once(UPGRADE, 3, empty_url)

    database = Database(empty_url)
    database.check()
    database.close()


@pytest.mark.parametrize("statement", [3, 5, 6, 8])
def test_a_process_that_is_killed_leaves_half_a_batch_nowhere(
    store: Database, database_url: str, statement: int
) -> None:
    before = contents(database_url)
    kill_at(statement, database_url, 'ingest(database, a_paper("2502.00001"), a_paper("2502.00002"))')

    assert contents(database_url) == before
    assert ingest(store, a_paper("2502.00001"), a_paper("2502.00002")).new == 2


def test_threads_claim_each_delivery_once(store: Database) -> None:
    for number in range(60):
        channel = a_channel(store, str(number))
        with store.begin() as tx:
            tx.digests.plan_digest(a_digest(channel), channel)

    def work(_worker: int) -> list[int]:
        mine: list[int] = []
        while True:
            with store.begin() as tx:
                claimed = tx.outbox.claim(NOW, NOW + timedelta(minutes=2), 3)
            if not claimed:
                return mine
            mine += [delivery.id for delivery, _ in claimed]

    with ThreadPoolExecutor(8) as pool:
        ids = [number for mine in pool.map(work, range(8)) for number in mine]

    assert sorted(ids) == sorted(set(ids))
    assert len(ids) == 60


def at_once(work: Callable[[int], T], threads: int = 6) -> list[T]:
    """What `work` returns in so many threads that start together."""
    barrier = Barrier(threads)

    def started(number: int) -> T:
        barrier.wait(20)
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(started, range(threads)))


def test_many_subscribe_to_an_equal_topic_in_a_new_channel(store: Database) -> None:
    assert len(set(at_once(lambda _: subscribed(store, a_channel(store), "owls larks")))) == 1


def test_many_read_a_channel_and_save_it_as_they_found_it(store: Database) -> None:
    channel = a_channel(store)
    doors: list[Callable[[Transaction], Channel | None]] = [
        lambda tx: tx.channels.by_id(channel.id),
        lambda tx: tx.channels.get(channel.address),
        lambda tx: tx.channels.ensure(channel.address, channel),
        lambda tx: tx.channels.in_workspace("terminal", channel.address.workspace)[0],
    ]
    with store.begin() as tx:
        doors = doors if tx.channels.in_workspace("terminal", channel.address.workspace) else doors[:3]

    def work(number: int) -> None:
        for turn in range(10):
            with store.begin() as tx:
                read = doors[(number + turn) % len(doors)](tx)
                assert read is not None
                tx.channels.save(replace(read, limit=read.limit + 1))

    at_once(work)
    with store.begin() as tx:
        assert tx.channels.by_id(channel.id) == replace(channel, limit=channel.limit + 60)


def test_many_store_the_same_papers_and_what_links_them(store: Database) -> None:
    """Each of them tells of every paper, half of them by its other id, and one that both are the same."""

    def work(number: int) -> None:
        for paper in range(10):
            one, other = f"2502.{paper:05}", f"10.1101/{paper}"
            linked = a_paper(one, aliases=(PaperId.from_text(other),))
            told = (a_paper(one), a_paper(other), linked)[number % 3]
            ingest(store, told, source=f"source{number % 2}")

    at_once(work)
    with store.begin() as tx:
        assert tx.papers.count_papers() == 10
        hits = tx.papers.find(plan_filter(parse_query("models")), 100)
        batch = tx.papers.find_batch("source0", DAY)
    assert len(hits.hits) == hits.total == 10
    assert all(len(hit.paper.aliases) == 1 for hit in hits.hits)
    assert batch is not None
    assert batch.announced == 10


def test_a_paper_is_new_to_one(store: Database) -> None:
    assert sum(at_once(lambda _: ingest(store, a_paper("2502.00001")).new)) == 1


def test_planners_share_the_channels_that_are_due(store: Database) -> None:
    for number in range(30):
        channel = a_channel(store, str(number))
        with store.begin() as tx:
            tx.channels.save(replace(channel, next_due=NOW))

    def work(_number: int) -> list[int]:
        mine = []
        while True:
            with store.begin() as tx:
                due = tx.channels.due_channels(NOW, 4)
                for channel in due:
                    assert tx.digests.plan_digest(a_digest(channel), replace(channel, next_due=None))
                    mine.append(channel.id)
            if not due:
                return mine

    planned = [number for mine in at_once(work) for number in mine]
    assert len(planned) == len(set(planned)) == 30


def test_a_slot_has_one_digest_whoever_plans_it(store: Database) -> None:
    channel = a_channel(store)

    def work(_number: int) -> bool:
        with store.begin() as tx:
            return tx.digests.plan_digest(a_digest(channel), channel)

    assert sum(at_once(work)) == 1


def test_one_finishes_a_delivery(store: Database) -> None:
    channel = a_channel(store)
    with store.begin() as tx:
        tx.digests.plan_digest(a_digest(channel), channel)
        ((mine, _),) = tx.outbox.claim(NOW, NOW + timedelta(minutes=2), 1)

    def work(_number: int) -> bool:
        with store.begin() as tx:
            return tx.outbox.finish(mine, DeliveryState.SENT, "1", None)

    assert sum(at_once(work)) == 1


def test_a_delivery_that_was_looked_at_stays_so_until_it_is_settled(store: Database) -> None:
    channel = a_channel(store)
    with store.begin() as tx:
        tx.digests.plan_digest(a_digest(channel), channel)
        ((mine, _),) = tx.outbox.claim(NOW, NOW + timedelta(minutes=2), 1)
        tx.outbox.finish(mine, DeliveryState.UNKNOWN, "", None)

    def work(_number: int) -> bool:
        with store.begin() as tx:
            seen = tx.outbox.find_entry(mine.id)
            assert seen is not None
            sleep(0.02)
            return tx.outbox.settle_entry(mine.id, seen.state, DeliveryState.SENT)

    assert all(at_once(work))


def test_an_old_paper_that_matches_meanwhile_is_not_removed(store: Database) -> None:
    ingest(store, a_paper("2502.00001"), day=DAY - timedelta(days=100))
    owls = subscribed(store, a_channel(store), "owls")
    with ThreadPoolExecutor(1) as pool:
        with store.begin() as tx:
            tx.papers.ingest_batch(a_batch(a_paper("2502.00001"), day=DAY), NOW)
            match = Match(PaperId.from_text("2502.00001"), owls, "arxiv", DAY, ("“owls” in the title",))
            assert tx.digests.add_matches([match]) == 1
            removing = pool.submit(Housekeeping(store, 0, 90).remove_old, NOW)
            sleep(0.3)
        removing.result(30)
    with store.begin() as tx:
        assert len(tx.digests.find_candidates([owls])) == 1


def test_a_subscription_that_is_removed_while_a_batch_is_matched(store: Database) -> None:
    ingest(store, a_paper("2502.00001"))
    channel = a_channel(store)
    ids = [subscribed(store, channel, f"topic{number}") for number in range(20)]

    def work(number: int) -> None:
        for row_id in ids:
            if number % 2:
                matched(store, row_id, "2502.00001")
            else:
                with store.begin() as tx:
                    tx.channels.unsubscribe(row_id)

    at_once(work)
    with store.begin() as tx:
        assert tx.digests.find_candidates(ids) == {}


def test_marks_that_end_while_many_set_them(store: Database) -> None:
    """An ended mark can be set again, by one; other ended ones are removed meanwhile."""
    with store.begin() as tx:
        for number in range(30):
            tx.marks.add("request", str(number), NOW - timedelta(minutes=2), NOW - timedelta(minutes=1))

    def work(_number: int) -> int:
        firsts = 0
        for number in range(30):
            with store.begin() as tx:
                firsts += tx.marks.add("request", str(number), NOW, NOW + timedelta(minutes=1))
        return firsts

    assert sum(at_once(work)) == 30
