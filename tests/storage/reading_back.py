"""What a test reads back of what it stored."""

from __future__ import annotations

from datetime import date

from bot.papers.identity import PaperId
from bot.papers.paper import BatchState, Paper
from bot.ports.store import Store
from bot.search.plan import plan_filter
from bot.topics.parser import parse_query
from tests.storage.making import (
    DAY,
)


def stored(store: Store, name: str) -> Paper | None:
    with store.begin() as tx:
        hit = tx.papers.get(PaperId.from_text(name))
    return hit.paper if hit else None


def found(store: Store, query: str) -> list[str]:
    with store.begin() as tx:
        return [hit.paper.id.value for hit in tx.papers.find(plan_filter(parse_query(query)), 100).hits]


def state(store: Store, source: str = "arxiv", day: date = DAY) -> BatchState | None:
    with store.begin() as tx:
        return tx.papers.find_batch(source, day)
