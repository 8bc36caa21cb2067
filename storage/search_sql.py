"""Queries and search plans as SQL conditions on papers. Every value is bound, never written into the SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select, true
from sqlmodel import col

from bot.search.plan import Order, SearchPlan
from bot.topics.evaluate import COMPARISONS, undecidable_error
from bot.topics.query import (
    About,
    And,
    IdIs,
    Leaf,
    Like,
    Near,
    Not,
    Or,
    Query,
    Signal,
    SignalIs,
    SourceIs,
    Trending,
)
from storage.tables import AnnouncementRow, PaperIdRow, PaperRow
from storage.tokens import Expression, FullText, Index, Indexed

Condition: TypeAlias = ColumnElement[bool]

_ID = col(PaperRow.id)
_SIGNALS = {Signal.UPVOTES: col(PaperRow.upvotes), Signal.STARS: col(PaperRow.stars)}
_LEVELS = 8
"""So many levels of a query stand in one SQL expression: SQLite's parser overflows between 25 and 30."""


Joint: TypeAlias = Callable[[Iterable[str]], str]
"""`FullText.every` or `FullText.either`."""


def fits(index: FullText, query: Query) -> Condition:
    """The condition that a row of `papers` fits `query`.

    Raises UsageError where the answer needs the meaning index.
    """
    return _Conditions(index).fits(query, 1)


def filters(index: FullText, plan: SearchPlan) -> Condition:
    """The condition that a row of `papers` passes the filters of `plan`.

    Raises UsageError where the answer needs the meaning index.
    """
    conditions = [fits(index, plan.required)] if plan.required else []
    if plan.since:
        conditions.append(col(PaperRow.announced) >= plan.since)
    return and_(true(), *conditions)


def hits(index: FullText, plan: SearchPlan) -> Condition:
    """The condition that a row of `papers` passes the filters and holds one of the ranked words.

    Raises UsageError where the answer needs the meaning index.
    """
    passes = filters(index, plan)
    if not plan.ranked:
        return passes
    return and_(passes, or_(*_Conditions(index).parts(plan.ranked, index.either, 1)))


def order_hits(index: FullText, plan: SearchPlan) -> Select[int]:
    """The row ids of the hits by votes, or the newest first.

    Raises UsageError where the answer needs the meaning index.
    """
    found = select(_ID).where(hits(index, plan))
    if plan.order is Order.VOTES:
        found = found.order_by(func.coalesce(col(PaperRow.upvotes), -1).desc())
    return found.order_by(col(PaperRow.announced).desc(), _ID.desc())


@dataclass(frozen=True, slots=True)
class _Conditions:
    """Queries as conditions on papers, their words asked of `index`."""

    index: FullText

    def fits(self, query: Query, level: int) -> Condition:
        if level % _LEVELS == 0 and isinstance(query, And | Or | Not):
            inner = select(_ID).where(self.fits(query, level + 1)).cte()
            return _ID.in_(select(inner.c.id))
        match query:
            case And(parts):
                return and_(*self.parts(parts, self.index.every, level))
            case Or(parts):
                return or_(*self.parts(parts, self.index.either, level))
            case Not(part):
                return not_(self.fits(part, level + 1))
            case _:
                return self._leaf(query)

    def parts(self, parts: Iterable[Query], joint: Joint, level: int) -> Iterator[Condition]:
        """A condition for each part; those on one full-text index become one."""
        texts: dict[Index, list[str]] = {}
        for part in parts:
            if isinstance(part, Indexed):
                asked = self.index.expression(part)
                texts.setdefault(asked.index, []).append(asked.text)
            else:
                yield self.fits(part, level + 1)
        for name, told in texts.items():
            yield _ID.in_(self.index.papers(Expression(name, joint(told))))

    def _leaf(self, leaf: Leaf) -> Condition:
        match leaf:
            case SourceIs(name):
                announced = (col(AnnouncementRow.paper_id) == _ID, col(AnnouncementRow.source) == name)
                return exists().where(*announced)
            case IdIs(paper_id):
                return _ID.in_(select(col(PaperIdRow.paper_id)).where(col(PaperIdRow.value) == str(paper_id)))
            case SignalIs(signal, comparison, number):
                value: Any = _SIGNALS[signal]
                # Without the first half an absent signal would be unknown, and stay so under a Not.
                compare: Callable[[Any, int], Any] = COMPARISONS[comparison]
                return and_(value.is_not(None), compare(value, number))
            case Near():
                names = [str(paper_id) for paper_id in sorted(leaf.papers)]
                return _ID.in_(select(col(PaperIdRow.paper_id)).where(col(PaperIdRow.value).in_(names)))
            case About() | Like() | Trending():
                raise undecidable_error(leaf)
            case _:
                return _ID.in_(self.index.papers(self.index.expression(leaf)))
