"""Trending: which papers people vote for now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from bot.search.plan import Hit

GRAVITY = 1.5


class Window(StrEnum):
    """How far back papers were announced."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def since(self, today: date) -> date:
        """The first day of the window that ends `today`."""
        return today - timedelta(days={Window.DAY: 1, Window.WEEK: 7, Window.MONTH: 30}[self])


def score(upvotes: int, age_days: int) -> float:
    """`votes / (age + 2) ** 1.5`, the age in days since the paper was first announced.

    The form is Hacker News's (https://news.ycombinator.com/newsfaq.html, "How are stories ranked?"), with
    days for hours and a smaller exponent, since the votes of a paper settle over one to two weeks.
    """
    return upvotes / float((max(age_days, 0) + 2) ** GRAVITY)


def rank(hits: Iterable[Hit], today: date) -> list[Hit]:
    """`hits` by `score`, the highest first; equal scores by id."""

    def key(hit: Hit) -> tuple[float, str]:
        return -score(hit.paper.signals.upvotes or 0, (today - hit.announced).days), str(hit.paper.id)

    return sorted(hits, key=key)
