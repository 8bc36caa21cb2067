"""Records that tell of one work are one paper."""

from __future__ import annotations

from bot.digests.digest import DigestEntry
from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, AnnouncementKind, Batch, BatchState, Signals
from bot.ports.store import Store
from tests.databases import contents
from tests.storage.making import (
    DAY,
    LATER,
    NOW,
    TOMORROW,
    a_batch,
    a_channel,
    a_digest,
    a_paper,
    ingest,
    matched,
    subscribed,
)
from tests.storage.reading_back import found, state, stored


def test_two_sources_tell_of_one_work(store: Store) -> None:
    doi = PaperId.from_text("10.1101/x")
    ingest(store, a_paper("10.1101/x", "Owls", abstract="They hunt."), source="biorxiv")
    done = ingest(store, a_paper("2502.00001", aliases=(doi,), signals=Signals(3)))

    assert (done.new, done.announced) == (0, 1)
    (paper,) = done.to_match
    assert (paper.id, paper.aliases, paper.signals.upvotes) == (doi, (PaperId.from_text("2502.00001"),), 3)
    assert done.sources == {doi: ("arxiv", "biorxiv")}
    assert stored(store, "2502.00001") == paper


def test_records_of_one_batch_can_be_one_work(store: Store) -> None:
    batch = Batch(
        "arxiv",
        DAY,
        (
            Announcement(a_paper("2502.00001", version=1), AnnouncementKind.REPLACE),
            Announcement(
                a_paper("10.1101/x", aliases=(PaperId.from_text("2502.00001"),)), AnnouncementKind.CROSS
            ),
        ),
    )
    with store.begin() as tx:
        done = tx.papers.ingest_batch(batch, NOW)

    assert (done.announced, done.new, len(done.to_match)) == (1, 1, 1)
    assert state(store) == BatchState("arxiv", DAY, 1, 0, complete=True, changed=NOW)


def two_works(store: Store) -> tuple[int, int]:
    """Two papers that are one, each matched and listed in places; their two subscriptions."""
    ingest(store, a_paper("2502.00001", "Owls", signals=Signals(1)), a_paper("2502.00009"))
    ingest(store, a_paper("10.1101/x", "Owls hunt"), source="biorxiv", day=TOMORROW)
    ingest(store, a_paper("2502.00001"), source="both", kind=AnnouncementKind.REPLACE)
    ingest(store, a_paper("10.1101/x"), source="both", kind=AnnouncementKind.NEW)
    here, there = a_channel(store), a_channel(store, "there")
    first, second = subscribed(store, here, "owls"), subscribed(store, there, "owls")
    matched(store, first, "2502.00001", "10.1101/x")
    matched(store, second, "10.1101/x")
    with store.begin() as tx:
        entries = [
            DigestEntry(PaperId.from_text("2502.00001"), first, 1, shown=True),
            DigestEntry(PaperId.from_text("10.1101/x"), first, 2, shown=False),
        ]
        assert tx.digests.plan_digest(a_digest(here, entries), here)
        assert tx.digests.plan_digest(
            a_digest(there, [DigestEntry(PaperId.from_text("10.1101/x"), second, 1, shown=True)]), there
        )
    return first, second


def test_a_record_can_link_two_stored_papers(store: Store, database_url: str) -> None:
    first, second = two_works(store)
    done = ingest(store, a_paper("2502.00001", aliases=(PaperId.from_text("10.1101/x"),)), source="linker")

    (paper,) = done.to_match
    assert (paper.id.value, paper.aliases, paper.signals) == (
        "2502.00001",
        (PaperId.from_text("10.1101/x"),),
        Signals(1),
    )
    assert done.sources[paper.id] == ("arxiv", "biorxiv", "both", "linker")
    with store.begin() as tx:
        assert tx.papers.count_papers() == 2
        assert tx.papers.get(PaperId.from_text("10.1101/x")) == tx.papers.get(PaperId.from_text("2502.00001"))
        batch = tx.papers.find_batch("both", DAY)
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
    linker = a_paper("2502.00001", aliases=(PaperId.from_text("10.1101/x"),))

    assert len(ingest(store, linker, kind=AnnouncementKind.REPLACE).to_match) == 1
    assert not ingest(store, linker, kind=AnnouncementKind.REPLACE).to_match


def test_linking_again_changes_nothing(store: Store, database_url: str) -> None:
    two_works(store)
    linking = a_batch(a_paper("2502.00001", aliases=(PaperId.from_text("10.1101/x"),)), source="linker")
    with store.begin() as tx:
        tx.papers.ingest_batch(linking, NOW)
    before = contents(database_url)
    with store.begin() as tx:
        done = tx.papers.ingest_batch(linking, LATER)

    assert contents(database_url) == before
    assert not done.to_match


def test_a_paper_waits_for_its_vector_for_both(store: Store, database_url: str) -> None:
    ingest(store, a_paper("2502.00001"))
    ingest(store, a_paper("10.1101/x"), source="biorxiv", day=TOMORROW)
    with store.begin() as tx:
        tx.vectors.wait_for_match([PaperId.from_text("2502.00001")], "arxiv", DAY)
        tx.vectors.wait_for_match([PaperId.from_text("10.1101/x")], "biorxiv", TOMORROW)
    ingest(store, a_paper("2502.00001", aliases=(PaperId.from_text("10.1101/x"),)), source="both")

    (paper,) = contents(database_url)["papers"]
    assert {row[1:3] for row in contents(database_url)["waiting"]} == {
        (paper[0], "arxiv"),
        (paper[0], "biorxiv"),
    }
