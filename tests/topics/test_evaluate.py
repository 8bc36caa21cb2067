from __future__ import annotations

import pytest

from bot.errors import UsageError
from bot.topics.evaluate import fits_paper, view_paper
from bot.topics.matching import TopicSet
from bot.topics.parser import parse_query
from tests.topics.cases import CASES, PAPERS, SOURCES

VIEWS = {name: view_paper(paper, SOURCES.get(name, ())) for name, paper in PAPERS.items()}


@pytest.mark.parametrize(("query", "fitting"), CASES)
def test_a_query_fits_exactly_these_papers(query: str, fitting: str) -> None:
    assert [name for name, seen in VIEWS.items() if fits_paper(parse_query(query), seen)] == [
        name for name in VIEWS if name in fitting.split()
    ]


def test_every_case_means_the_same_to_the_matcher() -> None:
    found = TopicSet(parse_query(query) for query, _ in CASES).match_papers(list(VIEWS.values()))
    names = list(VIEWS)
    assert [{names[number] for number in numbers} for numbers in found] == [
        set(fitting.split()) for _, fitting in CASES
    ]


@pytest.mark.parametrize("query", ['about:"narrow finetuning"', "like:2502.17424", "code -like:2502.17424"])
def test_meaning_is_refused_without_its_index(query: str) -> None:
    with pytest.raises(UsageError, match=r"needs the semantic index.*[Uu]se words"):
        fits_paper(parse_query(query), VIEWS["misalignment"])
    with pytest.raises(UsageError, match="needs the semantic index"):
        TopicSet([parse_query(query)])
