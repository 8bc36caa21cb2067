"""Any text at all: a query that reads back, or an error, and at once."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.topics.parser import MAX_LENGTH, parse_query
from bot.topics.query import (
    And,
    Not,
    Or,
    Query,
    Word,
)
from tests.recorded import DATA, needs_recordings
from tests.topics.cases import CASES
from tests.topics.strategies import any_query

A, B, C, D = map(Word, "abcd")


@settings(max_examples=200, deadline=None)
@given(any_query)
@example(Or((A, And((B, Not(Or((C, Not(And((A, D)))))))))))
@example(Not(Or((And((A, B)), C))))
def test_a_query_is_read_back_from_its_spelling(query: Query) -> None:
    assume(len(str(query)) <= MAX_LENGTH)
    assert parse_query(str(query)) == query


@pytest.mark.parametrize("text", [query for query, _ in CASES])
def test_every_case_is_read_back_from_its_spelling(text: str) -> None:
    assert parse_query(str(parse_query(text))) == parse_query(text)


_SIGNS = tuple('()"“*:-—|.,<>= \x1f')
_NAMES = ("OR ", " AND ", "NOT ", "trending:week", "title:", "cat:", "id:", "upvotes:", "about:", "author:")
_VALUES = ("cs.CL", "10.1234/a", "2502.17424", "https://arxiv.org/abs/", "a", "ab", "x-y", "ﬁ", "İ", "%22")
_pieces = st.sampled_from((*_SIGNS, *_NAMES, *_VALUES)) | st.text(max_size=3)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.lists(_pieces, max_size=25).map("".join))
def test_any_text_is_a_query_that_reads_back_or_a_query_error(text: str) -> None:
    query = _parsed(text)
    if isinstance(query, QueryError):
        assert 0 <= query.position <= len(text)
        assert query.problem
        assert query.hint
        assert "\n" in query.caret_lines()
    else:
        assert parse_query(str(query)) == query


@pytest.mark.parametrize("operator", ["NOT ", "a OR ", "-(", "title:(", "— ", "-"])
@pytest.mark.parametrize("piece", ["", "(", '"', "a:", "a.", "a-", "a ", "1.1/", "https://", "*"])
def test_hostile_text_costs_no_more_than_plain_words_do(operator: str, piece: str) -> None:
    hostile = ((operator + piece) * MAX_LENGTH)[:MAX_LENGTH]
    plain = ("word " * MAX_LENGTH)[:MAX_LENGTH]
    # The worst that was seen is 2.2 times as much.
    assert seconds(hostile) < 20 * max(seconds(plain), 0.001)


def seconds(text: str) -> float:
    """The least processor time of three readings."""
    found = []
    for _ in range(3):
        began = time.process_time()
        _parsed(text)
        found.append(time.process_time() - began)
    return min(found)


def _parsed(text: str) -> Query | QueryError:
    try:
        return parse_query(text)
    except QueryError as error:
        return error


@needs_recordings
def test_recorded_titles_can_be_searched_as_they_are_pasted() -> None:
    files = sorted(DATA.glob("hf_daily_papers/*.json"))
    titles = [item["title"] for path in files for item in json.loads(path.read_bytes())]
    refused = []
    for title in titles:
        try:
            parse_query(title)
        except QueryError as error:
            refused.append(error.problem)

    assert len(titles) > 2_000
    # What is left is a name that a colon follows: `Name:Subtitle` reads as a field, and the error says so.
    assert len(refused) < len(titles) / 100, refused
