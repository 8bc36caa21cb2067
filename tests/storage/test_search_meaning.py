"""A query means in the store what it means on a paper by itself."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.papers.text import clean_text, clean_title
from bot.ports.store import Store
from bot.search.plan import SearchPlan, plan_filter, plan_search
from bot.search.typed import parse_search
from bot.topics.evaluate import fits_paper, view_paper
from bot.topics.parser import MAX_NESTING, parse_query
from bot.topics.query import Author, Category, Phrase, Prefix, Query, SourceIs, Word
from storage.database import Database
from tests.databases import ENGINES, new_database
from tests.recorded import DATA, needs_recordings
from tests.storage.making import NOW, a_batch, a_paper, ingest
from tests.topics.cases import CASES, PAPERS, SOURCES
from tests.topics.strategies import answered_query, papers

EVERYTHING = SearchPlan(None, (), ())
UNSAID = "a-source-that-no-query-names"


class RollBackError(Exception):
    """Takes an example's papers back."""


@pytest.fixture(scope="module", params=ENGINES)
def shared_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty database of this module, of each kind."""
    with new_database(request.param, request, tmp_path_factory.mktemp("shared")) as url:
        yield url


@pytest.fixture(scope="module")
def cases(shared_url: str) -> Iterator[Store]:
    """The papers of the table, each announced by its sources."""
    database = Database(shared_url)
    with database.begin() as tx:
        for name, paper in PAPERS.items():
            for source in SOURCES.get(name, (UNSAID,)):
                tx.papers.ingest_batch(a_batch(paper, source=source), NOW)
    yield database
    database.close()


def selected(store: Store, query: Query) -> set[PaperId]:
    """The papers that the query fits."""
    with store.begin() as tx:
        return {hit.paper.id for hit in tx.papers.find(plan_filter(query), 1000).hits}


@pytest.mark.parametrize(("query", "names"), CASES)
def test_the_table_of_meanings(cases: Store, query: str, names: str) -> None:
    assert selected(cases, parse_query(query)) == {PAPERS[name].id for name in names.split()}


# Each example's papers are taken back.
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(st.tuples(papers, st.sampled_from(("arxiv", "my-papers.2", UNSAID))), max_size=6),
    queries=st.lists(answered_query, min_size=1, max_size=6),
)
def test_the_store_agrees_with_the_plain_evaluator(
    store: Store, told: Sequence[tuple[Paper, str]], queries: Sequence[Query]
) -> None:
    with suppress(RollBackError), store.begin() as tx:
        sources: dict[PaperId, set[str]] = {}
        for paper, source in told:
            tx.papers.ingest_batch(a_batch(paper, source=source), NOW)
        for paper, source in told:
            hit = tx.papers.get(paper.id)
            assert hit is not None
            sources.setdefault(hit.paper.id, set()).add(source)
        seen = [view_paper(hit.paper, sources[hit.paper.id]) for hit in tx.papers.find(EVERYTHING, 1000).hits]
        for query in queries:
            found = {hit.paper.id for hit in tx.papers.find(plan_filter(query), 1000).hits}
            assert found == {one.paper.id for one in seen if fits_paper(query, one)}, str(query)
        raise RollBackError


@pytest.mark.parametrize(
    "levels",
    [
        (" misalignment (bare OR context", " -(c d"),
        (" stars:>6 (stars:>7 OR stars:>8", " -(stars:>9"),
        (" upvotes:>9 (upvotes:>7 OR code", " x (y OR z"),
    ],
)
def test_a_query_may_nest_as_deep_as_the_parser_lets_it(cases: Store, levels: Sequence[str]) -> None:
    text = ""
    while text.count("(") < MAX_NESTING and len(text) < 900:
        text += levels[text.count("(") % 2]
    query = parse_query(text + ")" * text.count("("))
    assert text.count("(") > 40

    expected = {
        paper.id
        for name, paper in PAPERS.items()
        if fits_paper(query, view_paper(paper, SOURCES.get(name, ())))
    }
    assert selected(cases, query) == expected


def test_a_query_may_have_as_many_parts_as_the_parser_lets_it(cases: Store) -> None:
    for joint in (" ", " OR ", " -"):
        query = parse_query(joint.join(f"zz{number}" for number in range(160))[:990])
        assert selected(cases, query) == set()


@pytest.mark.parametrize(
    "query",
    [
        Author(('evan" OR "owain',)),
        Word('learn" OR "tumour'),
        Prefix('em" OR "tumour'),
        Phrase(("in", '" OR tumour')),
        Category("'; DROP TABLE papers; --"),
        SourceIs("' OR 1 = 1 --"),
    ],
)
def test_no_value_is_read_as_a_query(cases: Store, query: Query) -> None:
    assert selected(cases, query) == set()


@pytest.mark.parametrize(
    "text", ["like:2502.17424", 'tumour -about:"owls at night"', "owls OR like:2502.17424"]
)
def test_meaning_is_refused(cases: Store, text: str) -> None:
    with pytest.raises(UsageError, match="needs the semantic index"), cases.begin() as tx:
        tx.papers.find(plan_search(parse_search(text)), 10)


def test_a_phrase_ends_with_its_field_and_with_a_name(store: Store) -> None:
    ingest(
        store,
        a_paper(
            "2502.00001", "Owls", abstract="hunt", authors=("Ana Lee", "Eva Wu"), categories=("a b", "c")
        ),
    )

    assert not selected(store, parse_query('"owls hunt"'))
    assert not selected(store, parse_query('author:"lee eva"'))
    assert not selected(store, parse_query('cat:"b c"'))
    assert selected(store, parse_query('owls hunt author:"eva wu" cat:"a b" cat:c'))


def recorded_papers() -> list[Paper]:
    """A recorded day of arXiv, each paper once."""
    lines = (DATA / "arxiv_bulk_daily" / "2025-10-16.jsonl").read_text().split("\n")
    told = {record["id"]: record for record in map(json.loads, filter(None, lines))}
    return [
        Paper(
            PaperId.from_text(name),
            clean_title(record["title"]),
            clean_text(record["summary"]),
            tuple(record["authors"]),
            tuple(record["categories"]),
        )
        for name, record in told.items()
    ]


def drawn(paper: Paper, draw: random.Random) -> str:
    """A query that the paper suggests."""
    title = paper.title.replace('"', "").split()
    at = draw.randrange(len(title))
    author, category = draw.choice(paper.authors), draw.choice(paper.categories)
    return draw.choice(
        (
            title[at],
            f'"{" ".join(title[at : at + 3])}"',
            f'{title[at]} -"{title[0]}"',
            f'author:"{author}"',
            f'author:"{author.split()[-1]}" OR cat:"{category}"',
            f'cat:"{category}" -{title[at]}',
            f'abstract:"{title[at]}" (cat:cs.* OR cat:stat.*)',
        )
    )


@needs_recordings
def test_the_store_agrees_with_the_plain_evaluator_on_a_recorded_day(store: Store) -> None:
    told = recorded_papers()
    ingest(store, *told)
    views = [view_paper(paper, ("arxiv",)) for paper in told]
    draw = random.Random(2)
    queries = []
    for paper in told:
        with suppress(UsageError):
            queries.append(parse_query(drawn(paper, draw)))

    assert len(queries) > len(told) / 2
    for query in queries:
        assert selected(store, query) == {one.paper.id for one in views if fits_paper(query, one)}, str(query)
