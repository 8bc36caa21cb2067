"""One reading of a topic, whichever argument it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings

from bot.commands.arguments import Which, clause, clause_or_all, exported, which
from bot.topics.parser import parse
from bot.topics.query import Query
from bot.topics.spelling import as_topic, topic
from tests.topics.strategies import any_query


def of_which(text: str) -> object:
    return which(text).topic


READERS = [topic, clause, clause_or_all, exported, of_which]


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
    assert read(text) == parse(meant)


@pytest.mark.parametrize("read", READERS)
@settings(max_examples=100)
@given(any_query)
@example(parse("(trending) week"))
@example(parse("(all)"))
@example(parse("(saved)"))
@example(parse("(7)"))
def test_a_topic_in_a_button_reads_back_as_itself(read: Callable[[str], object], query: Query) -> None:
    assert read(as_topic(str(query))) == query


def test_words_of_their_own_meaning_stay() -> None:
    assert which("ALL") == Which()
    assert clause_or_all("all") is None
