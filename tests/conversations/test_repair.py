"""What was announced while nobody could fetch it: noticed, back-filled, and said meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from adapters.sources.arxiv_calendar import latest_day
from bot.bootstrap import App
from bot.errors import SourceError
from bot.messages import Coverage
from bot.papers.paper import Batch
from bot.repair import catch_up, missed
from tests.apps import SetClock, an_app, batch, paper, receipt_of

AGENTS = paper(1, "Agents that plan")


class Announcing:
    """A source with a past: `fetch()` gives today's batch, `fetch(since)` the days before it too."""

    def __init__(self, name: str, clock: SetClock, *, calendar: bool) -> None:
        self.name = name
        self.clock = clock
        self.calendar = calendar
        self.past: dict[date, Batch] = {}
        self.broken = False
        self.asked: list[date | None] = []

    def expected_day(self, now: datetime) -> date | None:
        """By arXiv's calendar, or None."""
        return latest_day(now) if self.calendar else None

    async def fetch(self, since: date | None = None) -> AsyncIterator[Batch]:
        """The batches."""
        self.asked.append(since)
        today = self.clock().date()
        if since is not None and self.broken:
            raise SourceError("oaipmh.arxiv.org answered 503.")
        for day, one in sorted(self.past.items()):
            if since is not None and since <= day < today:
                yield one
        yield Batch(self.name, today, ())


@pytest.fixture
def clock() -> SetClock:
    return SetClock("2026-11-09T15:00")


@pytest.fixture
def arxiv(clock: SetClock) -> Announcing:
    return Announcing("arxiv", clock, calendar=True)


@pytest.fixture
def app(tmp_path: Path, clock: SetClock, arxiv: Announcing) -> Iterator[App]:
    app = an_app(tmp_path, clock, arxiv)
    yield app
    app.database.close()


@pytest.mark.parametrize(
    ("complete", "now", "days"),
    [
        ([], "2026-11-12T15:00", []),
        (["2026-11-09"], "2026-11-09T15:00", []),
        (["2026-11-09"], "2026-11-10T15:00", []),
        (["2026-11-09"], "2026-11-12T15:00", ["2026-11-10", "2026-11-11"]),
        (["2026-11-09", "2026-11-11"], "2026-11-12T15:00", ["2026-11-10"]),
        (["2026-11-13"], "2026-11-16T15:00", []),
        (["2026-11-25"], "2026-11-30T15:00", ["2026-11-26"]),
    ],
    ids=["new", "today", "current", "two days", "a hole", "a weekend", "a holiday's evening is no day"],
)
def test_missed_days_by_arxivs_calendar(
    clock: SetClock, complete: list[str], now: str, days: list[str]
) -> None:
    source = Announcing("arxiv", clock, calendar=True)
    stored = {date.fromisoformat(day) for day in complete}

    found = missed(source, stored, datetime.fromisoformat(now).replace(tzinfo=UTC))

    assert [str(day) for day in found] == days


def test_without_a_calendar_every_day_counts(clock: SetClock) -> None:
    source = Announcing("huggingface", clock, calendar=False)

    assert missed(source, {date(2026, 11, 6)}, clock()) == [date(2026, 11, 7), date(2026, 11, 8)]


async def test_days_without_service_are_fetched_and_matched(
    app: App, clock: SetClock, arxiv: Announcing
) -> None:
    await app.rounds().ingest()
    await app.commands().answer("subscribe agents", app.terminal.caller("local"))
    arxiv.past[date(2026, 11, 11)] = batch("arxiv", "2026-11-11", [AGENTS])

    clock.set("2026-11-13T15:00")
    await app.rounds().ingest()
    assert arxiv.asked == [None, None, date(2026, 11, 9)]
    lines = receipt_of(await app.commands().answer("preview", app.terminal.caller("local"))).lines
    assert [(str(line.day), line.shown) for line in lines] == [
        ("2026-11-10", 0), ("2026-11-11", 1), ("2026-11-12", 0), ("2026-11-13", 0),
    ]  # fmt: skip
    assert {line.coverage for line in lines} == {Coverage.COMPLETE}

    await app.rounds().ingest()
    assert arxiv.asked == [None, None, date(2026, 11, 9), None], "nothing is missing any more"


async def test_a_repair_that_fails_is_said_and_tried_again(
    app: App, clock: SetClock, arxiv: Announcing
) -> None:
    await app.rounds().ingest()
    await app.commands().answer("subscribe agents", app.terminal.caller("local"))
    clock.now += timedelta(days=2)
    arxiv.broken = True
    await app.rounds().ingest()
    lines = receipt_of(await app.commands().answer("preview", app.terminal.caller("local"))).lines
    assert [(str(line.day), line.coverage) for line in lines] == [
        ("2026-11-09", Coverage.COMPLETE), ("2026-11-10", Coverage.FAILED), ("2026-11-11", Coverage.COMPLETE),
    ]  # fmt: skip

    arxiv.broken = False
    done = [one async for one in catch_up(arxiv, app.database, clock)]
    assert [str(one.day) for one in done] == ["2026-11-11", "2026-11-11", "2026-11-10"]
    lines = receipt_of(await app.commands().answer("preview", app.terminal.caller("local"))).lines
    assert {line.coverage for line in lines} == {Coverage.COMPLETE}
