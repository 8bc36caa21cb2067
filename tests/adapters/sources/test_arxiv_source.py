"""arXiv as a source and a lookup, over loopback."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.sources import make_lookup
from adapters.sources.arxiv import FEED_LIMIT, Listing, merge_listings
from bot.errors import SourceError
from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, AnnouncementKind, Paper
from tests.adapters.sources.arxiv_served import (
    CATEGORIES,
    DAY,
    batches,
    batches_and_error,
    client,
    ids,
    source,
)
from tests.recorded import needs_recordings
from tests.standins.sources import SourcesStandin

pytestmark = needs_recordings


async def test_the_whole_day_in_one_complete_batch(standin: SourcesStandin) -> None:
    async with client() as http:
        (batch,) = await batches(source(http, standin))
    rows = standin.arxiv_rows(DAY)
    assert (batch.source, batch.day, batch.complete, batch.bad) == ("arxiv", DAY, True, ())
    assert ids(batch) == {key for key, row in rows.items() if set(row["categories"]) & set(CATEGORIES)}
    assert len(ids(batch)) == len(batch.announcements)
    assert len(standin.requests) == 2


async def test_a_paper_new_in_one_set_and_cross_in_another_is_new(standin: SourcesStandin) -> None:
    async with client() as http:
        (batch,) = await batches(source(http, standin))
    homes = {key: row["categories"][0] for key, row in standin.arxiv_rows(DAY).items()}
    crossed = [one for one in batch.announcements if one.kind is AnnouncementKind.CROSS]
    assert crossed
    for announcement in batch.announcements:
        assert (announcement.kind is AnnouncementKind.NEW) == (
            homes[announcement.paper.id.value] in CATEGORIES
        )


@pytest.mark.parametrize("day_index", range(0, 38, 6))
async def test_recorded_days_keep_every_paper_and_field(standin: SourcesStandin, day_index: int) -> None:
    """Bulk quirks: U+2028 in the text, literal `<`, a hundred authors, ACM classes, days of one paper."""
    day = standin.arxiv_days[day_index]
    standin.set_day(day)
    async with client() as http:
        (batch,) = await batches(source(http, standin, ("cs.CL", "cs.AI", "cs.CV", "cs.GR"), day))
    rows = standin.arxiv_rows(day)
    assert ids(batch) == set(rows)
    assert batch.bad == ()
    for announcement in batch.announcements:
        paper, row = announcement.paper, rows[announcement.paper.id.value]
        assert paper.categories == tuple(
            term for term in row["categories"] if not any(c.isdigit() for c in term)
        )
        assert paper.abstract
        assert paper.title.isprintable()
        if not any(sign in "".join(row["authors"]) for sign in ",;()"):
            assert len(paper.authors) == len(row["authors"])


async def test_a_weekend_gives_no_batch(standin: SourcesStandin) -> None:
    standin.set_day(date(2025, 10, 4))
    async with client() as http:
        assert await batches(source(http, standin, today=date(2025, 10, 4))) == []


async def test_an_empty_weekday_is_incomplete(standin: SourcesStandin) -> None:
    standin.set_day(date(2025, 10, 9))
    async with client() as http:
        (batch,) = await batches(source(http, standin, today=date(2025, 10, 9)))
    assert (batch.announcements, batch.complete) == ((), False)


async def test_a_failing_feed_leaves_the_batch_incomplete_and_is_told(standin: SourcesStandin) -> None:
    standin.fail("/rss/cs.LG", "500", "500")
    async with client() as http:
        found, error = await batches_and_error(source(http, standin))
    assert "answered 500" in error
    assert [batch.complete for batch in found] == [False]
    assert found[0].announcements


async def test_one_429_loses_nothing(standin: SourcesStandin) -> None:
    standin.fail("/rss/", "429")
    async with client() as http:
        (batch,) = await batches(source(http, standin))
    assert batch.complete


async def test_garbage_instead_of_a_feed(standin: SourcesStandin) -> None:
    standin.fail("/rss/", "garbage", "garbage")
    async with client() as http:
        with pytest.raises(SourceError, match="did not answer with XML"):
            await batches(source(http, standin))


async def test_a_wrong_category_does_not_cost_the_others(standin: SourcesStandin) -> None:
    error = (
        b"<rss><channel><title>Feed error for query: x</title><description>Bad</description></channel></rss>"
    )
    for path in ("/rss/cs.CL+cs.XX+cs.AI", "/rss/cs.XX+cs.AI", "/rss/cs.XX"):
        standin.put(path, error, status=400)
    async with client() as http:
        found, told = await batches_and_error(source(http, standin, ("cs.CL", "cs.XX", "cs.AI")))
    assert told == "arXiv refuses cs.XX: Bad. Correct PAPERBOY_ARXIV_CATEGORIES."
    assert found[0].complete
    rows = standin.arxiv_rows(DAY)
    assert ids(found[0]) == {key for key, row in rows.items() if {"cs.CL", "cs.AI"} & set(row["categories"])}


def crowded(number: int) -> bytes:
    items = "".join(
        f"<item><title>Kite {n}</title><guid>oai:arXiv.org:2510.{n:05}v1</guid></item>" for n in range(number)
    )
    stamp = "<pubDate>Thu, 02 Oct 2025 00:00:00 -0400</pubDate>"
    return f"<rss><channel><title>t</title>{stamp}{items}</channel></rss>".encode()


async def test_a_feed_at_the_servers_limit_is_asked_in_halves(standin: SourcesStandin) -> None:
    standin.put("/rss/cs.CL+cs.AI", crowded(FEED_LIMIT))
    async with client() as http:
        (batch,) = await batches(source(http, standin, ("cs.CL", "cs.AI")))
    assert batch.complete
    assert [request.path for request in standin.requests] == ["/rss/cs.CL+cs.AI", "/rss/cs.CL", "/rss/cs.AI"]


async def test_one_category_at_the_limit_is_incomplete(standin: SourcesStandin) -> None:
    standin.put("/rss/cs", crowded(FEED_LIMIT))
    async with client() as http:
        (batch,) = await batches(source(http, standin, ("cs",)))
    assert (len(batch.announcements), batch.complete) == (FEED_LIMIT, False)


async def test_yesterdays_papers_under_todays_date_are_stale(standin: SourcesStandin) -> None:
    standin.put("/rss/cs.CL", crowded(5))
    async with client() as http:
        arxiv = source(http, standin, ("cs.CL",))
        await batches(arxiv)
        stale = crowded(5).replace(b"Thu, 02", b"Fri, 03")
        standin.put("/rss/cs.CL", stale)
        (second,) = await batches(arxiv)
        standin.put("/rss/cs.CL", crowded(6).replace(b"Thu, 02", b"Fri, 03"))
        (third,) = await batches(arxiv)
    assert (second.day, second.announcements, second.complete) == (date(2025, 10, 3), (), False)
    assert (len(third.announcements), third.complete) == (6, True)


async def test_unchanged_feeds_give_the_same_batch_without_being_sent(standin: SourcesStandin) -> None:
    async with client() as http:
        arxiv = source(http, standin)
        assert await batches(arxiv) == await batches(arxiv)
    assert ["If-None-Match" in request.headers for request in standin.requests] == [False, False, True, True]


async def test_a_feed_without_a_day_is_a_source_error(standin: SourcesStandin) -> None:
    standin.put("/rss/cs.CL", b"<rss><channel><title>t</title></channel></rss>")
    async with client() as http:
        with pytest.raises(SourceError, match="has no date"):
            await batches(source(http, standin, ("cs.CL",)))


def listing(day: date, *numbers: int, whole: bool = True) -> Listing:
    papers = (Paper(PaperId("arxiv", f"2510.{number:05}"), "Kite") for number in numbers)
    return Listing(day, tuple(Announcement(paper) for paper in papers), (), whole)


def test_feeds_that_disagree_about_the_day_give_a_batch_a_day() -> None:
    merged = merge_listings([listing(DAY, 1), listing(DAY - timedelta(days=1), 2)], whole=True)
    assert [(batch.day.day, batch.complete) for batch in merged] == [(1, False), (2, False)]


@pytest.mark.parametrize("whole", [True, False])
def test_complete_needs_every_listing_whole(whole: bool) -> None:  # noqa: FBT001
    (batch,) = merge_listings([listing(DAY, 1), listing(DAY, 1, 2, whole=whole)], whole=True)
    assert (batch.complete, len(batch.announcements)) == (whole, 2)


async def test_the_calendar_is_arxivs() -> None:
    async with client() as http, SourcesStandin() as standin:
        monday = datetime(2026, 4, 27, 12, tzinfo=UTC)
        assert source(http, standin).expected_day(monday) == date(2026, 4, 27)


async def test_a_single_paper(standin: SourcesStandin) -> None:
    known = next(iter(standin.arxiv_rows(DAY)))
    async with client() as http:
        lookup = make_lookup(standin.settings(), http)
        paper = await lookup.paper(PaperId("arxiv", known))
        assert paper is not None
        assert (paper.id.value, paper.version) == (known, 1)
        assert await lookup.paper(PaperId("arxiv", "9912.99999")) is None
        asked = len(standin.requests)
        assert await lookup.paper(PaperId("doi", "10.1000/1")) is None
    assert len(standin.requests) == asked


@pytest.mark.parametrize(
    ("reason", "known"), [("incorrect id format for x/9901001", True), ("max_results", False)]
)
async def test_the_query_apis_error_entry(standin: SourcesStandin, reason: str, known: bool) -> None:  # noqa: FBT001
    entry = f"<entry><id>https://arxiv.org/api/errors#e</id><title>Error</title><summary>{reason}</summary></entry>"
    body = f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>'.encode()
    standin.put("/api/query", body, status=400)
    async with client() as http:
        lookup = make_lookup(standin.settings(), http)
        if known:
            assert await lookup.paper(PaperId("arxiv", "x/9901001")) is None
        else:
            with pytest.raises(SourceError, match="max_results"):
                await lookup.paper(PaperId("arxiv", "2510.00001"))
