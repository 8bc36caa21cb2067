"""How far back the papers go that may trend."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class Window(StrEnum):
    """How far back papers were announced."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def as_phrase(self) -> str:
        """When that is: `today`, `this week`."""
        return "today" if self is Window.DAY else f"this {self}"

    def first_day(self, today: date) -> date:
        """The first day of the window that ends `today`."""
        return today - timedelta(days={Window.DAY: 1, Window.WEEK: 7, Window.MONTH: 30}[self])
