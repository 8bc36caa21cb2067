from __future__ import annotations

import pytest

from bot.topics.parser import parse
from bot.topics.query import (
    And,
    Or,
    Word,
    joined,
    leaves,
    needs_meaning,
    only_excludes,
    told_by_paper,
    trends,
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
    assert [str(leaf) for leaf in leaves(parse(text))] == every.split()
    assert [str(leaf) for leaf in leaves(parse(text), positive=True)] == positive.split()


@pytest.mark.parametrize(
    ("text", "expected"), [("a", False), ("a OR about:b", True), ("-like:2502.17424", True), ("-a", False)]
)
def test_meaning_is_needed_by_about_and_like(text: str, expected: bool) -> None:  # noqa: FBT001
    assert needs_meaning(parse(text)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", False), ("-a", True), ("-a b", False), ("-a -b", True), ("a OR -b", True), ("a OR b", False)],
)
def test_a_query_that_only_excludes_is_told(text: str, expected: bool) -> None:  # noqa: FBT001
    assert only_excludes(parse(text)) is expected


@pytest.mark.parametrize(
    ("text", "window", "rest"),
    [("trending:day", "day", None), ("a trending:month -b", "month", "a -b")],
)
def test_a_topic_on_what_trends_is_told_apart(text: str, window: str, rest: str | None) -> None:
    assert trends(parse(text)) == (Window(window), parse(rest) if rest else None)
    assert trends(parse("a trending")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", True), ("a OR about:b", False), ("-like:2502.17424", False), ("trending:day", False)],
)
def test_what_a_paper_tells_by_itself(text: str, expected: bool) -> None:  # noqa: FBT001
    assert told_by_paper(parse(text)) is expected


def test_joined_parts_are_flat_and_without_repetition() -> None:
    assert joined(And, [A, And((B, A)), C]) == And((A, B, C))
    assert joined(Or, [A, And((B, C))]) == Or((A, And((B, C))))
    assert joined(Or, [A, A]) == A
    with pytest.raises(ValueError, match="at least one part"):
        joined(And, [])
