from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.papers.identity import PaperId
from bot.papers.paper import Paper, Signals
from bot.search.plan import Hit
from bot.search.trending import Window, rank, score

TODAY = date(2025, 10, 10)


def hit(name: str, upvotes: int | None, age: int) -> Hit:
    paper = Paper(PaperId("file", name), name, signals=Signals(upvotes))
    return Hit(paper, TODAY - timedelta(days=age))


@pytest.mark.parametrize(
    ("upvotes", "age", "expected"), [(0, 0, 0.0), (8, 2, 1.0), (64, 14, 1.0), (8, -3, 8 / 2**1.5)]
)
def test_score(upvotes: int, age: int, expected: float) -> None:
    assert score(upvotes, age) == pytest.approx(expected)


def test_newer_and_more_voted_papers_come_first_and_ties_keep_one_order() -> None:
    hits = [hit("old", 50, 20), hit("b", 10, 1), hit("a", 10, 1), hit("new", 40, 0), hit("none", None, 0)]

    assert [h.paper.title for h in rank(hits, TODAY)] == ["new", "a", "b", "old", "none"]


@pytest.mark.parametrize(("window", "days"), [(Window.DAY, 1), (Window.WEEK, 7), (Window.MONTH, 30)])
def test_windows(window: Window, days: int) -> None:
    assert window.since(TODAY) == TODAY - timedelta(days=days)
