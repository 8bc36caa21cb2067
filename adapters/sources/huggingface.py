"""Hugging Face Daily Papers: what its readers submitted on a day, and their votes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from adapters.http import HttpClient
from adapters.http_rate_limits import Lane
from bot.errors import SourceError
from bot.papers.batches import merge_announcements
from bot.papers.identity import ARXIV, PaperId, find_id
from bot.papers.names import clean_names
from bot.papers.paper import Announcement, BadRecord, Batch, Paper, Signals, is_count
from bot.papers.text import clean_text, clean_title
from bot.ports.clock import Clock

PAGE_SIZE = 50
_MOST_PAGES = 20
_SUMMARY_LIMIT = 500


class HuggingFaceSource:
    """Daily Papers as a source; `url` is the site. A day is a UTC day."""

    name = "huggingface"

    def __init__(self, http: HttpClient, *, url: str, clock: Clock) -> None:
        self._http = http
        self._lane = Lane(self.name)
        self._url = f"{url.rstrip('/')}/api/daily_papers"
        self._clock = clock

    def expected_day(self, now: datetime) -> date | None:  # noqa: ARG002 - the port's signature
        """None: lists fill during the day, and weekends have few or none."""
        return None

    async def fetch(self, since: date | None = None) -> AsyncIterator[Batch]:
        """Yesterday's list, whose votes still settle, and today's; with `since` every list from that day on.

        Today's is incomplete until the day is over, and gives no batch while it is empty.
        """
        today = self._clock().astimezone(UTC).date()
        day = today - timedelta(days=1) if since is None else since
        while day <= today:
            items = await self._fetch_items(day, today)
            for batch in batches_of(items, day, today):
                yield batch
            day += timedelta(days=1)

    async def signals(self, days: Iterable[date]) -> AsyncIterator[Mapping[PaperId, Signals]]:
        """The votes and stars that the papers of each day's list have by now. Raises SourceError."""
        today = self._clock().astimezone(UTC).date()
        for day in days:
            listed = batches_of(await self._fetch_items(day, today), day, today)
            papers = [told.paper for batch in listed for told in batch.announcements]
            yield {paper.id: paper.signals for paper in papers}

    async def _fetch_items(self, day: date, today: date) -> list[object]:
        """All pages of a day; the server refuses days that have not begun for it."""
        items: list[object] = []
        for page in range(_MOST_PAGES):
            question = {"date": day.isoformat(), "limit": str(PAGE_SIZE), "p": str(page)}
            answer = await self._http.get(self._url, self._lane, question, accept=frozenset({400}))
            if answer.status == 400:
                if day >= today:
                    return items
                raise SourceError(f"Hugging Face has no list of {day}.", "Ask for a later day.")
            found = answer.json()
            if not isinstance(found, list):
                raise SourceError("Hugging Face did not answer with a list.", "Try again later.")
            repeated = found == items[-PAGE_SIZE:]
            items += () if repeated else found
            if repeated or len(found) < PAGE_SIZE:
                break
        return items


def batches_of(items: list[object], asked: date, today: date) -> list[Batch]:
    """The items by the day on which they were listed, the oldest first; `asked` is the day asked for."""
    good: dict[date, list[Announcement]] = defaultdict(list)
    bad: list[BadRecord] = []
    for number, item in enumerate(items, start=1):
        try:
            day, paper = _read_item(item, asked)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            bad.append(
                BadRecord(_item_name(item, number), f"Unexpected record from Hugging Face: {error!r:.80}")
            )
        else:
            good[day].append(Announcement(paper))
    days = sorted({*good, asked})
    made = (
        Batch(
            "huggingface",
            day,
            merge_announcements(good[day]),
            tuple(bad) if day == asked else (),
            asked < today,
        )
        for day in days
    )
    return [batch for batch in made if batch.announcements or batch.bad or batch.day < today]


def _read_item(item: object, asked: date) -> tuple[date, Paper]:
    """The inner object counts: the outer one dates the paper by the submitter's clock.

    Raises KeyError, TypeError, ValueError or OverflowError.
    """
    inner = _as_mapping(_as_mapping(item)["paper"])
    found = find_id(_text_field(inner, "id"))
    title = clean_title(_text_field(inner, "title"))
    if found is None or found[0].scheme != ARXIV:
        raise ValueError("id")
    if not title:
        raise ValueError("title")
    listed = _day_field(inner, "submittedOnDailyAt")
    repository = clean_text(_text_field(inner, "githubRepo"))
    paper = Paper(
        id=found[0],
        title=title,
        abstract=clean_text(_text_field(inner, "summary")),
        # A hidden author has hidden the profile; the paper is still theirs.
        authors=clean_names(
            _text_field(_as_mapping(author), "name") for author in inner.get("authors") or ()
        ),
        published=_day_field(inner, "publishedAt"),
        version=found[1],
        signals=Signals(_count_field(inner, "upvotes"), _count_field(inner, "githubStars")),
        summary=clean_text(_text_field(inner, "ai_summary"), _SUMMARY_LIMIT),
        code_url=repository if repository.startswith(("https://", "http://")) else "",
    )
    return listed or asked, paper


def _item_name(item: object, number: int) -> str:
    inner = item.get("paper") if isinstance(item, dict) else None
    identifier = inner.get("id") if isinstance(inner, dict) else None
    return clean_text(str(identifier), 100) if identifier else f"record {number}"


def _as_mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(type(value).__name__)
    return value


def _text_field(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _count_field(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name)
    return value if is_count(value) else None


def _day_field(fields: Mapping[str, Any], name: str) -> date | None:
    value = _text_field(fields, name)
    return datetime.fromisoformat(value).astimezone(UTC).date() if value else None
