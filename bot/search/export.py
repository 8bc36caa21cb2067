"""Papers for other programs: BibTeX, RIS, CSV, and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from bot.papers.bibtex import format_bibtex
from bot.papers.identity import ARXIV, DOI, scheme_of
from bot.papers.paper import Paper
from bot.search.plan import Hit

COLUMNS = ("id", "title", "authors", "categories", "published", "doi", "upvotes", "stars", "url")
_FORMULA_SIGNS = ("=", "+", "-", "@")
"""A spreadsheet takes a cell that begins so for a formula: https://owasp.org/www-community/attacks/CSV_Injection."""


class ExportFormat(StrEnum):
    """How papers are written."""

    BIBTEX = "bibtex"
    RIS = "ris"
    CSV = "csv"
    JSON = "json"


def write_papers(kind: ExportFormat, papers: Iterable[Paper]) -> list[str]:
    """Each paper as text; one below the other they are a file of this kind. CSV begins with its header."""
    header = [_format_csv_line(COLUMNS)] if kind is ExportFormat.CSV else []
    return [*header, *map(_WRITERS[kind], papers)]


def split_pages(entries: Sequence[str], limit: int, blocks: int) -> list[list[str]]:
    """The entries in pages of at most `blocks` texts, each of at most `limit` characters.

    No entry is left out; one is cut in pieces where it alone is longer.
    """
    texts: list[str] = []
    for entry in entries:
        if texts and len(texts[-1]) + 1 + len(entry) <= limit:
            texts[-1] += f"\n{entry}"
        else:
            texts += [entry[at : at + limit] for at in range(0, len(entry), limit)]
    # A page is one message; the limits of both sides, characters and blocks, are the platform's.
    return [texts[at : at + blocks] for at in range(0, len(texts), blocks)]


def hit_json(rank: int, hit: Hit) -> dict[str, object]:
    """A hit as `paperboy search --json` prints it. `id` is spelled as its source spells it.

    `score` is from 0 to 1, null where no ranking placed the hit; `marks` are (start, end) in `snippet`.
    """
    paper = hit.paper
    return {
        "rank": rank,
        "score": hit.score,
        "id": _source_spelling(hit),
        "paper": str(paper.id),
        "title": paper.title,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "published": str(paper.published) if paper.published else None,
        "announced": str(hit.announced),
        "sources": list(hit.sources),
        "upvotes": paper.signals.upvotes,
        "stars": paper.signals.stars,
        "url": paper.url or None,
        "snippet": hit.snippet.text if hit.snippet else None,
        "marks": list(hit.snippet.marks) if hit.snippet else [],
    }


def _source_spelling(hit: Hit) -> str:
    """A file that spells an id in its own way has that way as an alias."""
    ids, schemes = (hit.paper.id, *hit.paper.aliases), set(map(scheme_of, hit.sources))
    return next((one for one in ids if one.scheme in schemes), hit.paper.id).source_spelling


def _doi_of(paper: Paper) -> str:
    return next((one.value for one in (paper.id, *paper.aliases) if one.scheme == DOI), "")


def _write_ris(paper: Paper) -> str:
    """https://en.wikipedia.org/wiki/RIS_(file_format): a tag, two spaces, a hyphen, a space, a value."""
    ids = (paper.id, *paper.aliases)
    tags = [
        ("TY", "UNPB" if any(one.scheme == ARXIV for one in ids) or not _doi_of(paper) else "JOUR"),
        *(("AU", author) for author in paper.authors),
        ("TI", paper.title),
        ("PY", f"{paper.published:%Y}" if paper.published else ""),
        ("DA", f"{paper.published:%Y/%m/%d}" if paper.published else ""),
        *(("KW", category) for category in paper.categories),
        ("DO", _doi_of(paper)),
        ("UR", paper.url),
    ]
    return "\n".join([*(f"{tag}  - {value}" for tag, value in tags if value), "ER  - "])


def _write_json(paper: Paper) -> str:
    """A line as `paperboy ingest --file` reads it."""
    fields = {
        "id": str(paper.id),
        "title": paper.title,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "published": str(paper.published) if paper.published else None,
        "doi": _doi_of(paper) or None,
        "upvotes": paper.signals.upvotes,
        "stars": paper.signals.stars,
    }
    return json.dumps(
        {name: value for name, value in fields.items() if value is not None}, ensure_ascii=False
    )


def _write_csv(paper: Paper) -> str:
    row: tuple[object, ...] = (
        paper.id,
        paper.title,
        "; ".join(paper.authors),
        " ".join(paper.categories),
        paper.published or "",
        _doi_of(paper),
        "" if paper.signals.upvotes is None else paper.signals.upvotes,
        "" if paper.signals.stars is None else paper.signals.stars,
        paper.url,
    )
    return _format_csv_line(row)


def _format_csv_line(values: Iterable[object]) -> str:
    cells = (f"'{text}" if (text := str(value)).startswith(_FORMULA_SIGNS) else text for value in values)
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


_WRITERS: dict[ExportFormat, Callable[[Paper], str]] = {
    ExportFormat.BIBTEX: format_bibtex,
    ExportFormat.RIS: _write_ris,
    ExportFormat.CSV: _write_csv,
    ExportFormat.JSON: _write_json,
}
