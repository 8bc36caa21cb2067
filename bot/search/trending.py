"""Trending: which papers people vote for now. The formula and its measures: docs/decisions/trending.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.search.plan import Hit
from bot.topics.window import Window

GRAVITY = 1.5
# Weights from 8 to 12 rank alike on the recordings; growth alone ranks best there, but would order all papers
# with few votes by a single one: docs/decisions/trending.md.
GROWTH_WEIGHT = 10
"""A vote a day weighs as much as so many votes: those that it would bring in as many days."""
STARS_WEIGHT = 0.1
"""A tenfold of stars adds so much of the score."""
GROWTH_DAYS = 3
"""Growth is that of so many days."""

PER_DIGEST = 5
"""Papers that one subscription brings into one digest."""


@dataclass(frozen=True, slots=True)
class SignalDay:
    """A paper's signals as they last stood on a day, UTC; None where no source has said."""

    day: date
    upvotes: int | None
    stars: int | None


@dataclass(frozen=True, slots=True)
class SignalUpdate:
    """A paper of which people made something else."""

    before: Paper
    now: Hit


@dataclass(frozen=True, slots=True)
class Trend:
    """What a score is made of: votes, days since the announcement, votes gained over days, and stars."""

    upvotes: int
    age_days: int
    votes_gained: int = 0
    over_days: int = 0
    """Days; 0 where nothing is known of before."""
    stars: int = 0

    @property
    def per_day(self) -> float:
        """Votes gained a day, since the announcement where nothing else is known; 0.0 where votes fell."""
        if not self.over_days:
            return self.upvotes / (max(self.age_days, 0) + 1)
        return max(self.votes_gained, 0) / self.over_days


def measure_trend(hit: Hit, days: Sequence[SignalDay], today: date) -> Trend:
    """How a paper stands; `days` are those on which its signals changed, the oldest first."""
    signals = hit.paper.signals
    votes = signals.upvotes or 0
    gained, over = _votes_gained(votes, days, today)
    return Trend(votes, (today - hit.announced).days, gained, over, signals.stars or 0)


def _votes_gained(votes: int, days: Sequence[SignalDay], today: date) -> tuple[int, int]:
    """Votes gained, and over how many days: `GROWTH_DAYS`, or fewer where less is known."""
    start = today - timedelta(days=GROWTH_DAYS)
    before = [known for known in days if known.day < today and known.upvotes is not None]
    if not before:
        return 0, 0
    # The day nearest to the start of the span, or the first of all where nothing older is known.
    base = max(
        (known for known in before if known.day <= start), key=_day_of, default=min(before, key=_day_of)
    )
    return votes - (base.upvotes or 0), min((today - base.day).days, GROWTH_DAYS)


def _day_of(known: SignalDay) -> date:
    return known.day


def trend_score(trend: Trend) -> float:
    """`(votes + 10 * votes a day) / (age + 2) ** 1.5 * (1 + log10(1 + stars) / 10)`.

    The form is Hacker News's (https://news.ycombinator.com/newsfaq.html, "How are stories ranked?"), with
    days for hours and a smaller exponent, since the votes of a paper settle over one to two weeks.
    """
    votes = trend.upvotes + GROWTH_WEIGHT * trend.per_day
    # A repository can be older than its paper, so that its stars are let in by their logarithm alone.
    fame = 1 + STARS_WEIGHT * math.log10(1 + trend.stars)
    return fame * votes / float((max(trend.age_days, 0) + 2) ** GRAVITY)


def trend_reason(trend: Trend) -> str:
    """The numbers behind a score: `▲ 120, +45 in 3 days, ★ 800`."""
    parts = [f"▲ {trend.upvotes:,}"]
    if trend.over_days and trend.votes_gained > 0:
        parts.append(
            f"+{trend.votes_gained:,} in {trend.over_days} {'day' if trend.over_days == 1 else 'days'}"
        )
    if trend.stars:
        parts.append(f"★ {trend.stars:,}")
    return ", ".join(parts)


def rank_by_trend(
    hits: Iterable[Hit], days: Mapping[PaperId, Sequence[SignalDay]], today: date
) -> list[tuple[Hit, Trend]]:
    """`hits` by `score`, the highest first, each with how it stands; equal scores by id."""
    found = [(hit, measure_trend(hit, days.get(hit.paper.id, ()), today)) for hit in hits]
    return sorted(found, key=lambda one: (-trend_score(one[1]), str(one[0].paper.id)))


def replay_digests(hits: Sequence[Hit], window: Window, first: date, last: date) -> set[PaperId]:
    """What digests on each of these days would have brought, had the votes been then what they are now."""
    had: set[PaperId] = set()
    for day in (first + timedelta(days=number) for number in range((last - first).days + 1)):
        pool = [
            hit for hit in hits if window.first_day(day) <= hit.announced <= day and hit.paper.id not in had
        ]
        had |= {hit.paper.id for hit, _ in rank_by_trend(pool, {}, day)[:PER_DIGEST]}
    return had
