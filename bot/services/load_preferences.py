"""The models of channels that have rated papers, out of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from bot.feedback.preferences import RECENT_NUMBER, Preferences, RecentPapers
from bot.papers.paper import Paper
from bot.ports.store import Transaction
from bot.search.plan import SearchPlan
from bot.services.semantic import Meaning

_LOOKED_AT = timedelta(days=30)
"""Before the last announcement: from these days the recent papers are drawn."""


def load_preferences(
    tx: Transaction, candidates: Mapping[int, Iterable[Paper]], meaning: Meaning | None
) -> Mapping[int, Preferences]:
    """The model of each channel that has ratings, to be asked about its candidates."""
    ratings = tx.ratings.latest_ratings(candidates)
    if not ratings:
        return {}
    recent = _recent_ratings(tx, meaning)
    papers = {paper.id for channel in ratings for paper in candidates[channel]}
    papers |= {rating.paper.id for of_channel in ratings.values() for rating in of_channel}
    vectors = tx.vectors.vectors_of(meaning.model, papers) if meaning else {}
    return {channel: Preferences(of_channel, recent, vectors) for channel, of_channel in ratings.items()}


def _recent_ratings(tx: Transaction, meaning: Meaning | None) -> RecentPapers:
    """Some papers of the last days, in even steps, so that the same store always gives the same."""
    span = tx.papers.stored_span()
    if span is None:
        return RecentPapers((), {})
    keys = sorted(tx.papers.matching_keys(SearchPlan(None, (), (), since=span[1] - _LOOKED_AT)))
    drawn = keys[:: -(-len(keys) // RECENT_NUMBER)] if keys else []
    papers = [hit.paper for hit in tx.papers.hits_of(drawn)]
    vectors = tx.vectors.vectors_of(meaning.model, [paper.id for paper in papers]) if meaning else {}
    return RecentPapers(papers, vectors)
