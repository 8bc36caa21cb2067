"""Papers as they are stored, and what of a batch is matched."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.papers.identity import PaperId
from bot.papers.paper import AnnouncementKind, Paper, Signals
from bot.ports.store import Store
from bot.topics.parser import parse_query
from tests.databases import contents
from tests.storage.making import (
    DAY,
    FULL,
    LATER,
    NOW,
    TOMORROW,
    a_batch,
    a_paper,
    ingest,
)
from tests.storage.reading_back import found


def test_a_paper_comes_back_as_it_was_told(store: Store) -> None:
    done = ingest(store, FULL)

    assert (done.announced, done.new, done.to_match) == (1, 1, (FULL,))
    assert done.sources == {FULL.id: ("arxiv",)}
    with store.begin() as tx:
        hit = tx.papers.get(FULL.id)
        assert hit is not None
        assert (hit.paper, hit.announced) == (FULL, DAY)
        assert tx.papers.get(PaperId.from_text("10.1234/b")) == hit
        assert tx.papers.get(PaperId.from_text("2502.17425")) is None
        assert tx.papers.count_papers() == 1
        assert tx.papers.stored_span() == (DAY, DAY)


def test_an_empty_store_has_no_span(store: Store) -> None:
    with store.begin() as tx:
        tx.papers.source_failed("arxiv", DAY, "No answer.", NOW)
        assert tx.papers.stored_span() is None


@pytest.mark.parametrize(
    ("before", "kind", "source", "day", "due"),
    [
        ([], AnnouncementKind.NEW, "arxiv", DAY, True),
        ([], AnnouncementKind.CROSS, "arxiv", DAY, True),
        ([], AnnouncementKind.REPLACE, "arxiv", DAY, False),
        ([], AnnouncementKind.REPLACE_CROSS, "arxiv", DAY, False),
        ([AnnouncementKind.NEW], AnnouncementKind.CROSS, "arxiv", TOMORROW, False),
        ([AnnouncementKind.NEW], AnnouncementKind.REPLACE, "arxiv", TOMORROW, False),
        ([AnnouncementKind.NEW], AnnouncementKind.NEW, "huggingface", DAY, True),
        ([AnnouncementKind.NEW], AnnouncementKind.REPLACE, "huggingface", DAY, False),
        ([AnnouncementKind.REPLACE], AnnouncementKind.REPLACE, "arxiv", TOMORROW, False),
        ([AnnouncementKind.REPLACE], AnnouncementKind.NEW, "arxiv", DAY, True),
        ([AnnouncementKind.REPLACE], AnnouncementKind.CROSS, "arxiv", TOMORROW, True),
        ([AnnouncementKind.REPLACE, AnnouncementKind.NEW], AnnouncementKind.NEW, "arxiv", DAY, False),
    ],
)
def test_what_is_matched(
    store: Store, before: list[AnnouncementKind], kind: AnnouncementKind, source: str, day: date, *, due: bool
) -> None:
    """Once when it is first announced as fresh, and when another source announces it."""
    for earlier in before:
        ingest(store, FULL, kind=earlier)

    done = ingest(store, FULL, kind=kind, source=source, day=day)

    assert bool(done.to_match) is due
    assert done.new == (not before)


@pytest.mark.parametrize(
    ("change", "kind", "due"),
    [
        ({"signals": Signals(6, 7)}, AnnouncementKind.REPLACE, True),
        ({"signals": Signals(5, 1)}, AnnouncementKind.NEW, True),
        ({"signals": Signals(5)}, AnnouncementKind.NEW, False),
        ({"title": "Another title", "version": 3}, AnnouncementKind.REPLACE, False),
        ({"categories": ("cs.CR", "stat.ML")}, AnnouncementKind.CROSS, True),
        ({"categories": ("cs.CR", "stat.ML")}, AnnouncementKind.REPLACE, False),
    ],
)
def test_a_known_paper_is_matched_again_when_a_topic_may_newly_fit(
    store: Store, change: dict[str, object], kind: AnnouncementKind, *, due: bool
) -> None:
    ingest(store, FULL)
    changed = Paper(**{**{name: getattr(FULL, name) for name in FULL.__slots__}, **change})

    done = ingest(store, changed, kind=kind, day=TOMORROW)

    assert [paper.signals for paper in done.to_match] == ([stored_signals(changed)] if due else [])


def stored_signals(paper: Paper) -> Signals:
    """What is known after `paper` came: a number that it does not tell stays."""
    return Signals(paper.signals.upvotes, 7 if paper.signals.stars is None else paper.signals.stars)


def test_a_replacement_that_was_never_announced_is_not_matched_for_its_votes(store: Store) -> None:
    ingest(store, a_paper("2502.00001", version=4), kind=AnnouncementKind.REPLACE)

    assert not ingest(
        store, a_paper("2502.00001", signals=Signals(9)), kind=AnnouncementKind.REPLACE
    ).to_match


def test_the_first_day_counts_in_whatever_order_batches_come(store: Store) -> None:
    ingest(store, FULL, day=TOMORROW)
    ingest(store, FULL)

    with store.begin() as tx:
        hit = tx.papers.get(FULL.id)
        assert hit is not None
        assert hit.announced == DAY
        assert tx.papers.stored_span() == (DAY, TOMORROW)


def test_the_index_follows_the_text(store: Store) -> None:
    ingest(store, a_paper("2502.00001", "Owls", version=1, authors=("Ana Núñez",)))
    ingest(
        store, a_paper("2502.00001", "Larks", version=2, authors=("Eva Lee",)), kind=AnnouncementKind.REPLACE
    )

    assert (found(store, "owls"), found(store, "lark")) == ([], ["2502.00001"])
    assert (found(store, "author:nunez"), found(store, "author:lee")) == ([], ["2502.00001"])


def test_most_voted_papers(store: Store) -> None:
    old = DAY - timedelta(days=9)
    ingest(store, a_paper("2502.00001", signals=Signals(50)), day=old)
    ingest(
        store,
        a_paper("2502.00002", "Owls", signals=Signals(3)),
        a_paper("2502.00003", "Owls and larks", signals=Signals(8)),
        a_paper("2502.00004", "Owls", signals=Signals(0)),
        a_paper("2502.00005", "Owls"),
    )
    with store.begin() as tx:
        every = tx.papers.voted_since(old, None, 10)
        owls = tx.papers.voted_since(DAY, parse_query("owls"), 10)
        best = tx.papers.voted_since(DAY, None, 1)

    assert [hit.paper.signals.upvotes for hit in every] == [50, 8, 3]
    assert [hit.paper.id.value for hit in owls] == ["2502.00003", "2502.00002"]
    assert [hit.paper.id.value for hit in best] == ["2502.00003"]


def test_more_papers_than_one_statement_names(store: Store, database_url: str) -> None:
    batch = a_batch(*(a_paper(f"2502.{number:05}", f"Owl {number}") for number in range(1201)))
    with store.begin() as tx:
        assert tx.papers.ingest_batch(batch, NOW).new == 1201
    before = contents(database_url)
    with store.begin() as tx:
        assert tx.papers.ingest_batch(batch, LATER).new == 0
        assert tx.papers.count_papers() == 1201

    assert contents(database_url) == before
