"""What a topic would have given: shown before anybody has to live with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from bot.ports.papers import Papers
from bot.ports.store import Transaction
from bot.search.plan import Hit, plan_filter
from bot.search.trending import replay_digests
from bot.services.semantic import Meaning, answer_query
from bot.services.trending import trending_hits
from bot.topics.query import Query, split_trending
from bot.topics.strictness import Strictness

WEEKS = 6
LATEST = 3
VOTED = 1000
"""How many of the most voted papers are looked at of a topic on what trends."""
NOISE_PER_WEEK = 40.0
"""More than a digest's worth every working day at the default length is noise to a reader."""


class Verdict(StrEnum):
    """How a topic would do as a subscription."""

    NO_PAPERS = "no papers"
    SILENT = "silent"
    FINE = "fine"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class BackTest:
    """A topic over the papers announced on `since` to `until`, both inclusive."""

    topic: Query
    found: int
    since: date
    until: date
    stored: bool
    """Whether any paper of these days is stored to test on."""
    latest: tuple[Hit, ...]
    by_strictness: Mapping[Strictness, int] = field(default_factory=dict)
    """Of a topic by meaning, how many papers each strictness would have given."""
    strictness: Strictness = Strictness.NORMAL
    unread: int = 0
    """Papers without a vector, which no topic by meaning finds yet."""

    @property
    def weeks(self) -> float:
        """The length of the test; at least one week, so that a short store is not blown up to a rate."""
        return max((self.until - self.since).days + 1, 7) / 7

    @property
    def per_week(self) -> float:
        """Papers a week."""
        return self.found / self.weeks

    @property
    def verdict(self) -> Verdict:
        """Too much, nothing, or fine."""
        if not self.stored:
            return Verdict.NO_PAPERS
        if not self.found:
            return Verdict.SILENT
        return Verdict.NOISE if self.per_week > NOISE_PER_WEEK else Verdict.FINE


def window_start(today: date) -> date:
    """The first day that is tested."""
    return today - timedelta(weeks=WEEKS) + timedelta(days=1)


def back_test(papers: Papers, topic: Query, today: date) -> BackTest:
    """The topic over the last `WEEKS` weeks of what is stored.

    Raises UsageError where the topic needs the meaning index.
    """
    since = window_start(today)
    hits = papers.find(plan_filter(topic, since), LATEST)
    span = papers.stored_span(since)
    if span is None:
        return BackTest(topic, 0, since, today, stored=False, latest=())
    return BackTest(topic, hits.total, span[0], today, stored=True, latest=hits.hits)


def back_test_by_meaning(
    tx: Transaction, meaning: Meaning, topic: Query, strictness: Strictness, today: date
) -> BackTest:
    """As `back_test`, of a topic with leaves by meaning.

    Raises UsageError for the example of a paper that is not stored.
    """
    scored = meaning.over_store(tx, topic, window_start(today))
    test = back_test(tx.papers, scored.answer_atom(topic, strictness), today)
    counts = {
        one: tx.papers.find(plan_filter(scored.answer_atom(topic, one), test.since), 1).total
        for one in Strictness
    }
    unread = tx.vectors.count_without_vector(meaning.model)
    return replace(test, topic=topic, by_strictness=counts, strictness=strictness, unread=unread)


def back_test_of_trends(
    tx: Transaction, meaning: Meaning | None, topic: Query, strictness: Strictness, today: date
) -> BackTest:
    """As `back_test`, of a topic on what trends: with a digest a day, and the votes that there are now.

    Its latest papers are those that trend now. `meaning` is None for a topic without leaves by meaning.
    Raises UsageError for the example of a paper that is not stored.
    """
    found = split_trending(topic)
    if found is None:
        raise ValueError(f"{topic} is not about what trends")
    (papers_of, rest), span = found, tx.papers.stored_span(window_start(today))
    if span is None:
        return BackTest(topic, 0, window_start(today), today, stored=False, latest=())

    def number(one: Strictness) -> int:
        since = papers_of.first_day(span[0])
        asked = answer_query(meaning, tx, rest, one, since) if rest else None
        return len(replay_digests(tx.papers.voted_since(since, asked, VOTED), papers_of, span[0], today))

    return BackTest(
        topic,
        number(strictness),
        span[0],
        today,
        stored=True,
        latest=tuple(
            hit for hit, _ in trending_hits(tx, meaning, papers_of, rest, today, strictness)[:LATEST]
        ),
        by_strictness={one: number(one) for one in Strictness} if meaning else {},
        strictness=strictness,
        unread=tx.vectors.count_without_vector(meaning.model) if meaning else 0,
    )
