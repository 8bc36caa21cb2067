from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.channels.channel import Address, Channel, Mute
from bot.digests.digest import BatchState, Entry
from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, BadRecord, Batch, Kind, Paper, Signals
from bot.ports import Store
from bot.search.plan import as_filter
from bot.topics.parser import parse
from tests.databases import contents
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

NOWHERE = Channel(99, Address("terminal", "nowhere"), time(9), "UTC", 20, NOW)
LATER = NOW + timedelta(hours=1)
TOMORROW = DAY + timedelta(days=1)


def stored(store: Store, name: str) -> Paper | None:
    with store.begin() as tx:
        hit = tx.papers.get(PaperId.of(name))
    return hit.paper if hit else None


def found(store: Store, query: str) -> list[str]:
    with store.begin() as tx:
        return [hit.paper.id.value for hit in tx.papers.find(as_filter(parse(query)), 100).hits]


def state(store: Store, source: str = "arxiv", day: date = DAY) -> BatchState | None:
    with store.begin() as tx:
        return tx.papers.batch(source, day)


FULL = a_paper(
    "2502.17424",
    "Emergent misalignment",
    abstract="Narrow finetuning.",
    authors=("Jan Betley", "Owain Evans"),
    categories=("cs.CR", "cs.AI"),
    published=date(2025, 2, 24),
    version=2,
    aliases=(PaperId.of("10.1234/a"), PaperId.of("10.1234/b")),
    signals=Signals(5, 7),
    summary="A sentence.",
    code_url="https://example.org/code",
)


def test_a_paper_comes_back_as_it_was_told(store: Store) -> None:
    done = ingest(store, FULL)

    assert (done.announced, done.new, done.to_match) == (1, 1, (FULL,))
    assert done.sources == {FULL.id: ("arxiv",)}
    with store.begin() as tx:
        hit = tx.papers.get(FULL.id)
        assert hit is not None
        assert (hit.paper, hit.announced) == (FULL, DAY)
        assert tx.papers.get(PaperId.of("10.1234/b")) == hit
        assert tx.papers.get(PaperId.of("2502.17425")) is None
        assert tx.papers.count() == 1
        assert tx.papers.span() == (DAY, DAY)


def test_an_empty_store_has_no_span(store: Store) -> None:
    with store.begin() as tx:
        tx.papers.source_failed("arxiv", DAY, "No answer.", NOW)
        assert tx.papers.span() is None


def test_the_same_batch_again_changes_nothing(store: Store, database_url: str) -> None:
    batch = Batch(
        "arxiv",
        DAY,
        (
            Announcement(FULL, Kind.CROSS),
            Announcement(a_paper("2502.00001", aliases=(PaperId.of("10.1234/c"),))),
            Announcement(a_paper("2502.00002", version=3), Kind.REPLACE),
        ),
        (BadRecord("item 4", "no title"),),
    )
    with store.begin() as tx:
        tx.papers.ingest(batch, NOW)
    before = contents(database_url)
    with store.begin() as tx:
        again = tx.papers.ingest(batch, LATER)

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
        assert tx.papers.batches(NOW) == [
            BatchState("arxiv", DAY, 0, 0, complete=False, changed=NOW, failed="No answer.")
        ]
        tx.papers.source_failed("arxiv", DAY, "Still no answer.", LATER)
        assert [batch.failed for batch in tx.papers.batches(LATER)] == ["Still no answer."]

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
        assert [(b.source, b.day) for b in tx.papers.batches(LATER)] == [("arxiv", DAY), ("arxiv", TOMORROW)]
        assert len(tx.papers.batches(NOW)) == 3
        assert tx.papers.batches(LATER + timedelta(microseconds=1)) == []


@pytest.mark.parametrize(
    ("before", "kind", "source", "day", "due"),
    [
        ([], Kind.NEW, "arxiv", DAY, True),
        ([], Kind.CROSS, "arxiv", DAY, True),
        ([], Kind.REPLACE, "arxiv", DAY, False),
        ([], Kind.REPLACE_CROSS, "arxiv", DAY, False),
        ([Kind.NEW], Kind.CROSS, "arxiv", TOMORROW, False),
        ([Kind.NEW], Kind.REPLACE, "arxiv", TOMORROW, False),
        ([Kind.NEW], Kind.NEW, "huggingface", DAY, True),
        ([Kind.NEW], Kind.REPLACE, "huggingface", DAY, False),
        ([Kind.REPLACE], Kind.REPLACE, "arxiv", TOMORROW, False),
        ([Kind.REPLACE], Kind.NEW, "arxiv", DAY, True),
        ([Kind.REPLACE], Kind.CROSS, "arxiv", TOMORROW, True),
        ([Kind.REPLACE, Kind.NEW], Kind.NEW, "arxiv", DAY, False),
    ],
)
def test_what_is_matched(
    store: Store, before: list[Kind], kind: Kind, source: str, day: date, *, due: bool
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
        ({"signals": Signals(6, 7)}, Kind.REPLACE, True),
        ({"signals": Signals(5, 1)}, Kind.NEW, True),
        ({"signals": Signals(5)}, Kind.NEW, False),
        ({"title": "Another title", "version": 3}, Kind.REPLACE, False),
        ({"categories": ("cs.CR", "stat.ML")}, Kind.CROSS, True),
        ({"categories": ("cs.CR", "stat.ML")}, Kind.REPLACE, False),
    ],
)
def test_a_known_paper_is_matched_again_when_a_topic_may_newly_fit(
    store: Store, change: dict[str, object], kind: Kind, *, due: bool
) -> None:
    ingest(store, FULL)
    changed = Paper(**{**{name: getattr(FULL, name) for name in FULL.__slots__}, **change})

    done = ingest(store, changed, kind=kind, day=TOMORROW)

    assert [paper.signals for paper in done.to_match] == ([stored_signals(changed)] if due else [])


def stored_signals(paper: Paper) -> Signals:
    """What is known after `paper` came: a number that it does not tell stays."""
    return Signals(paper.signals.upvotes, 7 if paper.signals.stars is None else paper.signals.stars)


def test_a_replacement_that_was_never_announced_is_not_matched_for_its_votes(store: Store) -> None:
    ingest(store, a_paper("2502.00001", version=4), kind=Kind.REPLACE)

    assert not ingest(store, a_paper("2502.00001", signals=Signals(9)), kind=Kind.REPLACE).to_match


def test_the_first_day_counts_in_whatever_order_batches_come(store: Store) -> None:
    ingest(store, FULL, day=TOMORROW)
    ingest(store, FULL)

    with store.begin() as tx:
        hit = tx.papers.get(FULL.id)
        assert hit is not None
        assert hit.announced == DAY
        assert tx.papers.span() == (DAY, TOMORROW)


def test_the_index_follows_the_text(store: Store) -> None:
    ingest(store, a_paper("2502.00001", "Owls", version=1, authors=("Ana Núñez",)))
    ingest(store, a_paper("2502.00001", "Larks", version=2, authors=("Eva Lee",)), kind=Kind.REPLACE)

    assert (found(store, "owls"), found(store, "lark")) == ([], ["2502.00001"])
    assert (found(store, "author:nunez"), found(store, "author:lee")) == ([], ["2502.00001"])


def test_two_sources_tell_of_one_work(store: Store) -> None:
    doi = PaperId.of("10.1101/x")
    ingest(store, a_paper("10.1101/x", "Owls", abstract="They hunt."), source="biorxiv")
    done = ingest(store, a_paper("2502.00001", aliases=(doi,), signals=Signals(3)))

    assert (done.new, done.announced) == (0, 1)
    (paper,) = done.to_match
    assert (paper.id, paper.aliases, paper.signals.upvotes) == (doi, (PaperId.of("2502.00001"),), 3)
    assert done.sources == {doi: ("arxiv", "biorxiv")}
    assert stored(store, "2502.00001") == paper


def test_records_of_one_batch_can_be_one_work(store: Store) -> None:
    batch = Batch(
        "arxiv",
        DAY,
        (
            Announcement(a_paper("2502.00001", version=1), Kind.REPLACE),
            Announcement(a_paper("10.1101/x", aliases=(PaperId.of("2502.00001"),)), Kind.CROSS),
        ),
    )
    with store.begin() as tx:
        done = tx.papers.ingest(batch, NOW)

    assert (done.announced, done.new, len(done.to_match)) == (1, 1, 1)
    assert state(store) == BatchState("arxiv", DAY, 1, 0, complete=True, changed=NOW)


def two_works(store: Store) -> tuple[int, int]:
    """Two papers that are one, each matched and listed in places; their two subscriptions."""
    ingest(store, a_paper("2502.00001", "Owls", signals=Signals(1)), a_paper("2502.00009"))
    ingest(store, a_paper("10.1101/x", "Owls hunt"), source="biorxiv", day=TOMORROW)
    ingest(store, a_paper("2502.00001"), source="both", kind=Kind.REPLACE)
    ingest(store, a_paper("10.1101/x"), source="both", kind=Kind.NEW)
    here, there = a_channel(store), a_channel(store, "there")
    first, second = subscribed(store, here, "owls"), subscribed(store, there, "owls")
    matched(store, first, "2502.00001", "10.1101/x")
    matched(store, second, "10.1101/x")
    with store.begin() as tx:
        entries = [
            Entry(PaperId.of("2502.00001"), first, 1, shown=True),
            Entry(PaperId.of("10.1101/x"), first, 2, shown=False),
        ]
        assert tx.digests.plan(a_digest(here, entries), here)
        assert tx.digests.plan(
            a_digest(there, [Entry(PaperId.of("10.1101/x"), second, 1, shown=True)]), there
        )
    return first, second


def test_a_record_can_link_two_stored_papers(store: Store, database_url: str) -> None:
    first, second = two_works(store)
    done = ingest(store, a_paper("2502.00001", aliases=(PaperId.of("10.1101/x"),)), source="linker")

    (paper,) = done.to_match
    assert (paper.id.value, paper.aliases, paper.signals) == (
        "2502.00001",
        (PaperId.of("10.1101/x"),),
        Signals(1),
    )
    assert done.sources[paper.id] == ("arxiv", "biorxiv", "both", "linker")
    with store.begin() as tx:
        assert tx.papers.count() == 2
        assert tx.papers.get(PaperId.of("10.1101/x")) == tx.papers.get(PaperId.of("2502.00001"))
        batch = tx.papers.batch("both", DAY)
        assert batch is not None
        assert batch.announced == 1
    tables = contents(database_url)
    assert {(row[2], row[3]) for row in tables["announcements"] if row[0] == "both"} == {(1, "new")}
    assert {(row[1], row[2]) for row in tables["matches"]} == {(first, 1), (second, 1)}
    assert {(row[0], row[1]) for row in tables["digest_entries"]} == {(1, 1), (2, 1)}
    indexed = tables.get("paper_stems_content") or tables["paper_words"]
    assert [row[0] for row in indexed] == [1, 2]
    assert found(store, "owls") == ["2502.00001"]


def test_ids_that_are_told_one_by_one_come_back_sorted(store: Store) -> None:
    first, second = PaperId("own", "1"), PaperId("own", "2")
    ingest(store, a_paper("2502.00001", aliases=(second,)))
    ingest(store, a_paper("2502.00001", aliases=(first,)))

    paper = stored(store, "2502.00001")
    assert paper is not None
    assert paper.aliases == (first, second)


def test_papers_that_are_joined_are_matched_again(store: Store) -> None:
    two_works(store)
    linker = a_paper("2502.00001", aliases=(PaperId.of("10.1101/x"),))

    assert len(ingest(store, linker, kind=Kind.REPLACE).to_match) == 1
    assert not ingest(store, linker, kind=Kind.REPLACE).to_match


def test_linking_again_changes_nothing(store: Store, database_url: str) -> None:
    two_works(store)
    linking = a_batch(a_paper("2502.00001", aliases=(PaperId.of("10.1101/x"),)), source="linker")
    with store.begin() as tx:
        tx.papers.ingest(linking, NOW)
    before = contents(database_url)
    with store.begin() as tx:
        done = tx.papers.ingest(linking, LATER)

    assert contents(database_url) == before
    assert not done.to_match


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
        every = tx.papers.voted(old, None, 10)
        owls = tx.papers.voted(DAY, parse("owls"), 10)
        best = tx.papers.voted(DAY, None, 1)

    assert [hit.paper.signals.upvotes for hit in every] == [50, 8, 3]
    assert [hit.paper.id.value for hit in owls] == ["2502.00003", "2502.00002"]
    assert [hit.paper.id.value for hit in best] == ["2502.00003"]


def test_more_papers_than_one_statement_names(store: Store, database_url: str) -> None:
    batch = a_batch(*(a_paper(f"2502.{number:05}", f"Owl {number}") for number in range(1201)))
    with store.begin() as tx:
        assert tx.papers.ingest(batch, NOW).new == 1201
    before = contents(database_url)
    with store.begin() as tx:
        assert tx.papers.ingest(batch, LATER).new == 0
        assert tx.papers.count() == 1201

    assert contents(database_url) == before


def test_an_error_takes_the_whole_batch_back(store: Store, database_url: str) -> None:
    before = contents(database_url)
    with pytest.raises(IntegrityError), store.begin() as tx:  # noqa: PT012
        tx.papers.ingest(a_batch(FULL), NOW)
        tx.channels.mute(NOWHERE.id, Mute(parse("owls")), NOW)

    assert contents(database_url) == before
