from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.papers.identity import PaperId
from bot.papers.paper import Paper, Signals
from bot.search.plan import Hit
from bot.search.trending import SignalDay, Trend, measure_trend, rank_by_trend, trend_reason, trend_score
from bot.topics.window import Window

TODAY = date(2025, 10, 10)


def hit(name: str, upvotes: int | None, age: int, stars: int | None = None) -> Hit:
    paper = Paper(PaperId("file", name), name, signals=Signals(upvotes, stars))
    return Hit(paper, TODAY - timedelta(days=age), 0)


def ago(days: int, upvotes: int | None) -> SignalDay:
    return SignalDay(TODAY - timedelta(days=days), upvotes, None)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Trend(0, 0), 0.0),
        (Trend(8, 2, 0, 1), 1.0),
        (Trend(64, 14, -5, 3), 1.0),
        (Trend(8, 2, 24, 3), 11.0),
        (Trend(8, 2, 0, 1, stars=9), 1.1),
        (Trend(8, 3), 28 / 5**1.5),
        (Trend(8, -3), 88 / 2**1.5),
    ],
)
def test_score(told: Trend, expected: float) -> None:
    assert trend_score(told) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("days", "gained", "over"),
    [
        ([], 0, 0),
        ([ago(0, 50)], 0, 0),
        ([ago(1, None)], 0, 0),
        ([ago(1, 20), ago(0, 50)], 30, 1),
        ([ago(2, 5), ago(1, 20), ago(0, 50)], 45, 2),
        ([ago(9, 1), ago(4, 10), ago(2, 20), ago(0, 50)], 40, 3),
        ([ago(3, 60)], -10, 3),
    ],
)
def test_growth_is_that_of_the_last_three_days(days: list[SignalDay], gained: int, over: int) -> None:
    found = measure_trend(hit("a", 50, 4), days, TODAY)

    assert (found.votes_gained, found.over_days) == (gained, over)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Trend(120, 4, 45, 3, 800), "▲ 120, +45 in 3 days, ★ 800"),
        (Trend(1200, 1, 1, 1), "▲ 1,200, +1 in 1 day"),
        (Trend(7, 1, -2, 3, 1), "▲ 7, ★ 1"),
        (Trend(7, 1), "▲ 7"),
    ],
)
def test_the_reason_says_the_numbers(told: Trend, expected: str) -> None:
    assert trend_reason(told) == expected


def test_newer_and_more_voted_papers_come_first_and_ties_keep_one_order() -> None:
    hits = [hit("old", 50, 20), hit("b", 10, 1), hit("a", 10, 1), hit("new", 40, 0), hit("none", None, 0)]

    assert [h.paper.title for h, _ in rank_by_trend(hits, {}, TODAY)] == ["new", "a", "b", "old", "none"]


def test_what_grows_comes_before_what_has_more_votes_and_stands_still() -> None:
    grows, stands = hit("grows", 50, 5), hit("stands", 90, 5)
    days = {grows.paper.id: [ago(2, 10), ago(0, 50)], stands.paper.id: [ago(4, 90)]}

    assert [h.paper.title for h, _ in rank_by_trend([stands, grows], days, TODAY)] == ["grows", "stands"]


@pytest.mark.parametrize(("window", "days"), [(Window.DAY, 1), (Window.WEEK, 7), (Window.MONTH, 30)])
def test_windows(window: Window, days: int) -> None:
    assert window.first_day(TODAY) == TODAY - timedelta(days=days)
