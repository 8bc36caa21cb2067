"""Hugging Face Daily Papers: the recordings, their quirks, and the source over loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.http import HttpClient, Patience
from adapters.sources.huggingface import PAGE_SIZE, HuggingFaceSource, batches_of
from bot.errors import SourceError
from bot.papers.identity import PaperId
from bot.papers.paper import Batch, Paper, Signals
from tests.recorded import DATA, needs_recordings
from tests.standins.sources import SourcesStandin

DAY = date(2026, 7, 31)
LATER = date(2026, 12, 1)


@pytest.fixture
async def standin() -> AsyncIterator[SourcesStandin]:
    async with SourcesStandin() as served:
        yield served


def item(**inner: Any) -> dict[str, Any]:
    paper: dict[str, Any] = {
        "id": "2607.00001",
        "title": "On kites",
        "summary": "Kites fly.",
        "authors": [{"name": "A. Kite"}],
        "publishedAt": "2026-07-28T00:00:00.000Z",
        "submittedOnDailyAt": "2026-07-31T00:00:00.000Z",
        "upvotes": 3,
    }
    return {"title": "Outer", "publishedAt": "2026-07-27T20:00:00.000Z", "paper": paper | inner}


def read(**inner: Any) -> Paper:
    (batch,) = batches_of([item(**inner)], DAY, LATER)
    assert batch.bad == ()
    (announcement,) = batch.announcements
    return announcement.paper


def recorded() -> list[Path]:
    return sorted((DATA / "hf_daily_papers").glob("*.json"))


@needs_recordings
@pytest.mark.parametrize("month", ["2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"])
def test_every_recorded_day_parses(month: str) -> None:
    paths = [path for path in recorded() if path.name.startswith(month)]
    assert paths
    for path in paths:
        items, day = json.loads(path.read_bytes()), date.fromisoformat(path.stem)
        (batch,) = batches_of(items, day, LATER)
        assert (batch.day, batch.bad, batch.complete) == (day, (), True)
        assert len(batch.announcements) == len(items)
        for announcement, raw in zip(batch.announcements, items, strict=True):
            paper, inner = announcement.paper, raw["paper"]
            assert paper.id.value == inner["id"]
            assert paper.signals == Signals(inner["upvotes"], inner.get("githubStars"))
            assert all((paper.title.isprintable(), paper.abstract, paper.authors, paper.published))
            assert bool(paper.summary) == bool(inner.get("ai_summary"))


@needs_recordings
def test_the_raw_body_parses() -> None:
    (path,) = (DATA / "hf_daily_raw").iterdir()
    (batch,) = batches_of(json.loads(path.read_bytes()), DAY, LATER)
    assert (len(batch.announcements), batch.bad) == (5, ())
    assert batch.announcements[0].paper.published == date(2026, 7, 28)


def test_quirk_the_inner_date_and_title_count() -> None:
    paper = read()
    assert (paper.published, paper.title) == (date(2026, 7, 28), "On kites")


def test_quirk_the_day_is_the_one_it_was_submitted_on() -> None:
    found = batches_of(
        [item(), item(id="2607.00002", submittedOnDailyAt="2026-07-30T00:00:00.000Z")], DAY, LATER
    )
    assert [(batch.day.day, len(batch.announcements)) for batch in found] == [(30, 1), (31, 1)]


def test_quirk_a_title_may_hold_a_newline() -> None:
    assert read(title="On\n  kites").title == "On kites"


def test_quirk_hidden_authors_are_authors() -> None:
    assert read(authors=[{"name": "A. Kite"}, {"name": "B. Wind", "hidden": True}]).authors == (
        "A. Kite",
        "B. Wind",
    )


def test_quirk_fields_that_appear_over_time() -> None:
    bare = read()
    assert (bare.summary, bare.code_url, bare.signals) == ("", "", Signals(3, None))
    full = read(ai_summary="Kites\nfly well.", githubRepo=" https://github.com/kite/kite", githubStars=7)
    assert (full.summary, full.code_url) == ("Kites fly well.", "https://github.com/kite/kite")
    assert full.signals == Signals(3, 7)


def test_quirk_a_repository_without_stars_and_one_that_is_no_address() -> None:
    assert read(githubRepo="https://github.com/kite/kite").signals.stars is None
    assert read(githubRepo="javascript:alert(1)").code_url == ""


def test_a_paper_listed_twice_stands_once_with_the_newest_votes() -> None:
    (batch,) = batches_of([item(), item(upvotes=2)], DAY, LATER)
    assert [one.paper.signals.upvotes for one in batch.announcements] == [2]


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        (None, "record 1"),
        ([], "record 1"),
        ({}, "record 1"),
        ({"paper": []}, "record 1"),
        (item(id=None), "record 1"),
        (item(id="no id"), "no id"),
        (item(id="10.1000/1"), "10.1000/1"),
        (item(id=5), "5"),
        (item(title=""), "2607.00001"),
        (item(title=["x"]), "2607.00001"),
        (item(authors="A. Kite"), "2607.00001"),
        (item(authors=7), "2607.00001"),
        (item(publishedAt="soon"), "2607.00001"),
        (item(publishedAt="0001-01-01T00:00:00+05:00"), "2607.00001"),
    ],
)
def test_a_bad_record_costs_that_record_alone(bad: object, where: str) -> None:
    (batch,) = batches_of([bad, item(id="2607.00002")], DAY, LATER)
    assert [str(one.paper.id) for one in batch.announcements] == ["arxiv:2607.00002"]
    assert [record.where for record in batch.bad] == [where]


@pytest.mark.parametrize("votes", [None, "3", -1, True, 2.5, 2**31, 2**63])
def test_odd_votes_are_unknown_votes(votes: object) -> None:
    assert read(upvotes=votes).signals.upvotes is None


async def fetched(standin: SourcesStandin, today: date, since: date | None = None) -> list[Batch]:
    async with HttpClient(patience=Patience(attempts=2, first_wait=0.01, longest_wait=2)) as http:
        noon = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
        source = HuggingFaceSource(http, url=f"{standin.url}/", clock=lambda: noon)
        assert source.expected_day(noon) is None
        return [batch async for batch in source.fetch(since)]


@needs_recordings
async def test_today_and_yesterday(standin: SourcesStandin) -> None:
    today = standin.huggingface_days[3]
    found = await fetched(standin, today)
    assert [(batch.day, batch.complete) for batch in found] == [
        (today - timedelta(days=1), True),
        (today, False),
    ]
    assert [request.query["date"] for request in standin.requests] == ["2025-09-03", "2025-09-04"]


@needs_recordings
async def test_each_day_since_then(standin: SourcesStandin) -> None:
    found = await fetched(standin, date(2025, 9, 8), date(2025, 9, 4))
    assert [batch.day.day for batch in found] == [4, 5, 6, 7, 8]
    assert [batch.complete for batch in found] == [True] * 4 + [False]
    assert found[0].announcements


async def test_a_day_that_has_not_begun_for_the_server_is_empty(standin: SourcesStandin) -> None:
    standin.put("/api/daily_papers", b'{"error":"Invalid date"}', status=400)
    assert await fetched(standin, DAY, DAY) == []
    with pytest.raises(SourceError, match="no list of 2026-07-30"):
        await fetched(standin, DAY, DAY - timedelta(days=1))


async def test_a_silent_day_gives_no_batch_until_it_is_over(standin: SourcesStandin) -> None:
    standin.put("/api/daily_papers", b"[]")
    (batch,) = await fetched(standin, DAY)
    assert (batch.day.day, batch.announcements, batch.complete) == (30, (), True)


async def test_the_votes_of_lists_that_were_announced_before(standin: SourcesStandin) -> None:
    standin.put("/api/daily_papers", json.dumps([item(), item(id="2607.00002", githubStars=9)]).encode())
    async with HttpClient() as http:
        source = HuggingFaceSource(http, url=standin.url, clock=lambda: datetime(2026, 8, 3, tzinfo=UTC))
        told = [found async for found in source.signals([DAY, DAY - timedelta(days=1)])]
    assert (
        told
        == [{PaperId.from_text("2607.00001"): Signals(3), PaperId.from_text("2607.00002"): Signals(3, 9)}] * 2
    )
    assert [request.query["date"] for request in standin.requests] == ["2026-07-31", "2026-07-30"]


@pytest.mark.parametrize("body", [b"{}", b'"x"', b"not json"])
async def test_an_answer_that_is_no_list(standin: SourcesStandin, body: bytes) -> None:
    standin.put("/api/daily_papers", body)
    with pytest.raises(SourceError):
        await fetched(standin, DAY)


async def test_more_than_a_page(tmp_path: Path) -> None:
    (tmp_path / "hf_daily_papers").mkdir()
    items = [item(id=f"2607.{number:05}") for number in range(PAGE_SIZE + 5)]
    (tmp_path / "hf_daily_papers" / f"{DAY}.json").write_text(json.dumps(items))
    async with SourcesStandin(tmp_path) as standin:
        (batch,) = await fetched(standin, DAY, DAY)
        assert [request.query["p"] for request in standin.requests] == ["0", "1"]
    assert len(batch.announcements) == PAGE_SIZE + 5


async def test_a_server_that_repeats_its_page_ends(standin: SourcesStandin) -> None:
    items = [item(id=f"2607.{number:05}") for number in range(PAGE_SIZE)]
    standin.put("/api/daily_papers", json.dumps(items).encode())
    (batch,) = await fetched(standin, DAY, DAY)
    assert (len(batch.announcements), len(standin.requests)) == (PAGE_SIZE, 2)
