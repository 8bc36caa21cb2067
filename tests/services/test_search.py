"""What a search finds and in what order, over the real store and the real index."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.ranking.index import TantivyRanker
from bot.papers.paper import Signals
from bot.search.plan import Hits, Order, plan_search
from bot.search.typed import parse_search
from bot.services.search import Searcher
from storage.database import Database
from tests.databases import sqlite_in
from tests.storage.making import DAY, a_paper, ingest
from tests.topics.cases import PAPERS

FILLER = "Something else entirely is written here so that other words stay rare."


class Library:
    """A store with its index, asked as a reader asks."""

    def __init__(self, folder: Path) -> None:
        self.store = Database(sqlite_in(folder))
        self.searcher = Searcher(TantivyRanker(folder / "index"))

    def find(
        self,
        text: str,
        order: Order = Order.RELEVANCE,
        since: date | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Hits:
        plan = plan_search(parse_search(text), order, since)
        self.searcher.prepare_search(self.store, plan)
        with self.store.begin() as tx:
            return self.searcher.search(tx, plan, limit, offset)

    def digits(self, text: str, order: Order = Order.RELEVANCE, since: date | None = None) -> str:
        """The last digits of the hits' ids, in order."""
        return "".join(hit.paper.id.value[-1] for hit in self.find(text, order, since).hits)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Papers on owls and larks, the last digit of whose ids names them."""
    found = Library(tmp_path_factory.mktemp("library"))
    old = DAY - timedelta(days=30)
    ingest(found.store, *(a_paper(f"2501.1{number:04}", FILLER) for number in range(20)), day=old)
    ingest(
        found.store,
        a_paper("2502.00001", "Owls", abstract=FILLER, signals=Signals(2)),
        a_paper("2502.00002", "A note", abstract=f"Of owls. {FILLER}"),
        day=old,
    )
    ingest(found.store, a_paper("2502.00003", "A note", abstract=f"Larks and owls. {FILLER}"), day=old)
    ingest(
        found.store,
        a_paper("2502.00004", "Larks", abstract=f"Larks, larks and larks. {FILLER}", signals=Signals(0)),
        a_paper("2502.00005", "Owls", abstract=FILLER, authors=("Ana Lee",), signals=Signals(9)),
    )
    yield found
    found.store.close()


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        # All of the ranked words come first, then the title weighs more, then what was stored last.
        ("owls larks", Order.RELEVANCE, "34512"),
        ("owls", Order.RELEVANCE, "5123"),
        ("larks", Order.RELEVANCE, "43"),
        ("what of the owls?", Order.RELEVANCE, "5123"),
        # Filters narrow, and positive ones score.
        ("owls author:lee", Order.RELEVANCE, "5"),
        ("owls -larks", Order.RELEVANCE, "512"),
        ('"owls"', Order.RELEVANCE, "5123"),
        ("owl*", Order.RELEVANCE, "5123"),
        ("owl* larks", Order.RELEVANCE, "3"),
        ("title:owls", Order.RELEVANCE, "51"),
        ("upvotes:>=0", Order.RELEVANCE, "541"),
        ("title:larks OR upvotes:>=0", Order.RELEVANCE, "451"),
        ("owls", Order.DATE, "5321"),
        ("owls larks", Order.DATE, "54321"),
        ("owls larks", Order.VOTES, "51432"),
        ("nightjars", Order.RELEVANCE, ""),
    ],
)
def test_the_order_of_hits(library: Library, text: str, order: Order, expected: str) -> None:
    found = library.find(text, order)

    assert "".join(hit.paper.id.value[-1] for hit in found.hits) == expected
    assert found.total == len(expected)


def test_only_papers_first_announced_since(library: Library) -> None:
    assert library.digits("owls larks", since=DAY) == "45"
    assert library.digits("owls", since=DAY + timedelta(days=1)) == ""


@pytest.mark.parametrize("text", ["owls larks", "title:larks OR upvotes:>=0", "owl* OR larks"])
def test_pages_hold_every_hit_once(library: Library, text: str) -> None:
    every = library.find(text)
    pages = [library.find(text, limit=2, offset=offset) for offset in (0, 2, 4, 6)]

    assert [page.total for page in pages] == [every.total] * 4
    assert [hit.paper.id for page in pages for hit in page.hits] == [hit.paper.id for hit in every.hits]
    assert len(every.hits) == every.total


def test_scores_fall_from_the_best(library: Library) -> None:
    scores = [hit.score for hit in library.find("owls").hits]

    assert scores == sorted((score or 0.0 for score in scores), reverse=True)
    assert scores[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("text", "corrected", "expected"),
    [
        ("larsk", {"larsk": "larks"}, "43"),
        ("owls larkks", {"larkks": "larks"}, "34512"),
        ("writen larks", {"writen": "written"}, "43"),
        ("what do the larkks do?", {"larkks": "larks"}, "43"),
        ("larkks -owls", {"larkks": "larks"}, "4"),
        ('"larkks"', {}, ""),
    ],
)
def test_typing_errors_are_forgiven_where_no_paper_has_the_word(
    library: Library, text: str, corrected: Mapping[str, str], expected: str
) -> None:
    found = library.find(text)
    ids = "".join(hit.paper.id.value[-1] for hit in found.hits)

    assert dict(found.corrected) == corrected
    assert ids.startswith(expected)
    assert bool(ids) == bool(expected)


def test_hits_show_where_they_say_it(library: Library) -> None:
    first = library.find("larks owls").hits[0]

    assert first.snippet is not None
    assert first.snippet.text == "Larks and owls."
    assert [first.snippet.text[start:end] for start, end in first.snippet.marks] == ["Larks", "owls"]


def test_more_hits_than_are_fused(tmp_path: Path) -> None:
    library = Library(tmp_path)
    ingest(
        library.store,
        *(a_paper(f"2501.1{number:04}", "Owls", abstract="x " * number) for number in range(450)),
    )
    every = library.find("owls", limit=1000)
    pages = [
        hit.paper.id
        for offset in range(0, 460, 50)
        for hit in library.find("owls", limit=50, offset=offset).hits
    ]

    assert len(every.hits) == every.total == 450
    assert pages == [hit.paper.id for hit in every.hits]
    assert [hit.score is None for hit in every.hits] == [False] * 200 + [True] * 250
    library.store.close()


def test_a_paper_is_found_as_soon_as_it_is_stored_and_as_it_is_now(tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert library.digits("owls") == ""
    ingest(library.store, a_paper("2502.00001", "Owls", version=1))
    assert library.digits("owls") == "1"
    ingest(library.store, a_paper("2502.00001", "Larks", version=2), a_paper("2502.00002", "Owls"))

    assert (library.digits("owls"), library.digits("larks")) == ("2", "1")
    library.store.close()


def test_papers_that_turn_out_to_be_one_are_found_once(tmp_path: Path) -> None:
    library = Library(tmp_path)
    misalignment = PAPERS["misalignment"]
    ingest(
        library.store,
        a_paper("2502.17424", misalignment.title),
        a_paper("10.1234/ab(c)5", misalignment.title),
    )
    assert len(library.find("misalignment").hits) == 2
    ingest(library.store, misalignment)

    assert [hit.paper.id for hit in library.find("misalignment").hits] == [misalignment.id]
    library.store.close()


def left_behind(folder: Path) -> None:
    """Let nobody write the index any more."""
    [lock] = folder.glob("index/*/.tantivy-writer.lock")
    lock.unlink()
    lock.mkdir()


def never_made(folder: Path) -> None:
    """Let there be a file where the index belongs."""
    shutil.rmtree(folder / "index", ignore_errors=True)
    (folder / "index").write_bytes(b"")


def of_another_store(folder: Path) -> None:
    """Leave the index of a store that was here before, and let nobody write it."""
    [mark] = folder.glob("index/*/mark.json")
    mark.write_text(mark.read_text().replace('"store": "', '"store": "not-'))
    left_behind(folder)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        # The older index ranks, and what has come since is not in it.
        (left_behind, {"owls": "12", "larkks": "2", "title:larks": "3"}),
        # The newest that the database itself finds; nobody knows what was meant.
        (
            never_made,
            {"owls": "321", "owls larks": "321", "larkks": "", "owl* -larks": "1", "title:larks": "3"},
        ),
        (of_another_store, {"owls": "321", "larkks": "", "title:larks": "3"}),
    ],
)
def test_an_index_that_cannot_be_written_is_the_operators_trouble(
    tmp_path: Path, fault: Callable[[Path], object], expected: Mapping[str, str]
) -> None:
    library = Library(tmp_path)
    ingest(
        library.store, a_paper("2502.00001", "Owls"), a_paper("2502.00002", "A note", abstract="Owls, larks.")
    )
    library.find("owls")
    ingest(library.store, a_paper("2502.00003", "Larks", abstract="Of owls."), day=DAY + timedelta(days=1))
    fault(tmp_path)

    with capture_logs() as logged:
        found = {text: library.digits(text) for text in expected}
    assert found == expected
    assert [line["event"] for line in logged] == ["search index left behind"] * len(expected)
    assert "Free some space" in logged[0]["problem"]
    library.store.close()
