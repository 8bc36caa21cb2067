"""arXiv as a source, over loopback."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from adapters.http import HttpClient, Patience
from adapters.sources.arxiv import ArxivSource, arxiv_lane
from bot.errors import SourceError
from bot.papers.paper import Batch
from bot.ports.sources import Source
from tests.standins.sources import SourcesStandin

CATEGORIES = ("cs.CL", "cs.AI", "cs.CV", "cs.LG")
DAY = date(2025, 10, 2)
HASTY = Patience(attempts=2, first_wait=0.01, longest_wait=2.0)


def source(
    http: HttpClient, standin: SourcesStandin, categories: Sequence[str] = CATEGORIES, today: date = DAY
) -> ArxivSource:
    return ArxivSource(
        http,
        arxiv_lane(0),
        rss_url=standin.url,
        oai_url=f"{standin.url}/oai",
        categories=categories,
        clock=lambda: datetime(today.year, today.month, today.day, 16, tzinfo=UTC),
    )


def client() -> HttpClient:
    return HttpClient(timeout_seconds=10, patience=HASTY)


async def batches(source: Source, since: date | None = None) -> list[Batch]:
    return [batch async for batch in source.fetch(since)]


async def batches_and_error(source: Source, since: date | None = None) -> tuple[list[Batch], str]:
    """What comes before the SourceError, and the error."""
    found: list[Batch] = []
    try:
        async for batch in source.fetch(since):
            found.append(batch)  # noqa: PERF401 - a comprehension would lose what came before the error
    except SourceError as error:
        return found, str(error)
    return found, ""


def ids(batch: Batch) -> set[str]:
    return {announcement.paper.id.value for announcement in batch.announcements}
