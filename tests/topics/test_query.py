from __future__ import annotations

import pytest

from bot.topics.parser import parse_query
from bot.topics.query import (
    And,
    Or,
    Word,
    is_decided_by_paper,
    join_parts,
    leaves_of,
    needs_meaning,
    only_excludes,
    split_trending,
)
from bot.topics.window import Window

A, B, C = map(Word, "abc")


@pytest.mark.parametrize(
    ("text", "every", "positive"),
    [
        ("a", "a", "a"),
        ("a (b OR -c) a", "a b c", "a b"),
        ("-(a b)", "a b", ""),
    ],
)
def test_leaves_come_from_left_to_right(text: str, every: str, positive: str) -> None:
    assert [str(leaf) for leaf in leaves_of(parse_query(text))] == every.split()
    assert [str(leaf) for leaf in leaves_of(parse_query(text), positive=True)] == positive.split()


@pytest.mark.parametrize(
    ("text", "expected"), [("a", False), ("a OR about:b", True), ("-like:2502.17424", True), ("-a", False)]
)
def test_meaning_is_needed_by_about_and_like(text: str, expected: bool) -> None:  # noqa: FBT001
    assert needs_meaning(parse_query(text)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", False), ("-a", True), ("-a b", False), ("-a -b", True), ("a OR -b", True), ("a OR b", False)],
)
def test_a_query_that_only_excludes_is_told(text: str, expected: bool) -> None:  # noqa: FBT001
    assert only_excludes(parse_query(text)) is expected


@pytest.mark.parametrize(
    ("text", "window", "rest"),
    [("trending:day", "day", None), ("a trending:month -b", "month", "a -b")],
)
def test_a_topic_on_what_trends_is_told_apart(text: str, window: str, rest: str | None) -> None:
    assert split_trending(parse_query(text)) == (Window(window), parse_query(rest) if rest else None)
    assert split_trending(parse_query("a trending")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", True), ("a OR about:b", False), ("-like:2502.17424", False), ("trending:day", False)],
)
def test_what_a_paper_tells_by_itself(text: str, expected: bool) -> None:  # noqa: FBT001
    assert is_decided_by_paper(parse_query(text)) is expected


def test_joined_parts_are_flat_and_without_repetition() -> None:
    assert join_parts(And, [A, And((B, A)), C]) == And((A, B, C))
    assert join_parts(Or, [A, And((B, C))]) == Or((A, And((B, C))))
    assert join_parts(Or, [A, A]) == A
    with pytest.raises(ValueError, match="at least one part"):
        join_parts(And, [])
