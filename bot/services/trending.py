"""What trends now, out of the store."""

from __future__ import annotations

from datetime import date

from bot.ports.store import Transaction
from bot.search.plan import Hit
from bot.search.trending import Trend, rank_by_trend
from bot.services.semantic import Meaning, answer_query
from bot.topics.query import Query
from bot.topics.strictness import Strictness
from bot.topics.window import Window

VOTED = 500
"""How many of the most voted papers are ranked."""


def trending_hits(
    tx: Transaction,
    meaning: Meaning | None,
    window: Window,
    topic: Query | None,
    today: date,
    strictness: Strictness = Strictness.NORMAL,
) -> list[tuple[Hit, Trend]]:
    """The papers of the window that people voted for and that fit the topic, the highest score first.

    Raises UsageError where the topic cannot be answered.
    """
    since = window.first_day(today)
    asked = answer_query(meaning, tx, topic, strictness, since) if topic else None
    voted = tx.papers.voted_since(since, asked, VOTED)
    return rank_by_trend(voted, tx.papers.signal_days(hit.paper.id for hit in voted), today)
