"""arXiv's feeds: the daily announcement in RSS and Atom, and the query API's Atom in both of its layouts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from lxml import etree

from adapters.sources.arxiv_calendar import eastern_day
from adapters.sources.arxiv_record import BadRecordError, arxiv_categories, doi_aliases
from adapters.sources.markup import salvage_xml, text_of
from bot.errors import SourceError
from bot.papers.batches import merge_announcements
from bot.papers.identity import ARXIV, PaperId, find_id
from bot.papers.names import clean_names, split_names
from bot.papers.paper import Announcement, AnnouncementKind, BadRecord, Paper
from bot.papers.text import clean_text, clean_title

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"

_HEADING = re.compile(r"\s*arXiv:(?P<id>\S+)\s+Announce Type:\s*(?P<type>[\w-]+)\s*(?:Abstract:\s*)?")


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed holds."""

    day: date | None
    """The day it announces, in New York; None where it does not say."""
    announcements: tuple[Announcement, ...]
    bad: tuple[BadRecord, ...]
    listed: int
    """How many records it lists, good and bad."""
    problem: str = ""
    """What arXiv says went wrong, in the feed's own words."""
    intact: bool = True
    """False where the XML is broken, so that records may be missing."""


def read_feed(body: bytes, host: str) -> Feed:
    """Read a feed; a record that cannot be read becomes a `BadRecord` and costs no other.

    Raises SourceError where `body` is no feed at all; `host` is who is named then.
    """
    root, broken = salvage_xml(body, host)
    head = root.find("channel") if root.tag == "rss" else root
    if head is None or head.tag not in {"channel", f"{_ATOM}feed"}:
        raise SourceError(f"{host} did not answer with a feed.", "Check its address in the settings.")
    records = [*head.iterfind("item"), *head.iterfind(f"{_ATOM}entry")]
    if problem := _feed_problem(head, records):
        return Feed(None, (), (), 0, problem)
    announcements: list[Announcement] = []
    bad = [BadRecord(broken, "The XML is broken here; records may be missing.")] if broken else []
    for number, record in enumerate(records, start=1):
        try:
            announcements.append(_read_announcement(record))
        except BadRecordError as error:
            bad.append(BadRecord(_record_name(record, number), str(error)))
    return Feed(
        _feed_day(head, records),
        merge_announcements(announcements),
        tuple(bad),
        len(records),
        intact=not broken,
    )


def _feed_problem(head: etree._Element, records: list[etree._Element]) -> str:
    """The feed server titles its error feeds; the query API's one entry looks like a paper."""
    if _field_text(head, "title").startswith("Feed error for query"):
        return clean_text(_field_text(head, "description", "subtitle") or "no reason given", 300)
    for record in records:
        if "/api/errors" in _field_text(record, "id"):
            return clean_text(_field_text(record, "summary") or "no reason given", 300)
    return ""


def _feed_day(head: etree._Element, records: list[etree._Element]) -> date | None:
    """RSS dates the feed. Atom dates its entries; its own `updated` is when it was built."""
    stamps = [_field_text(head, "pubDate"), _field_text(head, "lastBuildDate")]
    stamps += [_field_text(record, "pubDate", "published") for record in records[:1]]
    stamps.append(_field_text(head, "updated"))
    moments = (_parse_instant(stamp) for stamp in stamps)
    return next((eastern_day(moment) for moment in moments if moment), None)


def _read_announcement(record: etree._Element) -> Announcement:
    text = _field_text(record, "description", "summary")
    heading = _HEADING.match(text)
    paper_id, version = _read_identity(record, heading["id"] if heading else "")
    title = clean_title(_field_text(record, "title"))
    if not title:
        raise BadRecordError("It has no title.")
    announced_as = _field_text(record, f"{_ARXIV}announce_type") or (heading["type"] if heading else "")
    paper = Paper(
        id=paper_id,
        title=title,
        abstract=clean_text(text[heading.end() :] if heading else text),
        authors=_read_authors(record),
        categories=arxiv_categories(_category_terms(record)),
        # In an announcement this is the day of the announcement.
        published=None if announced_as else _published_day(record),
        version=version,
        aliases=doi_aliases(_field_text(record, f"{_ARXIV}DOI", f"{_ARXIV}doi"), paper_id),
    )
    return Announcement(paper, _announcement_kind(announced_as, version))


def _announcement_kind(announced_as: str, version: int | None) -> AnnouncementKind:
    """`absonly`, which the server filters, and types yet unknown: a first version counts as new."""
    try:
        return AnnouncementKind(announced_as)
    except ValueError:
        return (
            AnnouncementKind.NEW
            if version in {None, 1} and announced_as != "absonly"
            else AnnouncementKind.REPLACE
        )


def _read_identity(record: etree._Element, heading: str) -> tuple[PaperId, int | None]:
    """The first id that is found, and the first version: of the RSS feed's fields `guid` alone has one."""
    found = [
        hit for hit in map(find_id, (*_record_addresses(record), heading)) if hit and hit[0].scheme == ARXIV
    ]
    if not found:
        raise BadRecordError("It has no arXiv id.")
    paper_id = found[0][0]
    return paper_id, next((version for other, version in found if other == paper_id and version), None)


def _record_addresses(record: etree._Element) -> Iterator[str]:
    yield _field_text(record, "guid", "id")
    yield _field_text(record, "link")
    link = record.find(f"{_ATOM}link")
    yield "" if link is None else link.get("href", "")


def _record_name(record: etree._Element, number: int) -> str:
    return clean_text(next(filter(None, _record_addresses(record)), ""), 100) or f"record {number}"


def _read_authors(record: etree._Element) -> tuple[str, ...]:
    """The query API has an element each; announcements join all of them in one."""
    if creator := _field_text(record, f"{_DC}creator"):
        return split_names(creator)
    return clean_names(text_of(name) for name in record.iterfind(f"{_ATOM}author/{_ATOM}name"))


def _category_terms(record: etree._Element) -> Iterator[str]:
    for primary in record.iterfind(f"{_ARXIV}primary_category"):
        yield primary.get("term", "")
    for category in (*record.iterfind("category"), *record.iterfind(f"{_ATOM}category")):
        yield category.get("term") or text_of(category)


def _published_day(record: etree._Element) -> date | None:
    moment = _parse_instant(_field_text(record, "published"))
    return moment.astimezone(UTC).date() if moment else None


def _field_text(element: etree._Element, *names: str) -> str:
    """The text of the first child of one of these names, which may be RSS's or Atom's; "" for none."""
    for name in names:
        for tag in (name,) if name.startswith("{") else (name, f"{_ATOM}{name}"):
            if text := text_of(element.find(tag)):
                return text
    return ""


def _parse_instant(stamp: str) -> datetime | None:
    """An Atom or an RSS date, UTC where it has no offset; None where it is neither."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(stamp)
        except (ValueError, OverflowError):
            continue
        # A date at the ends of the calendar has no neighbour in another time zone.
        if 1 < moment.year < 9999:
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
