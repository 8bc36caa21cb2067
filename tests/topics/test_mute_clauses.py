from __future__ import annotations

from collections.abc import Set as AbstractSet

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.papers.paper import Paper
from bot.topics.evaluate import PaperView, fits_paper, view_paper
from bot.topics.mute_clauses import all_clauses, clauses_to_mute, remove_clauses
from bot.topics.parser import parse_query
from bot.topics.query import And, Or, Query, leaves_of
from tests.topics.cases import PAPERS, SOURCES
from tests.topics.strategies import common_query, papers


def clauses(query: Query) -> st.SearchStrategy[frozenset[Query]]:
    """Some of the query's clauses, and some that it has not."""
    return st.frozensets(st.sampled_from(sorted(all_clauses(query), key=str)) | common_query, max_size=3)


muted_queries = common_query.flatmap(lambda query: st.tuples(st.just(query), clauses(query)))


def never(query: Query, muted: AbstractSet[Query], seen: PaperView) -> bool:
    """What a query means where the muted clauses never fit, so evaluated: the oracle of `remove_clauses`."""
    if query in muted:
        return False
    if isinstance(query, And):
        return all(never(part, muted, seen) for part in query.parts)
    return (
        any(never(part, muted, seen) for part in query.parts)
        if isinstance(query, Or)
        else fits_paper(query, seen)
    )


@pytest.mark.parametrize(
    ("topic", "muted", "left"),
    [
        ("a OR b", ["a"], "b"),
        ("a OR b OR c", ["b"], "a OR c"),
        ("(a OR b) c", ["a"], "b c"),
        ("(a OR (b c)) d", ["a"], "b c d"),
        ("a b OR c", ["a b"], "c"),
        # A part of a conjunction takes the whole of it along.
        ("a b OR c", ["a"], "c"),
        ('author:"Evan Hubinger" OR agents', ['author:"Evan Hubinger"'], "agents"),
        # What is excluded stays excluded.
        ("a -b", ["b"], "a -b"),
        ("a OR -b", ["-b"], "a"),
        ("a -(b OR c)", ["b", "c"], "a -(b OR c)"),
        # The other spelling of a clause is another clause.
        ("a OR b", ["title:a"], "a OR b"),
        ("a", ["a"], None),
        ("a b", ["b"], None),
        ("a OR b", ["a", "b"], None),
        ("a OR b", ["a OR b"], None),
        # What is left can be a muted clause.
        ("(a OR c) b", ["a", "c b"], None),
    ],
)
def test_a_muted_clause_never_fits(topic: str, muted: list[str], left: str | None) -> None:
    found = remove_clauses(parse_query(topic), {parse_query(clause) for clause in muted})
    assert found == (parse_query(left) if left is not None else None)


@pytest.mark.parametrize(
    ("topic", "name", "found"),
    [
        ("emergent OR survey", "misalignment", ["emergent"]),
        ("emergent OR misalignment", "misalignment", ["emergent", "misalignment"]),
        ("emergent misalignment", "misalignment", ["emergent misalignment"]),
        ('(emergent OR survey) (author:"owain evans" OR narrow)', "misalignment",
         ["emergent", 'author:"owain evans"', "narrow"]),
        ("survey OR emergent (misalignment OR icl)", "misalignment", ["misalignment"]),
        ("emergent OR -survey", "misalignment", ["emergent", "-survey"]),
        ("survey OR icl", "misalignment", []),
        ('about:"models that lie" OR emergent', "misalignment", ['about:"models that lie" OR emergent']),
    ],
)  # fmt: skip
def test_the_clauses_that_brought_a_paper(topic: str, name: str, found: list[str]) -> None:
    seen = view_paper(PAPERS[name], SOURCES.get(name, ()))
    assert clauses_to_mute(parse_query(topic), seen) == tuple(map(parse_query, found))


@settings(max_examples=150, deadline=None)
@given(muted_queries, papers)
def test_less_fits_and_never_more(case: tuple[Query, frozenset[Query]], paper: Paper) -> None:
    topic, muted = case
    seen, left = view_paper(paper, ("arxiv",)), remove_clauses(topic, muted)
    if left is None:
        return
    assert not fits_paper(left, seen) or never(topic, muted, seen)
    assert not never(topic, muted, seen) or fits_paper(topic, seen)
    assert parse_query(str(left)) == left, "in its canonical spelling"
    assert remove_clauses(left, muted) == left
    assert not muted.intersection(all_clauses(left))


@settings(max_examples=150, deadline=None)
@given(common_query, papers, st.data())
def test_muted_words_never_fit_as_the_oracle_says(topic: Query, paper: Paper, data: st.DataObject) -> None:
    muted = data.draw(st.frozensets(st.sampled_from(sorted(leaves_of(topic), key=str)), max_size=3))
    seen, left = view_paper(paper, ("arxiv",)), remove_clauses(topic, muted)
    assert (left is not None and fits_paper(left, seen)) == never(topic, muted, seen)


@settings(max_examples=150, deadline=None)
@given(common_query, papers)
def test_without_the_clauses_that_brought_it_a_paper_stays_out(topic: Query, paper: Paper) -> None:
    seen = view_paper(paper, ("arxiv",))
    found = clauses_to_mute(topic, seen)
    assert bool(found) == fits_paper(topic, seen)
    assert set(found) <= set(all_clauses(topic))
    left = remove_clauses(topic, set(found))
    assert left is None or not fits_paper(left, seen)
    assert all(remove_clauses(topic, {clause}) != topic for clause in found)
