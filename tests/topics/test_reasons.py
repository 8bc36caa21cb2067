from __future__ import annotations

import pytest
from hypothesis import given, settings

from bot.papers.paper import Paper
from bot.topics.evaluate import fits_paper, view_paper
from bot.topics.parser import parse_query
from bot.topics.query import Query
from bot.topics.reasons import explain_match
from tests.topics.cases import PAPERS, SOURCES
from tests.topics.strategies import answered_query, papers


@pytest.mark.parametrize(
    ("text", "name", "clauses"),
    [
        ("emergent misalignment", "misalignment", ["“emergent” and “misalignment” in the title"]),
        ('"emergent misalignment"', "misalignment", ["“emergent misalignment” in the title"]),
        ("code emergent", "misalignment", ["“emergent” in the title", "“code” in the abstract"]),
        (
            "emerg* narrow models",
            "misalignment",
            [
                "“emerg*” and “narrow” in the title",
                "“models” in the abstract",
            ],
        ),
        ("emergent narrow broadly", "misalignment", ["“emergent”, “narrow” and “broadly” in the title"]),
        # A word of both places is told of the title, unless it was asked for in the abstract.
        ("context", "context", ["“context” in the title"]),
        ("abstract:context", "context", ["“context” in the abstract"]),
        # Of an OR, the branches that fit; what is excluded is no reason.
        ("survey OR icl", "context", ["“icl” in the abstract"]),
        ("icl OR (learn survey)", "context", ["“icl” in the abstract"]),
        ("icl OR learn -survey", "context", ["“learn” in the title", "“icl” in the abstract"]),
        ("icl -survey", "context", ["“icl” in the abstract"]),
        ("-survey", "context", ["fits “-survey”"]),
        # Names and categories as the paper spells them.
        ("author:nunez", "context", ["author Ana María Núñez"]),
        ('author:"owain evans" author:tan', "misalignment", ["author Owain Evans", "author Daniel Tan"]),
        ("cat:CS.cl", "context", ["category cs.CL"]),
        ("cat:cs.*", "misalignment", ["category cs.CR"]),
        ('cat:"cancer biology"', "bare", ["category cancer biology"]),
        ("source:huggingface", "misalignment", ["announced by huggingface"]),
        ("2502.17424", "misalignment", ["the paper 2502.17424"]),
        ("upvotes:20", "misalignment", ["25 upvotes (asked for ≥20)"]),
        (
            "upvotes:>20 upvotes:<=30",
            "misalignment",
            [
                "25 upvotes (asked for >20)",
                "25 upvotes (asked for ≤30)",
            ],
        ),
        ("stars:=3 stars:<4", "survey", ["3 stars (asked for 3)", "3 stars (asked for <4)"]),
        # Words first, whatever the order of the query.
        ("cat:cs.CL icl", "context", ["“icl” in the abstract", "category cs.CL"]),
        ("survey", "context", []),
    ],
)
def test_the_parts_that_fit_are_said(text: str, name: str, clauses: list[str]) -> None:
    seen = view_paper(PAPERS[name], SOURCES.get(name, ()))
    assert list(explain_match(parse_query(text), seen)) == clauses


@settings(max_examples=100, deadline=None)
@given(answered_query, papers)
def test_a_paper_has_reasons_exactly_when_the_topic_fits(query: Query, paper: Paper) -> None:
    seen = view_paper(paper, ("arxiv",))
    found = explain_match(query, seen)
    assert bool(found) == fits_paper(query, seen)
    assert len(set(found)) == len(found)
    assert all(clause and "\n" not in clause for clause in found)
