"""What was announced while nobody could fetch it: noticed, back-filled, and said meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.sources.arxiv_calendar import latest_day
from bot.bootstrap import App
from bot.errors import SourceError
from bot.messages.blocks import Coverage
from bot.papers.paper import Batch
from bot.services.backfill import LOOK_BACK, catch_up, missed_days
from tests.apps import SetClock, an_app, batch, paper, receipt_of

pytestmark = pytest.mark.usefixtures("each_engine")

AGENTS = paper(1, "Agents that plan")


class Announcing:
    """A source with a past: `fetch()` gives today's batch, `fetch(since)` the days before it too."""

    def __init__(self, name: str, clock: SetClock, *, calendar: bool) -> None:
        self.name = name
        self.clock = clock
        self.calendar = calendar
        self.past: dict[date, Batch] = {}
        self.broken = False
        self.refusal = ""
        self.empty = False
        self.down = False
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
        if self.down:
            raise SourceError("huggingface.co answered 503.")
        for day, one in sorted(self.past.items()):
            if since is not None and since <= day < today:
                yield one
        if not self.empty:
            yield Batch(self.name, today, ())
        if self.refusal:
            raise SourceError(self.refusal)


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

    found = missed_days(source, stored, datetime.fromisoformat(now).replace(tzinfo=UTC))

    assert [str(day) for day in found] == days


def test_without_a_calendar_every_day_counts(clock: SetClock) -> None:
    source = Announcing("huggingface", clock, calendar=False)

    assert missed_days(source, {date(2026, 11, 6)}, clock()) == [date(2026, 11, 7), date(2026, 11, 8)]


async def test_days_without_service_are_fetched_and_matched(
    app: App, clock: SetClock, arxiv: Announcing
) -> None:
    await app.make_rounds().ingest_all()
    await app.front_door().answer("subscribe agents", app.terminal.make_caller("local"))
    arxiv.past[date(2026, 11, 11)] = batch("arxiv", "2026-11-11", [AGENTS])

    clock.set("2026-11-13T15:00")
    await app.make_rounds().ingest_all()
    assert arxiv.asked == [None, None, date(2026, 11, 9)]
    lines = receipt_of(await app.front_door().answer("preview", app.terminal.make_caller("local"))).lines
    assert [(str(line.day), line.shown) for line in lines] == [
        ("2026-11-10", 0), ("2026-11-11", 1), ("2026-11-12", 0), ("2026-11-13", 0),
    ]  # fmt: skip
    assert {line.coverage for line in lines} == {Coverage.COMPLETE}

    await app.make_rounds().ingest_all()
    assert arxiv.asked == [None, None, date(2026, 11, 9), None], "nothing is missing any more"


async def test_a_repair_that_fails_is_said_and_tried_again(
    app: App, clock: SetClock, arxiv: Announcing
) -> None:
    await app.make_rounds().ingest_all()
    await app.front_door().answer("subscribe agents", app.terminal.make_caller("local"))
    clock.now += timedelta(days=2)
    arxiv.broken = True
    await app.make_rounds().ingest_all()
    lines = receipt_of(await app.front_door().answer("preview", app.terminal.make_caller("local"))).lines
    assert [(str(line.day), line.coverage) for line in lines] == [
        ("2026-11-09", Coverage.COMPLETE), ("2026-11-10", Coverage.FAILED), ("2026-11-11", Coverage.COMPLETE),
    ]  # fmt: skip

    arxiv.broken = False
    done = [one async for one in catch_up(arxiv, app.database, clock)]
    assert [str(one.day) for one in done] == ["2026-11-11", "2026-11-11", "2026-11-10"]
    lines = receipt_of(await app.front_door().answer("preview", app.terminal.make_caller("local"))).lines
    assert {line.coverage for line in lines} == {Coverage.COMPLETE}


async def test_after_a_long_absence_the_last_days_are_fetched_and_the_rest_is_logged(
    app: App, clock: SetClock, arxiv: Announcing
) -> None:
    await app.make_rounds().ingest_all()
    clock.now += timedelta(days=45)
    with capture_logs() as logs:
        await app.make_rounds().ingest_all()
    assert arxiv.asked == [None, None, (clock() - LOOK_BACK).date() - timedelta(days=1)]
    (warning,) = [entry for entry in logs if entry["event"] == "days are missing"]
    assert (warning["source"], warning["first"], warning["last"], warning["log_level"]) == (
        "arxiv",
        "2026-11-10",
        "2026-11-23",
        "warning",
    )

    with capture_logs() as logs:
        await app.make_rounds().ingest_all()
    assert len(arxiv.asked) == 4, "what can be repaired is"
    assert [entry["event"] for entry in logs] == ["ingested"]


async def test_a_source_that_answers_again_with_nothing_has_not_failed(
    app: App, clock: SetClock, arxiv: Announcing
) -> None:
    daily = Announcing("huggingface", clock, calendar=False)
    rounds = replace(app.make_rounds(), sources=[daily])
    await app.front_door().answer("subscribe agents", app.terminal.make_caller("local"))
    daily.down = daily.empty = True
    await rounds.ingest_all()
    failed = receipt_of(await app.front_door().answer("preview", app.terminal.make_caller("local"))).lines
    assert [line.coverage for line in failed if line.source == "huggingface"] == [Coverage.FAILED]

    daily.down = False
    await rounds.ingest_all()
    mended = receipt_of(await app.front_door().answer("preview", app.terminal.make_caller("local"))).lines
    assert [(line.coverage, line.detail) for line in mended if line.source == "huggingface"] == [
        (Coverage.PARTIAL, "")
    ]


async def test_a_complaint_beside_the_batch_keeps_no_day_from_repair(
    app: App, clock: SetClock, arxiv: Announcing
) -> None:
    await app.make_rounds().ingest_all()
    clock.now += timedelta(days=2)
    arxiv.refusal = "arXiv refuses cs.XX."
    with pytest.raises(SourceError, match=r"refuses cs\.XX"):
        _ = [one async for one in catch_up(arxiv, app.database, clock)]

    assert arxiv.asked == [None, None, date(2026, 11, 9)]
