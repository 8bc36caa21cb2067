from __future__ import annotations

from collections.abc import Set as AbstractSet

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.papers.paper import Paper
from bot.topics.evaluate import View, fits, view
from bot.topics.mute_clauses import mutable, names, without
from bot.topics.parser import parse
from bot.topics.query import And, Or, Query, leaves
from tests.topics.cases import PAPERS, SOURCES
from tests.topics.strategies import common_query, papers


def clauses(query: Query) -> st.SearchStrategy[frozenset[Query]]:
    """Some of the query's clauses, and some that it has not."""
    return st.frozensets(st.sampled_from(sorted(names(query), key=str)) | common_query, max_size=3)


muted_queries = common_query.flatmap(lambda query: st.tuples(st.just(query), clauses(query)))


def never(query: Query, muted: AbstractSet[Query], seen: View) -> bool:
    """What a query means where the muted clauses never fit, by evaluating it so: the oracle of `without`."""
    if query in muted:
        return False
    if isinstance(query, And):
        return all(never(part, muted, seen) for part in query.parts)
    return (
        any(never(part, muted, seen) for part in query.parts) if isinstance(query, Or) else fits(query, seen)
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
    found = without(parse(topic), {parse(clause) for clause in muted})
    assert found == (parse(left) if left is not None else None)


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
    seen = view(PAPERS[name], SOURCES.get(name, ()))
    assert mutable(parse(topic), seen) == tuple(map(parse, found))


@settings(max_examples=150, deadline=None)
@given(muted_queries, papers)
def test_less_fits_and_never_more(case: tuple[Query, frozenset[Query]], paper: Paper) -> None:
    topic, muted = case
    seen, left = view(paper, ("arxiv",)), without(topic, muted)
    if left is None:
        return
    assert not fits(left, seen) or never(topic, muted, seen)
    assert not never(topic, muted, seen) or fits(topic, seen)
    assert parse(str(left)) == left, "in its canonical spelling"
    assert without(left, muted) == left
    assert not muted.intersection(names(left))


@settings(max_examples=150, deadline=None)
@given(common_query, papers, st.data())
def test_muted_words_never_fit_as_the_oracle_says(topic: Query, paper: Paper, data: st.DataObject) -> None:
    muted = data.draw(st.frozensets(st.sampled_from(sorted(leaves(topic), key=str)), max_size=3))
    seen, left = view(paper, ("arxiv",)), without(topic, muted)
    assert (left is not None and fits(left, seen)) == never(topic, muted, seen)


@settings(max_examples=150, deadline=None)
@given(common_query, papers)
def test_without_the_clauses_that_brought_it_a_paper_stays_out(topic: Query, paper: Paper) -> None:
    seen = view(paper, ("arxiv",))
    found = mutable(topic, seen)
    assert bool(found) == fits(topic, seen)
    assert set(found) <= set(names(topic))
    left = without(topic, set(found))
    assert left is None or not fits(left, seen)
    assert all(without(topic, {clause}) != topic for clause in found)
