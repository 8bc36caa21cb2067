"""What is read of matches when a digest is planned does not grow with the years."""

from __future__ import annotations

import random
import re
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event

from bot.digests.digest import DigestEntry, Match
from bot.papers.identity import PaperId
from bot.ports.store import Store
from storage.database import Database
from tests.databases import sqlite_in
from tests.storage.making import (
    DAY,
    a_channel,
    a_digest,
    a_paper,
    ingest,
    matched,
    subscribed,
)

BatchKey = tuple[str, date]
DAYS = [DAY - timedelta(days=number) for number in range(4)]
NAMES = [f"2502.0000{number}" for number in range(6)]


@contextmanager
def plans() -> Iterator[list[str]]:
    """How each query of matches goes about it."""
    told: list[str] = []

    def explain(connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if not (statement.startswith(("SELECT", "UPDATE")) and "matches" in statement):
            return
        cursor = connection.connection.cursor()
        if connection.dialect.name == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            told.append("\n".join(row[3] for row in cursor.fetchall()))
        else:
            # The tables of a test are so small that reading all of them is quickest.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute(f"EXPLAIN {statement}", parameters)
            told.append("\n".join(row[0] for row in cursor.fetchall()))
        cursor.close()

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        yield told
    finally:
        event.remove(Engine, "before_cursor_execute", explain)


def test_no_query_reads_all_matches_of_a_subscription(store: Store) -> None:
    ingest(store, *map(a_paper, NAMES))
    ingest(store, a_paper(NAMES[0]), day=DAYS[1])
    channel = a_channel(store)
    owls = subscribed(store, channel, "owls")
    matched(store, owls, *NAMES)
    with store.begin() as tx, plans() as told:
        tx.digests.find_candidates([owls])
        tx.digests.count_matched([channel.id], [("arxiv", DAY)])
        tx.digests.plan_digest(
            a_digest(channel, [DigestEntry(PaperId.from_text(NAMES[0]), owls, 1, shown=True)]), channel
        )

    wanted = [
        r"ix_matches_open",
        r"ix_matches_days",
        r"sqlite_autoindex_matches|uq_matches",
        r"ix_matches_open",
    ]
    for index, plan in zip(wanted, told, strict=True):
        assert re.search(index, plan), plan
        assert not re.search(r"SCAN matches|Seq Scan on matches", plan), plan


def test_what_matched_is_read_and_not_all_that_was_announced(store: Store) -> None:
    """Also a channel that has long been silent is planned: its batches are those of a year."""
    channel = a_channel(store)
    owls, found = subscribed(store, channel, "owls"), []
    for number, day in zip((10, 1_000), DAYS, strict=False):
        names = [f"2502.{number + at:05}" for at in range(number)]
        ingest(store, *map(a_paper, names), day=day)
        matched(store, owls, names[0], day=day)
        with store.begin() as tx:
            tx.digests.count_matched([channel.id], [("arxiv", day)])
            tracemalloc.start()
            assert len(tx.digests.count_matched([channel.id], [("arxiv", day)])[channel.id]) == 1
            found.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert found[1] < 2 * found[0]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_is_what_a_plain_look_at_everything_gives(tmp_path_factory: Any, seed: int) -> None:
    dice = random.Random(seed)
    store = Database(sqlite_in(tmp_path_factory.mktemp("plain")))
    listed: dict[BatchKey, set[PaperId]] = {}
    for source in ("arxiv", "huggingface"):
        for day in DAYS:
            names = dice.sample(NAMES, dice.randint(1, 4))
            ingest(store, *map(a_paper, names), source=source, day=day)
            listed[source, day] = {PaperId.from_text(name) for name in names}
    channels = [a_channel(store, place) for place in "ab"]
    topics = {
        (channel.id, topic): subscribed(store, channel, topic) for channel in channels for topic in "xy"
    }
    told: dict[int, set[PaperId]] = {channel.id: set() for channel in channels}
    for (channel_id, _), subscription in topics.items():
        for (source, day), papers in listed.items():
            some = sorted(dice.sample(sorted(papers), dice.randint(0, len(papers))))
            with store.begin() as tx:
                tx.digests.add_matches(Match(one, subscription, source, day, ()) for one in some)
            told[channel_id] |= set(some)
    keys = dice.sample(sorted(listed), dice.randint(0, 4))
    with store.begin() as tx:
        found = tx.digests.count_matched([channel.id for channel in channels], keys)
    store.close()

    expected = {
        channel.id: {key: both for key in keys if (both := listed[key] & told[channel.id])}
        for channel in channels
    }
    assert found == {channel: batches for channel, batches in expected.items() if batches}


def test_a_match_of_what_a_channel_has_had_comes_to_nothing(store: Store) -> None:
    ingest(store, *map(a_paper, NAMES))
    channel = a_channel(store)
    owls, larks = subscribed(store, channel, "owls"), subscribed(store, channel, "larks")
    matched(store, owls, NAMES[0], NAMES[1])
    for number, name in enumerate(NAMES[:2]):
        with store.begin() as tx:
            entry = DigestEntry(PaperId.from_text(name), owls, 1, shown=True)
            tx.digests.plan_digest(a_digest(channel, [entry], slot=DAY + timedelta(days=number)), channel)
        matched(store, larks, name)
        with store.begin() as tx:
            left = [
                one.paper.id.value for one in tx.digests.find_candidates([owls, larks]).get(channel.id, ())
            ]
        assert left == [NAMES[1]][number:]
