"""Which paper is meant: bare ids, versions, and every form in which people and sources write them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

from bot.errors import UsageError

ARXIV = "arxiv"
DOI = "doi"

# Case never counts in these; without ASCII a full-width digit or a long s would be taken for an id's.
_IGNORE_CASE = re.IGNORECASE | re.ASCII

# https://info.arxiv.org/help/arxiv_identifier.html: archive/YYMMNNN, then YYMM.NNNN, from 1501 on YYMM.NNNNN.
_NEW_ARXIV = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
_OLD_ARXIV = r"[a-z]+(?:-[a-z]+)?(?:\.[a-z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
_ARXIV = re.compile(rf"(?P<id>{_NEW_ARXIV}|{_OLD_ARXIV})(?:v(?P<version>[1-9]\d{{0,2}}))?", _IGNORE_CASE)
# https://www.crossref.org/blog/dois-and-matching-regular-expressions/, with the old suffix characters too.
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s?#\"]+")
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", _IGNORE_CASE)
_URL = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.)*(?P<host>arxiv\.org|huggingface\.co|hf\.co|doi\.org)/(?P<path>.+)",
    _IGNORE_CASE,
)
_PAGE = re.compile(r"\A(?:abs|pdf|html|format|ps|e-print|papers)/", _IGNORE_CASE)
_PREFIX = re.compile(r"\A(?:oai:arxiv\.org:|arxiv\s*:\s*|doi\s*:\s*)", _IGNORE_CASE)
_LOCAL = re.compile(r"(?P<scheme>[a-z0-9][a-z0-9_.-]*):(?P<value>\S+)")
_LONGEST_ID = 300
_LONGEST_ADDRESS = 2_000
"""Characters of an address that may name a paper: browsers take about as many."""
_ANY_BYTES = "surrogatepass"
# A query reads none of these as part of an id, and `%` is what they are written with.
_UNQUERYABLE = frozenset(' "<>%')
_TRAILING = frozenset(".,;")
_RESERVED_SCHEMES = frozenset({ARXIV, DOI, "http", "https", "oai"})
"""Schemes that are no collection's own."""


@dataclass(frozen=True, slots=True, order=True)
class PaperId:
    """A bare id, without a version: `arxiv:2502.17424`, `doi:10.1101/…`, or `collection:id` of a file.

    `value` is the source's own spelling, lower case for arXiv's new form and for DOIs, which ignore case.
    """

    scheme: str
    value: str

    def __hash__(self) -> int:
        # Ids stand in sets and tables everywhere, and the value alone tells nearly all of them apart.
        return hash(self.value)

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"

    @classmethod
    def from_text(cls, text: str) -> PaperId:
        """Read what `str()` wrote, or any form that `parse_id` knows.

        Raises UsageError.
        """
        return parse_id(text)[0]

    @property
    def source_spelling(self) -> str:
        """The id as its source spells it, without the scheme."""
        return self.value if self.scheme in {ARXIV, DOI} else unquote(self.value, errors=_ANY_BYTES)

    @property
    def url(self) -> str:
        """The abstract page, or "" where the id has no page of its own."""
        if self.scheme == ARXIV:
            return f"https://arxiv.org/abs/{self.value}"
        return f"https://doi.org/{self.value}" if self.scheme == DOI else ""


def parse_id(text: str) -> tuple[PaperId, int | None]:
    """The paper and the version that `text` names: ids, DOIs, and URLs of arXiv, Hugging Face and DOI pages.

    Raises UsageError where it names none.
    """
    found = find_id(text)
    if found is None:
        raise UsageError(
            f"“{text.strip()[:80]}” is not the id or address of a paper.",
            "Write for instance 2502.17424, hep-th/9901001, 10.1101/2024.01.01.573800 or an arXiv link.",
        )
    return found


def find_id(text: str) -> tuple[PaperId, int | None] | None:
    """As `parse_id`, with None where `text` names no paper."""
    if len(text) > _LONGEST_ADDRESS:
        return None
    rest = text.strip().strip("<> ")
    if url := _URL.fullmatch(rest):
        rest = unquote(url["path"].split("?")[0].split("#")[0])
        if url["host"].lower() != "doi.org":
            rest = _PAGE.sub("", rest, count=1).removesuffix(".pdf").rstrip("/")
    else:
        rest = _PREFIX.sub("", rest, count=1)
    # The strictest form first: `collection:id` would take nearly anything.
    return _parse_arxiv(rest) or _parse_doi(rest) or _parse_local(rest) if rest.isprintable() else None


def scheme_of(collection: str) -> str:
    """The scheme of a collection's own ids: its name, unless that is taken."""
    return f"file-{collection}" if collection in _RESERVED_SCHEMES else collection


def local_id(scheme: str, value: str) -> PaperId | None:
    """The id of a paper in a collection of its own; None for an empty one and for more than 300 characters.

    Two ids that differ stay two. A character that no query could name is written as in an address, space as
    `%20`, so that `PaperId.from_text(str(id))` finds it again and `source_spelling` says it as it was.
    """
    last = len(value) - 1
    kept = "".join(
        char if _is_plain(char) and not (at == last and char in _TRAILING) else _percent_encode(char)
        for at, char in enumerate(value)
    )
    return PaperId(scheme, kept) if value.strip() and len(kept) <= _LONGEST_ID else None


def _is_plain(char: str) -> bool:
    if char.isascii():
        return char.isprintable() and char not in _UNQUERYABLE
    return char.isalnum() and unicodedata.is_normalized("NFKC", char)


def _percent_encode(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode(errors=_ANY_BYTES))


def _parse_arxiv(text: str) -> tuple[PaperId, int | None] | None:
    match = _ARXIV.fullmatch(text)
    if match is None:
        return None
    version = int(match["version"]) if match["version"] else None
    return PaperId(ARXIV, _normalise_arxiv(match["id"])), version


def _normalise_arxiv(value: str) -> str:
    """Lower case, and an old id without its subject class: `math.CO/9901016` is `math/9901016`."""
    archive, slash, number = value.lower().partition("/")
    return f"{archive.partition('.')[0]}/{number}" if slash else archive


def _parse_doi(text: str) -> tuple[PaperId, int | None] | None:
    # What a sentence or a feed put after it.
    # DOIs ignore case: https://www.doi.org/doi-handbook/HTML/case-sensitivity.html.
    value = text.lower().rstrip(".,;<>")
    if not _DOI.fullmatch(value):
        return None
    # arXiv registers a DOI for each paper, under which others list it: it is the same work as the arXiv id.
    if inner := _ARXIV_DOI.fullmatch(value):
        return _parse_arxiv(inner[1])
    return PaperId(DOI, value), None


def _parse_local(text: str) -> tuple[PaperId, int | None] | None:
    match = _LOCAL.fullmatch(text)
    if match is None or match["scheme"] in _RESERVED_SCHEMES:
        return None
    return PaperId(match["scheme"], match["value"]), None
