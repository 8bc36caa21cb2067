"""Batches: the same again, in pieces, failed, of a weekend."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.channels.channel import Mute
from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, AnnouncementKind, BadRecord, Batch, BatchState
from bot.ports.store import Store
from bot.topics.parser import parse_query
from tests.databases import contents
from tests.storage.making import (
    DAY,
    FULL,
    LATER,
    NOW,
    NOWHERE,
    TOMORROW,
    a_batch,
    a_paper,
    ingest,
)
from tests.storage.reading_back import state


def test_the_same_batch_again_changes_nothing(store: Store, database_url: str) -> None:
    batch = Batch(
        "arxiv",
        DAY,
        (
            Announcement(FULL, AnnouncementKind.CROSS),
            Announcement(a_paper("2502.00001", aliases=(PaperId.from_text("10.1234/c"),))),
            Announcement(a_paper("2502.00002", version=3), AnnouncementKind.REPLACE),
        ),
        (BadRecord("item 4", "no title"),),
    )
    with store.begin() as tx:
        tx.papers.ingest_batch(batch, NOW)
    before = contents(database_url)
    with store.begin() as tx:
        again = tx.papers.ingest_batch(batch, LATER)

    assert contents(database_url) == before
    assert (again.announced, again.new, again.to_match) == (3, 0, ())


def test_a_batch_in_pieces_grows(store: Store) -> None:
    one, two = a_paper("2502.00001"), a_paper("2502.00002")
    ingest(store, one, complete=False, bad=(BadRecord("item 2", "no title"),))
    assert state(store) == BatchState("arxiv", DAY, 1, 1, complete=False, changed=NOW)

    ingest(store, one, two, complete=False, bad=(BadRecord("item 9", "no id"),), now=LATER)
    assert state(store) == BatchState("arxiv", DAY, 2, 2, complete=False, changed=LATER)

    done = ingest(store, two, now=LATER + timedelta(hours=1))
    assert done.announced == 1
    assert state(store) == BatchState("arxiv", DAY, 2, 2, complete=True, changed=LATER + timedelta(hours=1))

    ingest(store, one, complete=False, now=LATER + timedelta(hours=2))
    assert state(store) == BatchState("arxiv", DAY, 2, 2, complete=True, changed=LATER + timedelta(hours=1))


def test_a_weekend_is_a_complete_batch_of_nothing(store: Store) -> None:
    ingest(store)

    assert state(store) == BatchState("arxiv", DAY, 0, 0, complete=True, changed=NOW)


def test_a_failure_is_noted_until_the_batch_comes(store: Store) -> None:
    with store.begin() as tx:
        tx.papers.source_failed("arxiv", DAY, "No answer.", NOW)
        assert tx.papers.stored_batches(NOW) == [
            BatchState("arxiv", DAY, 0, 0, complete=False, changed=NOW, failed="No answer.")
        ]
        tx.papers.source_failed("arxiv", DAY, "Still no answer.", LATER)
        assert [batch.failed for batch in tx.papers.stored_batches(LATER)] == ["Still no answer."]

    ingest(store, FULL, now=LATER)
    assert state(store) == BatchState("arxiv", DAY, 1, 0, complete=True, changed=LATER)

    with store.begin() as tx:
        tx.papers.source_failed("arxiv", DAY, "No answer.", LATER + timedelta(hours=1))
    assert state(store) == BatchState("arxiv", DAY, 1, 0, complete=True, changed=LATER)


def test_batches_are_listed_from_an_instant_on(store: Store) -> None:
    ingest(store, source="huggingface")
    ingest(store, day=TOMORROW, now=LATER)
    ingest(store, now=LATER)

    with store.begin() as tx:
        assert [(b.source, b.day) for b in tx.papers.stored_batches(LATER)] == [
            ("arxiv", DAY),
            ("arxiv", TOMORROW),
        ]
        assert len(tx.papers.stored_batches(NOW)) == 3
        assert tx.papers.stored_batches(LATER + timedelta(microseconds=1)) == []


def test_an_error_takes_the_whole_batch_back(store: Store, database_url: str) -> None:
    before = contents(database_url)
    with pytest.raises(IntegrityError), store.begin() as tx:  # noqa: PT012
        tx.papers.ingest_batch(a_batch(FULL), NOW)
        tx.channels.mute(NOWHERE.id, Mute(parse_query("owls")), NOW)

    assert contents(database_url) == before
