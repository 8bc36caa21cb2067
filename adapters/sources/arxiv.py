"""arXiv: the daily announcement, back-fill, and single papers.

One request at a time, three seconds apart, over the feeds, OAI-PMH and the query API together
(https://info.arxiv.org/help/api/tou.html).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, groupby
from urllib.parse import quote, urlsplit

import structlog

from adapters.http import HttpClient
from adapters.http_rate_limits import Lane
from adapters.sources.arxiv_calendar import batch_from, eastern_day, has_batch, latest_day
from adapters.sources.arxiv_feed import Feed, read_feed
from adapters.sources.arxiv_oai import Page, first_question, next_question, read_page
from adapters.sources.arxiv_record import RefusedError
from bot.errors import SourceError
from bot.papers.batches import merge_announcements
from bot.papers.identity import ARXIV, PaperId
from bot.papers.paper import Announcement, BadRecord, Batch, Paper
from bot.ports.clock import Clock

FEED_LIMIT = 2_000
"""The server cuts a feed here, and the newest papers go first."""
_TOGETHER = 3
"""How many categories one request names: few enough that the limit is far."""
_log = structlog.get_logger(__name__)


def arxiv_lane(pace_seconds: float) -> Lane:
    """The one lane of everything that is asked of arXiv."""
    return Lane("arxiv", pace_seconds, connections=1)


@dataclass(frozen=True, slots=True)
class Listing:
    """What one request for some categories told. `whole` says that nothing of the day is missing in it."""

    day: date
    announcements: tuple[Announcement, ...]
    bad: tuple[BadRecord, ...]
    whole: bool


class ArxivSource:
    """arXiv as a source. `rss_url` and `oai_url` are base addresses without a query."""

    name = ARXIV

    def __init__(
        self,
        http: HttpClient,
        lane: Lane,
        *,
        rss_url: str,
        oai_url: str,
        categories: Sequence[str],
        clock: Clock,
    ) -> None:
        self._http = http
        self._lane = lane
        self._rss_url = rss_url.rstrip("/")
        self._oai_url = oai_url
        self._categories = tuple(dict.fromkeys(categories))
        self._clock = clock
        self._last: dict[tuple[str, ...], tuple[date, frozenset[PaperId]]] = {}

    def expected_day(self, now: datetime) -> date | None:
        """By arXiv's calendar; holidays are known for the years that arXiv has published."""
        return latest_day(now)

    async def fetch(self, since: date | None = None) -> AsyncIterator[Batch]:
        """The announcement of today in New York, with `since` after what OAI-PMH has of the days before.

        A weekend's feeds are empty and give no batch. Feeds that disagree about the day give a batch a day.
        A failing request leaves the batch incomplete, a refused category does not; the SourceError of either
        is raised when all are through. A back-fill that fails gives nothing.
        """
        failures: list[SourceError] = []
        if since is not None:
            past, failures = await self._past_batches(since)
            for batch in past:
                yield batch
        listings, current = await self._current_listings()
        whole = all(isinstance(failure, RefusedError) for failure in current)
        for batch in merge_listings(listings, whole=whole):
            yield batch
        if failures := current + failures:
            raise failures[0]

    async def _current_listings(self) -> tuple[list[Listing], list[SourceError]]:
        """What today's feeds list, and what failed. What is too long or refused is asked in halves."""
        size, names = _TOGETHER, self._categories
        todo = deque(names[start : start + size] for start in range(0, len(names), size))
        listings: list[Listing] = []
        failures: list[SourceError] = []
        while todo:
            wanted = todo.popleft()
            try:
                feed = await self._fetch_feed(wanted)
                middle = len(wanted) // 2
                if middle and (feed.problem or feed.listed >= FEED_LIMIT):
                    todo.extendleft((wanted[middle:], wanted[:middle]))
                else:
                    listings.append(self._listing_of(wanted, feed))
            except SourceError as error:
                failures.append(error)
        return listings, failures

    async def _fetch_feed(self, wanted: Sequence[str]) -> Feed:
        url = f"{self._rss_url}/rss/{quote('+'.join(wanted), safe='+')}"
        answer = await self._http.get(url, self._lane, accept=frozenset({400}))
        return await asyncio.to_thread(read_feed, answer.body, _host_of(url))

    def _listing_of(self, wanted: tuple[str, ...], feed: Feed) -> Listing:
        """A feed can go stale: the papers of the last announcement under a new date. Those are left out."""
        names = ", ".join(wanted)
        if feed.problem:
            problem = f"arXiv refuses {names}: {feed.problem.rstrip('.')}."
            raise RefusedError(problem, "Correct PAPERBOY_ARXIV_CATEGORIES.")
        if feed.listed >= FEED_LIMIT:
            _log.warning("arXiv cuts the feed; follow single categories instead", categories=names)
        if feed.day is None:
            raise SourceError("arXiv's feed has no date.", "It will be retried in the next round.")
        ids = frozenset(announcement.paper.id for announcement in feed.announcements)
        day, last_ids = self._last.get(wanted, (feed.day, frozenset()))
        if ids and ids == last_ids and day < feed.day:
            return Listing(feed.day, (), (), whole=False)
        self._last[wanted] = (feed.day, ids)
        whole = feed.intact and feed.listed < FEED_LIMIT
        return Listing(feed.day, feed.announcements, feed.bad, whole)

    async def _past_batches(self, since: date) -> tuple[list[Batch], list[SourceError]]:
        """The batches from `since` until yesterday, the oldest first, and the refusals of categories."""
        found: dict[date, list[Announcement]] = defaultdict(list)
        bad: dict[date, list[BadRecord]] = defaultdict(list)
        refusals: list[SourceError] = []
        for category in self._categories:
            try:
                async for page in self._fetch_pages(category, since):
                    for day, announcement in page.announcements:
                        found[day].append(announcement)
                    for bad_day, record in page.bad:
                        bad[bad_day or since].append(record)
            except RefusedError as refusal:
                refusals.append(refusal)
        today = eastern_day(self._clock())
        # Before they are put into batches, which the ends of the calendar have not.
        stamps = [stamp for stamp in sorted({*found, *bad}) if since <= stamp < today]
        batches = (_past_batch(day, list(group), found, bad) for day, group in groupby(stamps, batch_from))
        return [batch for batch in batches if batch.day < today], refusals

    async def _fetch_pages(self, category: str, since: date) -> AsyncIterator[Page]:
        question, seen = first_question(category, since), set[str]()
        while True:
            answer = await self._http.get(self._oai_url, self._lane, question)
            page = await asyncio.to_thread(read_page, answer.body, _host_of(self._oai_url), self._categories)
            yield page
            if not page.token:
                return
            if page.token in seen:
                raise SourceError("arXiv's OAI-PMH repeats itself.", "The back-fill will be retried later.")
            seen.add(page.token)
            question = next_question(page.token)


class ArxivLookup:
    """Single papers, from the query API."""

    def __init__(self, http: HttpClient, lane: Lane, *, api_url: str) -> None:
        self._http = http
        self._lane = lane
        self._api_url = api_url

    async def paper(self, paper_id: PaperId) -> Paper | None:
        """The latest version, or None for an id that arXiv does not have, or that is none of arXiv's.

        Raises SourceError.
        """
        if paper_id.scheme != ARXIV:
            return None
        question = {"id_list": paper_id.value, "max_results": "1"}
        answer = await self._http.get(self._api_url, self._lane, question, accept=frozenset({400}))
        feed = await asyncio.to_thread(read_feed, answer.body, _host_of(self._api_url))
        if feed.problem and "incorrect id format" not in feed.problem:
            raise SourceError(f"arXiv refuses the question: {feed.problem.rstrip('.')}.", "Try again later.")
        papers = (announcement.paper for announcement in feed.announcements)
        return next((paper for paper in papers if paper.id == paper_id), None)


def merge_listings(listings: Sequence[Listing], *, whole: bool) -> list[Batch]:
    """A batch for each day that is listed, the oldest first.

    It is complete where `whole`, every listing is of that day and misses nothing, and papers are there. A day
    without papers gives no batch, unless it should have some: then the batch is empty and incomplete.
    """
    batches = []
    for day in sorted({listing.day for listing in listings}):
        of_day = [listing for listing in listings if listing.day == day]
        announcements = merge_announcements(chain.from_iterable(listing.announcements for listing in of_day))
        bad = tuple(dict.fromkeys(chain.from_iterable(listing.bad for listing in of_day)))
        if announcements or bad or has_batch(day):
            complete = whole and bool(announcements) and all(one.whole and one.day == day for one in listings)
            batches.append(Batch(ARXIV, day, announcements, bad, complete))
    return batches


def _past_batch(
    day: date,
    stamps: Sequence[date],
    found: Mapping[date, Sequence[Announcement]],
    bad: Mapping[date, Sequence[BadRecord]],
) -> Batch:
    """What OAI-PMH has under the datestamps that count for `day`.

    A datestamp is a day of UTC, where an announcement falls on the day under which it is listed; what is
    changed on a day without a batch counts for the next one.
    """
    announced = merge_announcements(chain.from_iterable(found.get(stamp, ()) for stamp in stamps))
    unread = dict.fromkeys(chain.from_iterable(bad.get(stamp, ()) for stamp in stamps))
    return Batch(ARXIV, day, announced, tuple(unread))


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or "arXiv"
