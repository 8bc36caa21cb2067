"""What a search asks of the store: bare words rank, everything else stays a hard filter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.papers.paper import Paper
from bot.topics.query import And, Field, Phrase, Prefix, Query, Text, Word, joined, leaves


class Order(StrEnum):
    """How hits are ordered."""

    RELEVANCE = "relevance"
    DATE = "date"
    VOTES = "votes"


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """A search, ready for a store.

    A paper is a hit where `required` fits (None: all do) and at least one of `ranked` does (empty: all do).
    By relevance, hits that all of `ranked` fit come first, then BM25 over `scored` (the title weighs
    `TITLE_WEIGHT` times the abstract), then the newest.
    """

    required: Query | None
    ranked: tuple[Text, ...]
    scored: tuple[Text, ...]
    order: Order = Order.RELEVANCE
    since: date | None = None
    """Only papers first announced on this day or later."""


TITLE_WEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A stored paper, the first day on which a source listed it, and all sources that did."""

    paper: Paper
    announced: date
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of hits in order, and how many there are in all."""

    hits: tuple[Hit, ...]
    total: int


def as_search(query: Query, order: Order = Order.RELEVANCE, since: date | None = None) -> SearchPlan:
    """The plan of a ranking: bare words rank, while quotes, fields, minus and the rest filter."""
    parts: tuple[Query, ...] = query.parts if isinstance(query, And) else (query,)
    ranked = tuple(part for part in parts if isinstance(part, Word) and part.field is Field.ANY)
    hard = [part for part in parts if part not in ranked]
    required = joined(And, hard) if hard else None
    return SearchPlan(required, ranked, _scored(query), order, since)


def as_filter(query: Query, since: date | None = None) -> SearchPlan:
    """The plan of a subscription: all of the query is required, the newest first."""
    return SearchPlan(query, (), _scored(query), Order.DATE, since)


def _scored(query: Query) -> tuple[Text, ...]:
    found = (leaf for leaf in leaves(query, positive=True) if isinstance(leaf, Word | Phrase | Prefix))
    return tuple(dict.fromkeys(found))
