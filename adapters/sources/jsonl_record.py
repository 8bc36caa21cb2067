"""One line of a JSON Lines file as a paper."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from bot.papers.identity import DOI, PaperId, find_id, local_id
from bot.papers.names import clean_names, split_names
from bot.papers.paper import Paper, Signals, is_count
from bot.papers.text import TITLE_LIMIT, clean_text, clean_title

EARLIEST = date(1990, 1, 1)
"""Before it nobody announced papers as feeds do: arXiv began in 1991."""
_SUMMARY_LIMIT = 500
_BEGINNING = 100


class BadLineError(Exception):
    """This line cannot be read; the message says why."""


def read_line(raw: bytes, scheme: str, latest: date) -> tuple[Paper, date | None]:
    """The paper of a line and the day that it names: `announced`, or else the paper's date.

    A day of announcement lies between `EARLIEST` and `latest`: another date of the paper is not taken for
    one. An id that is neither arXiv's nor a DOI is kept under `scheme`, and so is the spelling of one that
    is and is spelled otherwise. Raises BadLineError.
    """
    fields = _parse_object(raw)
    paper_id, version, spelling = _read_identity(fields, scheme)
    told = _text_field(fields, "title")
    # A title that is too long stands in the text too, so that all of its words are found.
    abstract = clean_text(
        _text_field(fields, "abstract", "text", "summary") or (told if len(told) > TITLE_LIMIT else "")
    )
    # A note or an old record may have none; it is called by how it begins.
    title = clean_title(told) or clean_text(abstract, _BEGINNING)
    if not title:
        raise BadLineError("It has no title and no text.")
    published = _date_field(fields, "published", "date", "year")
    paper = Paper(
        id=paper_id,
        title=title,
        abstract=abstract,
        authors=_read_authors(fields.get("authors")),
        categories=_read_categories(fields.get("categories")),
        published=published,
        version=version,
        aliases=tuple(sorted({*_doi_alias(_text_field(fields, "doi")), *spelling} - {paper_id})),
        signals=Signals(_count_field(fields, "upvotes"), _count_field(fields, "stars")),
        summary=clean_text(_text_field(fields, "tldr"), _SUMMARY_LIMIT),
        code_url=_web_address(_text_field(fields, "code_url")),
    )
    announced = _date_field(fields, "announced")
    if announced and not EARLIEST <= announced <= latest:
        raise BadLineError(f"“announced” is not between {EARLIEST} and {latest}.")
    return paper, announced or (published if published and EARLIEST <= published <= latest else None)


def _parse_object(raw: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadLineError("It is not JSON in UTF-8.") from error
    if not isinstance(fields, dict):
        raise BadLineError("It is not a JSON object.")
    return fields


def _read_identity(fields: dict[str, Any], scheme: str) -> tuple[PaperId, int | None, tuple[PaperId, ...]]:
    """The id, the version, and the id as it was spelled where that is another."""
    value = fields.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is not None and not isinstance(value, str):
        raise BadLineError("“id” is not text.")
    found, own = find_id(value or ""), local_id(scheme, value or "")
    if found is not None:
        return *found, (own,) if own and found[0].value != value else ()
    if own is None:
        raise BadLineError("It has no id, or one that is too long.")
    return own, None, ()


def _text_field(fields: dict[str, Any], *names: str) -> str:
    """The first of these fields that is there and not empty, "" for none."""
    for name in names:
        value = fields.get(name)
        if value is not None and not isinstance(value, str):
            raise BadLineError(f"“{name}” is not text.")
        if value:
            return value
    return ""


def _read_authors(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return split_names(value)
    if isinstance(value, list):
        value = [part.get("name") if isinstance(part, dict) else part for part in value]
    return clean_names(_text_list(value, "authors"))


def _read_categories(value: object) -> tuple[str, ...]:
    terms = value.split() if isinstance(value, str) else _text_list(value or [], "categories")
    return tuple(dict.fromkeys(clean_names(terms)))


def _text_list(value: object, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise BadLineError(f"“{name}” is neither text nor a list of texts.")
    return value


def _date_field(fields: dict[str, Any], *names: str) -> date | None:
    """The first of these fields that is there: `2025-02-24`, with or without a time, `2025-02` or `2025`."""
    for name in names:
        value = fields.get(name)
        if value is None or value == "":
            continue
        # Many a table holds its years as 2025.0.
        text = str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()
        # A month or a year stands for its first day.
        full = text + {4: "-01-01", 7: "-01"}.get(len(text), "")
        try:
            return datetime.fromisoformat(full).date()
        except ValueError as error:
            raise BadLineError(f"“{name}” is not a date such as 2025-02-24.") from error
    return None


def _count_field(fields: dict[str, Any], name: str) -> int | None:
    value = fields.get(name)
    if value is None:
        return None
    if not is_count(value):
        raise BadLineError(f"“{name}” is not a count.")
    return value


def _doi_alias(text: str) -> tuple[PaperId, ...]:
    found = find_id(text)
    return (found[0],) if found and found[0].scheme == DOI else ()


def _web_address(text: str) -> str:
    address = clean_text(text)
    return address if address.startswith(("https://", "http://")) else ""
