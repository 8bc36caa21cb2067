from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.papers import analyser
from bot.papers.paper import Signals
from bot.ports.store import Store
from bot.search.plan import Order, SearchPlan, plan_filter, plan_search
from bot.search.typed import parse_search
from bot.topics.parser import parse_query
from storage.database import Database
from tests.databases import contents
from tests.storage.making import DAY, a_paper, ingest

FILLER = "Something else entirely is written here so that other words stay rare."


@pytest.fixture
def library(store: Store) -> Store:
    """Papers on owls and larks, the last digit of whose ids names them."""
    old = DAY - timedelta(days=30)
    ingest(store, *(a_paper(f"2501.1{number:04}", FILLER) for number in range(20)), day=old)
    ingest(
        store,
        a_paper("2502.00001", "Owls", abstract=FILLER, signals=Signals(2)),
        a_paper("2502.00002", "A note", abstract=f"Of owls. {FILLER}"),
        day=old,
    )
    ingest(store, a_paper("2502.00003", "A note", abstract=f"Larks and owls. {FILLER}"), day=old)
    ingest(
        store,
        a_paper("2502.00004", "Larks", abstract=f"Larks, larks and larks. {FILLER}", signals=Signals(0)),
        a_paper("2502.00005", "Owls", abstract=FILLER, authors=("Ana Lee",), signals=Signals(9)),
    )
    return store


def search(store: Store, text: str, order: Order = Order.DATE, since: date | None = None) -> str:
    """The last digits of the hits, in order."""
    with store.begin() as tx:
        hits = tx.papers.find(plan_search(parse_search(text), order, since), 100).hits
    return "".join(hit.paper.id.value[-1] for hit in hits)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("owls", Order.DATE, "5321"),
        ("owls larks", Order.DATE, "54321"),
        ("owls larks", Order.VOTES, "51432"),
        ("owls -larks", Order.DATE, "521"),
        ("upvotes:>=0", Order.DATE, "541"),
    ],
)
def test_the_order_of_hits(library: Store, text: str, order: Order, expected: str) -> None:
    assert search(library, text, order) == expected


def test_only_papers_first_announced_since(library: Store) -> None:
    assert search(library, "owls larks", since=DAY) == "54"
    assert search(library, "owls", since=DAY + timedelta(days=1)) == ""


def test_pages_hold_every_hit_once(library: Store) -> None:
    plan = plan_search(parse_search("owls larks"), Order.DATE)
    with library.begin() as tx:
        pages = [tx.papers.find(plan, 2, offset) for offset in (0, 2, 4, 6)]
        every = tx.papers.find(plan, 100)

    assert [page.total for page in pages] == [5, 5, 5, 5]
    assert tuple(hit for page in pages for hit in page.hits) == every.hits
    assert [len(page.hits) for page in pages] == [2, 2, 1, 0]


def test_a_plan_that_asks_nothing_gives_every_paper(library: Store) -> None:
    with library.begin() as tx:
        page = tx.papers.find(SearchPlan(None, (), ()), 3)

    assert page.total == tx_count(library) == 25
    assert [hit.paper.id.value[-1] for hit in page.hits[:2]] == ["5", "4"]


def tx_count(store: Store) -> int:
    """How many papers are stored."""
    with store.begin() as tx:
        return tx.papers.count_papers()


def test_a_filter_lists_the_newest_first(library: Store) -> None:
    with library.begin() as tx:
        hits = tx.papers.find(plan_filter(parse_query("owls")), 100)

    assert [hit.paper.id.value[-1] for hit in hits.hits] == ["5", "3", "2", "1"]
    assert hits.hits[0].announced == DAY


def test_another_analyser_has_everything_indexed_anew(
    library: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(database_url)
    words = analyser.split_words
    monkeypatch.setattr(analyser, "ANALYSER_VERSION", "reversed")
    monkeypatch.setattr(analyser, "split_words", lambda text: [word[::-1] for word in words(text)])
    library.upgrade()
    assert ("analyser", "reversed") in contents(database_url)["meta"]
    monkeypatch.undo()
    assert (search(library, "owls"), search(library, "slwo")) == ("", "5321")

    library.upgrade()
    assert search(library, "owls") == "5321"
    # SQLite's own tables may lay the same content out anew.
    kept = [name for name in before if not name.startswith("paper_") or name.endswith(("_content", "_words"))]
    after = contents(database_url)
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def test_an_index_of_this_analyser_is_left_alone(library: Database, database_url: str) -> None:
    before = contents(database_url)
    library.upgrade()

    assert contents(database_url) == before
