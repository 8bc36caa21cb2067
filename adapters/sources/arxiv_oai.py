"""arXiv's OAI-PMH: records by the day on which they last changed, for back-fill and repair.

https://info.arxiv.org/help/oa/index.html
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from lxml import etree

from adapters.sources.arxiv_record import (
    BadRecordError,
    RefusedError,
    arxiv_categories,
    doi_aliases,
    is_followed,
)
from adapters.sources.markup import read_xml, text_of
from bot.errors import SourceError
from bot.papers.identity import ARXIV, find_id
from bot.papers.names import clean_names
from bot.papers.paper import Announcement, AnnouncementKind, BadRecord, Paper
from bot.papers.text import clean_text, clean_title

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
# Some re-served records have lost arXiv's own namespace.
_META = "{*}"
_PHYSICS = frozenset(
    (
        *("astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th"),
        *("math-ph", "nlin", "nucl-ex", "nucl-th", "physics", "quant-ph"),
    )
)
_FRESH_DAYS = 10
"""How old, at the least, a paper may be to count as fresh: a long hold by moderation, and a weekend."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: announcements and bad records with their days, and the token of the next page, or ""."""

    announcements: tuple[tuple[date, Announcement], ...]
    bad: tuple[tuple[date | None, BadRecord], ...]
    token: str


def first_question(category: str, since: date) -> Mapping[str, str]:
    """The query of the first page of what changed in a category since a day."""
    return {
        "verb": "ListRecords",
        "metadataPrefix": "arXiv",
        "set": set_of(category),
        "from": since.isoformat(),
    }


def next_question(token: str) -> Mapping[str, str]:
    """The query of a further page."""
    return {"verb": "ListRecords", "resumptionToken": token}


def set_of(category: str) -> str:
    """The set that holds a category or archive: `cs:cs:AI`, `physics:hep-th`, `physics:physics:atom-ph`."""
    archive, dot, subject = category.partition(".")
    group = "physics" if archive in _PHYSICS else archive
    if dot:
        return f"{group}:{archive}:{subject}"
    return f"{group}:{archive}" if group == "physics" else group


def read_page(body: bytes, host: str, followed: Collection[str]) -> Page:
    """Read a `ListRecords` or `GetRecord` answer. Deleted records are left out.

    Raises SourceError, also for the errors that the answer itself reports: RefusedError for a set that is not
    there. "No records" is an empty page.
    """
    root = read_xml(body, host)
    if root.tag != f"{_OAI}OAI-PMH":
        raise SourceError(f"{host} did not answer with OAI-PMH.", "Check PAPERBOY_ARXIV_OAI_URL.")
    for error in root.iterfind(f"{_OAI}error"):
        if error.get("code") != "noRecordsMatch":
            reason = clean_text(f"{error.get('code')}: {text_of(error)}", 300)
            if error.get("code") == "badArgument":
                raise RefusedError(
                    f"{host} reports {reason.rstrip('.')}.", "Correct PAPERBOY_ARXIV_CATEGORIES."
                )
            raise SourceError(
                f"{host} reports {reason.rstrip('.')}.", "The back-fill will be retried in the next round."
            )
    good: list[tuple[date, Announcement]] = []
    bad: list[tuple[date | None, BadRecord]] = []
    for number, record in enumerate(root.iterfind(f"*/{_OAI}record"), start=1):
        header = record.find(f"{_OAI}header")
        if header is not None and header.get("status") == "deleted":
            continue
        day = _datestamp_of(header)
        try:
            good.append(_read_record(record, day, followed))
        except BadRecordError as problem:
            bad.append((day, BadRecord(_record_name(header, number), str(problem))))
    return Page(tuple(good), tuple(bad), text_of(root.find(f"*/{_OAI}resumptionToken")))


def _datestamp_of(header: etree._Element | None) -> date | None:
    stamp = text_of(None if header is None else header.find(f"{_OAI}datestamp"))
    try:
        return date.fromisoformat(stamp[:10])
    except ValueError:
        return None


def _record_name(header: etree._Element | None, number: int) -> str:
    identifier = text_of(None if header is None else header.find(f"{_OAI}identifier"))
    return clean_text(identifier, 100) or f"record {number}"


def _read_record(
    record: etree._Element, day: date | None, followed: Collection[str]
) -> tuple[date, Announcement]:
    if day is None:
        raise BadRecordError("It has no datestamp.")
    metadata = record.find(f"{_OAI}metadata/{_META}arXiv")
    if metadata is None:
        raise BadRecordError("It has no metadata in arXiv's format.")
    paper = _read_paper(metadata)
    return day, Announcement(paper, _announcement_kind(paper, day, followed))


def _read_paper(metadata: etree._Element) -> Paper:
    """`created` is the date of the latest version by now, so that it says nothing of the first."""
    found = find_id(text_of(metadata.find(f"{_META}id")))
    title = clean_title(text_of(metadata.find(f"{_META}title")))
    if found is None or found[0].scheme != ARXIV:
        raise BadRecordError("It has no arXiv id.")
    if not title:
        raise BadRecordError("It has no title.")
    return Paper(
        id=found[0],
        title=title,
        abstract=clean_text(text_of(metadata.find(f"{_META}abstract"))),
        authors=clean_names(
            _author_name(author) for author in metadata.iterfind(f"{_META}authors/{_META}author")
        ),
        categories=arxiv_categories(text_of(metadata.find(f"{_META}categories")).split()),
        aliases=doi_aliases(text_of(metadata.find(f"{_META}doi")), found[0]),
    )


def _author_name(author: etree._Element) -> str:
    """A collaboration has a key name alone."""
    parts = (text_of(author.find(f"{_META}{part}")) for part in ("forenames", "keyname", "suffix"))
    return " ".join(part for part in parts if part)


def _announcement_kind(paper: Paper, day: date, followed: Collection[str]) -> AnnouncementKind:
    """A guess, since OAI-PMH does not tell a new paper from a changed one: by the month in the id.

    It errs on the side of new: a channel gets a paper once, so that a repeat costs nothing and a gap would.
    """
    at_home = bool(paper.categories) and is_followed(paper.categories[0], followed)
    if (day - _month_end(paper.id.value)).days <= _FRESH_DAYS:
        return AnnouncementKind.NEW if at_home else AnnouncementKind.CROSS
    return AnnouncementKind.REPLACE if at_home else AnnouncementKind.REPLACE_CROSS


def _month_end(value: str) -> date:
    """The last day of the month that an arXiv id names: `2511.23462`, `hep-th/9901001`."""
    digits = value.rpartition("/")[2]
    year, month = int(digits[:2]), int(digits[2:4])
    year += 1900 if year > 90 else 2000  # arXiv began in 1991
    return date(year, month, calendar.monthrange(year, month)[1])
