"""One reading of a topic, whichever argument it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings

from bot.commands.arguments import Which, clause_or_all, parse_clause, parse_exported, parse_which
from bot.topics.parser import parse_query
from bot.topics.query import Query
from bot.topics.topic_text import read_topic, spell_topic
from tests.topics.strategies import any_query


def of_which(text: str) -> object:
    return parse_which(text).topic


READERS = [read_topic, parse_clause, clause_or_all, parse_exported, of_which]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("trending", "trending:week"),
        ("Trending Day cat:cs.CL", "trending:day cat:cs.CL"),
        ("trends", "trends"),
    ],
)
def test_what_trends_is_read_alike(read: Callable[[str], object], text: str, meant: str) -> None:
    assert read(text) == parse_query(meant)


@pytest.mark.parametrize("read", READERS)
@settings(max_examples=100)
@given(any_query)
@example(parse_query("(trending) week"))
@example(parse_query("(all)"))
@example(parse_query("(saved)"))
@example(parse_query("(7)"))
def test_a_topic_in_a_button_reads_back_as_itself(read: Callable[[str], object], query: Query) -> None:
    assert read(spell_topic(str(query))) == query


def test_words_of_their_own_meaning_stay() -> None:
    assert parse_which("ALL") == Which()
    assert clause_or_all("all") is None
