"""Days of arXiv that were missed, asked for since then."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.errors import SourceError
from tests.adapters.sources.arxiv_served import DAY, batches, batches_and_error, client, ids, source
from tests.recorded import needs_recordings
from tests.standins.sources import SourcesStandin

pytestmark = needs_recordings


async def test_back_fill_gives_the_days_since_then_and_then_today(standin: SourcesStandin) -> None:
    since, today = date(2025, 10, 1), date(2025, 10, 6)
    standin.set_day(today)
    async with client() as http:
        found = await batches(source(http, standin, ("cs.CL", "cs.CV"), today), since)
    assert [batch.day.day for batch in found] == [1, 2, 3, 6]
    assert all(batch.complete for batch in found)
    for batch in found:
        assert len(ids(batch)) == len(batch.announcements)
    wanted = {
        key
        for day in standin.arxiv_days
        if since <= day <= today
        for key, row in standin.arxiv_rows(day).items()
        if {"cs.CL", "cs.CV"} & set(row["categories"])
    }
    assert set().union(*map(ids, found)) == wanted
    pages = [request.query for request in standin.requests if request.path == "/oai"]
    assert [page["set"] for page in pages if "set" in page] == ["cs:cs:CL", "cs:cs:CV"]
    assert sum("resumptionToken" in page for page in pages) > 4


async def test_a_wrong_category_does_not_cost_the_back_fill_of_the_others(standin: SourcesStandin) -> None:
    today = date(2025, 10, 6)
    standin.set_day(today)
    error = (
        b"<rss><channel><title>Feed error for query: x</title><description>Bad</description></channel></rss>"
    )
    for path in ("/rss/cs.XX+cs.CL", "/rss/cs.XX"):
        standin.put(path, error, status=400)
    standin.refuse_set("cs:cs:XX")
    async with client() as http:
        found, told = await batches_and_error(
            source(http, standin, ("cs.XX", "cs.CL"), today), date(2025, 10, 1)
        )
    assert [(batch.day.day, batch.complete) for batch in found] == [
        (1, True),
        (2, True),
        (3, True),
        (6, True),
    ]
    assert told == "arXiv refuses cs.XX: Bad. Correct PAPERBOY_ARXIV_CATEGORIES."


async def test_a_back_fill_that_fails_gives_no_batch(standin: SourcesStandin) -> None:
    standin.fail("/oai", "500", "500")
    async with client() as http:
        found, told = await batches_and_error(source(http, standin), date(2025, 10, 1))
    assert (found, "answered 500" in told) == ([], True)


@pytest.mark.parametrize(
    ("stamp", "day"),
    [
        ("2026-04-23", "2026-04-23"),
        ("2026-04-24", "2026-04-24"),
        ("2026-04-25", "2026-04-27"),
        ("2026-04-26", "2026-04-27"),
        ("2026-01-02", "2026-01-05"),
        ("2026-11-27", "2026-11-30"),
    ],
    ids=[
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "after New Year's evening",
        "after Thanksgiving's evening",
    ],
)
async def test_a_datestamp_counts_for_the_batch_that_it_came_in_or_the_next(
    standin: SourcesStandin, stamp: str, day: str
) -> None:
    records = b"<record><header><identifier>x</identifier><datestamp>%s</datestamp></header></record>"
    body = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>%s</ListRecords></OAI-PMH>'
    ends = b"".join(records % end for end in (b"0001-01-01", b"9999-12-31"))
    standin.put("/oai", body % (records % stamp.encode() + ends))
    stamped = date.fromisoformat(stamp)
    async with client() as http:
        first, *_ = await batches(
            source(http, standin, ("cs.CL",), stamped + timedelta(days=9)), stamped - timedelta(days=1)
        )
    assert (str(first.day), [record.where for record in first.bad]) == (day, ["x"])


async def test_back_fill_that_repeats_itself_ends(standin: SourcesStandin) -> None:
    body = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>%s</ListRecords></OAI-PMH>'
    standin.put("/oai", body % b"<resumptionToken>again</resumptionToken>")
    async with client() as http:
        with pytest.raises(SourceError, match="repeats itself"):
            await batches(source(http, standin), DAY)
    assert len(standin.requests) == 2


async def test_bad_records_of_a_back_fill_are_told(standin: SourcesStandin) -> None:
    bad = b"<record><header><identifier>x</identifier><datestamp>2025-10-01</datestamp></header></record>"
    body = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>%s</ListRecords></OAI-PMH>'
    standin.put("/oai", body % bad)
    async with client() as http:
        first, *_ = await batches(source(http, standin), date(2025, 9, 30))
    assert (first.day, [record.where for record in first.bad]) == (date(2025, 10, 1), ["x"])
