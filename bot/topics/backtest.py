"""What a topic would have given: shown before anybody has to live with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.ports import Papers
from bot.search.plan import Hit, as_filter
from bot.topics.query import Query

WEEKS = 6
LATEST = 3
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


def back_test(papers: Papers, topic: Query, today: date) -> BackTest:
    """The topic over the last `WEEKS` weeks of what is stored.

    Raises UsageError where the topic needs the meaning index.
    """
    since = today - timedelta(weeks=WEEKS) + timedelta(days=1)
    hits = papers.find(as_filter(topic, since), LATEST)
    span = papers.span(since)
    if span is None:
        return BackTest(topic, 0, since, today, stored=False, latest=())
    return BackTest(topic, hits.total, span[0], today, stored=True, latest=hits.hits)
