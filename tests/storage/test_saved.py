from __future__ import annotations

from datetime import date

from bot.channels.reader import Reader
from bot.papers.identity import PaperId
from bot.papers.paper import Paper, Signals
from bot.ports.store import Store
from tests.storage.making import NOW

ADA, BOB = Reader("slack", "T1", "ada"), Reader("slack", "T1", "bob")
ELSEWHERE = Reader("slack", "T2", "ada")
WHOLE = Paper(
    PaperId("arxiv", "2502.00001"),
    "Models “learn”",
    "An abstract.",
    ("Ann Lee", "Bo Núñez"),
    ("cs.CL",),
    date(2025, 2, 1),
    3,
    (PaperId("doi", "10.1101/x"),),
    Signals(7, None),
    "A sentence.",
    "https://github.com/x/y",
)
PAPERS = [Paper(PaperId("arxiv", f"2502.0000{n}"), f"Paper {n}") for n in range(2, 6)]


def test_a_paper_is_kept_as_it_was_saved(store: Store) -> None:
    with store.begin() as tx:
        assert tx.reading_lists.add(ADA, WHOLE, NOW)
        assert not tx.reading_lists.add(ADA, WHOLE, NOW)
        assert tx.reading_lists.page_of(ADA, 10) == [WHOLE]
        assert tx.reading_lists.page_of(BOB, 10) == tx.reading_lists.page_of(ELSEWHERE, 10) == []


def test_a_list_is_read_in_pages_the_latest_first(store: Store) -> None:
    with store.begin() as tx:
        for paper in PAPERS:
            tx.reading_lists.add(ADA, paper, NOW)
        assert tx.reading_lists.count(ADA) == len(PAPERS)
        assert [*tx.reading_lists.page_of(ADA, 3), *tx.reading_lists.page_of(ADA, 3, 3)] == PAPERS[::-1]


def test_papers_are_removed_from_ones_own_list(store: Store) -> None:
    with store.begin() as tx:
        for reader in (ADA, BOB, ELSEWHERE):
            for paper in PAPERS:
                tx.reading_lists.add(reader, paper, NOW)
        assert tx.reading_lists.remove(ADA, [PAPERS[0].id, WHOLE.id]) == 1
        assert tx.reading_lists.page_of(ADA, 10) == PAPERS[:0:-1]
        assert tx.reading_lists.clear_list(ADA) == len(PAPERS) - 1
        assert tx.reading_lists.clear_list(ADA) == tx.reading_lists.count(ADA) == 0
        assert tx.reading_lists.count(BOB) == tx.reading_lists.count(ELSEWHERE) == len(PAPERS)
