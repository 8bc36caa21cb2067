"""What trends, for the channels that subscribe to it: found when their digests are planned.

Nothing is matched beforehand: what a channel has not had of the present ranking is what its digest gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from bot.channels.channel import Subscription
from bot.digests.digest import Candidate, Match
from bot.errors import UsageError
from bot.messages.blocks import Coverage, ReceiptLine
from bot.papers.identity import PaperId
from bot.ports.store import Transaction
from bot.search.plan import Hit
from bot.search.trending import PER_DIGEST, Trend, trend_reason
from bot.services.semantic import Meaning
from bot.services.trending import trending_hits
from bot.topics.query import Query, split_trending
from bot.topics.strictness import Strictness
from bot.topics.window import Window

_LONGEST_NAME = 60

_Asked: TypeAlias = tuple[Window, Query | None, Strictness]


@dataclass(frozen=True, slots=True)
class _Ranking:
    papers: Sequence[tuple[Hit, Trend]]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Picked:
    """What trends of one subscription's topic, and the best of it that the channel has not had."""

    topic: Query
    since: date
    until: date
    ranked: int
    """Papers that were ranked."""
    candidates: tuple[Candidate, ...]
    problem: str = ""
    """Why nothing could be ranked."""

    def line(self, shown: AbstractSet[PaperId]) -> ReceiptLine:
        """What the receipt says of it; `shown` are the papers of the digest that are shown."""
        name = str(self.topic)
        found = {candidate.paper.id for candidate in self.candidates}
        return ReceiptLine(
            source=name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…",
            day=self.until,
            since=self.since,
            announced=self.ranked,
            matched=len(found),
            shown=len(found & shown),
            coverage=Coverage.FAILED if self.problem else Coverage.COMPLETE,
            detail=self.problem,
            is_ranking=True,
        )


def pick_trending(
    tx: Transaction,
    meaning: Meaning | None,
    wanted: Mapping[int, Sequence[tuple[Subscription, Query]]],
    today: date,
) -> Mapping[int, Sequence[Picked]]:
    """What each channel gets of what trends, by its subscriptions and what is left unmuted of their topics.

    Each distinct ranking is asked of the store once. One that cannot be answered is empty, and says why.
    """
    asked = {
        channel: [
            (sub, topic, (*found, sub.strictness)) for sub, topic in some if (found := split_trending(topic))
        ]
        for channel, some in wanted.items()
    }
    asked = {channel: some for channel, some in asked.items() if some}
    rankings = {
        key: _rank_window(tx, meaning, key, today)
        for key in dict.fromkeys(key for some in asked.values() for _, _, key in some)
    }
    papers = {hit.paper.id for ranking in rankings.values() for hit, _ in ranking.papers}
    had = tx.digests.papers_listed_before(asked, papers) if papers else {}
    return {
        channel: [
            _pick_from(sub, topic, key[0], rankings[key], had.get(channel, frozenset()), today)
            for sub, topic, key in some
        ]
        for channel, some in asked.items()
    }


def _rank_window(tx: Transaction, meaning: Meaning | None, asked: _Asked, today: date) -> _Ranking:
    window, rest, strictness = asked
    try:
        return _Ranking(trending_hits(tx, meaning, window, rest, today, strictness))
    except UsageError as error:
        # The model, or a paper that is an example, is gone since somebody subscribed.
        return _Ranking((), error.problem)


def _pick_from(
    sub: Subscription,
    topic: Query,
    window: Window,
    ranking: _Ranking,
    had: AbstractSet[PaperId],
    today: date,
) -> Picked:
    new = [(hit, trend) for hit, trend in ranking.papers if hit.paper.id not in had][:PER_DIGEST]
    found = tuple(_trending_candidate(sub, hit, trend) for hit, trend in new)
    return Picked(topic, window.first_day(today), today, len(ranking.papers), found, ranking.problem)


def _trending_candidate(sub: Subscription, hit: Hit, trend: Trend) -> Candidate:
    source = next(iter(hit.sources), "")
    match = Match(hit.paper.id, sub.id, source, hit.announced, (trend_reason(trend),))
    return Candidate(hit.paper, (match,), hit.sources)


def with_picked(candidates: Iterable[Candidate], found: Iterable[Picked]) -> list[Candidate]:
    """`candidates`, and what trends after them; a paper that is both has the matches of both."""
    every = {candidate.paper.id: candidate for candidate in candidates}
    for candidate in (candidate for one in found for candidate in one.candidates):
        known = every.get(candidate.paper.id)
        matches = (*known.matches, *candidate.matches) if known else candidate.matches
        every[candidate.paper.id] = replace(candidate, matches=matches)
    return list(every.values())
