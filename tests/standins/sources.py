"""A loopback server in the place of arXiv and Hugging Face, which answers from the recordings.

What the recordings hold is read in place and served in each service's own layout; nothing of it is kept here.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import threading
import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from aiohttp import web
from lxml import etree

from bot.settings import Settings
from tests.recorded import DATA

Fault = Literal["429", "429 long", "500", "slow", "truncated", "bomb", "garbage"]
Row = dict[str, Any]

_ARXIV = "http://arxiv.org/schemas/atom"
_DC = "http://purl.org/dc/elements/1.1/"
_ATOM = "http://www.w3.org/2005/Atom"
_OAI = "http://www.openarchives.org/OAI/2.0/"
_OAI_ARXIV = "http://arxiv.org/OAI/arXiv/"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, and when, on the clock of the event loop."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    at: float


class SourcesStandin:
    """Serves `/rss/…`, `/oai`, `/api/query` and `/api/daily_papers`; a context manager for one event loop.

    `set_day` chooses the day that arXiv's feeds announce; `put` serves any body under a path instead;
    `fail` makes the next requests under a path fail; `refuse_set` takes a set out of OAI-PMH.
    """

    def __init__(self, data: Path = DATA, *, oai_page: int = 100) -> None:
        self._data = data
        self._oai_page = oai_page
        self._day = date(2025, 10, 1)
        self._fixed: dict[str, tuple[int, bytes]] = {}
        self._faults: dict[str, deque[Fault]] = {}
        self._refused: set[str] = set()
        self._runner: web.AppRunner | None = None
        self.requests: list[Request] = []
        self.url = ""

    @cached_property
    def arxiv_days(self) -> tuple[date, ...]:
        """The recorded listing days, the oldest first."""
        return tuple(sorted(date.fromisoformat(path.stem) for path in self._data.glob("arxiv_bulk_daily/*")))

    @cached_property
    def huggingface_days(self) -> tuple[date, ...]:
        """The recorded days of Daily Papers, the oldest first."""
        return tuple(sorted(date.fromisoformat(path.stem) for path in self._data.glob("hf_daily_papers/*")))

    def arxiv_rows(self, day: date) -> dict[str, Row]:
        """The recorded papers of a listing day by id; none for a day that was not recorded."""
        path = self._data / "arxiv_bulk_daily" / f"{day}.jsonl"
        if not path.exists():
            return {}
        # The text holds U+2028 and U+0085, which are no ends of lines.
        lines = path.read_text(encoding="utf-8").split("\n")
        return {row["id"]: row for row in map(json.loads, filter(str.strip, lines))}

    def settings(self, **changes: Any) -> Settings:
        """Settings that point at this server, unpaced."""
        base: dict[str, Any] = {
            "arxiv_rss_url": self.url,
            "arxiv_api_url": f"{self.url}/api/query",
            "arxiv_oai_url": f"{self.url}/oai",
            "huggingface_url": self.url,
            "arxiv_pace_seconds": 0.0,
            "http_timeout_seconds": 10.0,
        }
        return Settings(_env_file=None, **(base | changes))

    def set_day(self, day: date) -> None:
        """Let arXiv's feeds announce this day."""
        self._day = day

    def put(self, path: str, body: bytes, status: int = 200) -> None:
        """Serve this body under a path."""
        self._fixed[path] = (status, body)

    def fail(self, path: str, *faults: Fault) -> None:
        """Let the next requests under a path fail, one after the other."""
        self._faults.setdefault(path, deque()).extend(faults)

    def refuse_set(self, name: str) -> None:
        """Answer questions for this set as OAI-PMH does for one that is not there."""
        self._refused.add(name)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        now = asyncio.get_running_loop().time()
        self.requests.append(Request(request.path, dict(request.query), dict(request.headers), now))
        for path, faults in self._faults.items():
            if request.path.startswith(path) and faults:
                return await _failed(request, faults.popleft())
        status, body = self._fixed.get(request.path) or self._content(request)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if status == 200 and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        response = web.Response(status=status, body=body, headers={"ETag": etag})
        response.enable_compression()
        return response

    def _content(self, request: web.Request) -> tuple[int, bytes]:
        query = request.query
        if request.path.startswith("/rss/"):
            return 200, self.rss(request.path.removeprefix("/rss/").split("+"))
        if request.path == "/oai" and query.get("set") in self._refused:
            return 200, (
                b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
                b'<error code="badArgument">No such set.</error></OAI-PMH>'
            )
        if request.path == "/oai":
            return 200, self._records(query.get("resumptionToken") or f"{query['set']} {query['from']} 0")
        if request.path == "/api/query":
            return 200, self._papers(query["id_list"])
        if request.path == "/api/daily_papers":
            return self._daily(query["date"], int(query["p"]), int(query["limit"]))
        return 404, b"not found"

    def rss(self, categories: list[str]) -> bytes:
        """The feed of these categories on the day that is set, as rss.arxiv.org writes it."""
        root = etree.Element("rss", nsmap={"arxiv": _ARXIV, "dc": _DC}, version="2.0")
        channel = etree.SubElement(root, "channel")
        stamp = format_datetime(datetime.combine(self._day, time(0), ZoneInfo("America/New_York")))
        _add(channel, "title", f"{', '.join(categories)} updates on arXiv.org")
        _add(channel, "pubDate", stamp)
        for row in self.arxiv_rows(self._day).values():
            if kind := _kind(row, categories):
                _item(etree.SubElement(channel, "item"), row, kind, stamp)
        return etree.tostring(root, encoding="utf-8", xml_declaration=True)

    def _records(self, token: str) -> bytes:
        """A page of `ListRecords`; the token is `set from offset`."""
        name, since, offset = token.split(" ")
        category = ".".join(name.split(":")[-2:])
        start = int(offset)
        found: dict[str, tuple[date, Row]] = {}
        for day in self.arxiv_days:
            # The datestamp is that of the latest change.
            if date.fromisoformat(since) <= day <= self._day:
                rows = self.arxiv_rows(day).items()
                found |= {key: (day, row) for key, row in rows if category in row["categories"]}
        root = etree.Element(f"{{{_OAI}}}OAI-PMH", nsmap={None: _OAI})
        if not found:
            error = etree.SubElement(root, f"{{{_OAI}}}error", code="noRecordsMatch")
            return etree.tostring(error.getroottree(), encoding="utf-8", xml_declaration=True)
        records = etree.SubElement(root, f"{{{_OAI}}}ListRecords")
        for day, row in list(found.values())[start : start + self._oai_page]:
            _record(records, day, row)
        if start + self._oai_page < len(found):
            _add(records, f"{{{_OAI}}}resumptionToken", f"{name} {since} {start + self._oai_page}")
        return etree.tostring(root, encoding="utf-8", xml_declaration=True)

    def _papers(self, wanted: str) -> bytes:
        """The query API's answer for one id, of version 1."""
        root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM, "arxiv": _ARXIV})
        _add(root, f"{{{_ATOM}}}title", f"arXiv Query: search_query=&id_list={wanted}")
        rows = (self.arxiv_rows(day).get(wanted) for day in self.arxiv_days)
        if row := next(filter(None, rows), None):
            entry = etree.SubElement(root, f"{{{_ATOM}}}entry")
            _add(entry, f"{{{_ATOM}}}id", f"http://arxiv.org/abs/{wanted}v1")
            _add(entry, f"{{{_ATOM}}}title", row["title"])
            _add(entry, f"{{{_ATOM}}}summary", row["summary"])
            for name in row["authors"]:
                _add(etree.SubElement(entry, f"{{{_ATOM}}}author"), f"{{{_ATOM}}}name", name)
            for category in row["categories"]:
                etree.SubElement(entry, f"{{{_ATOM}}}category", term=category)
        return etree.tostring(root, encoding="utf-8", xml_declaration=True)

    def _daily(self, day: str, page: int, limit: int) -> tuple[int, bytes]:
        try:
            date.fromisoformat(day)
        except ValueError:
            return 400, b'{"error":"Invalid date"}'
        path = self._data / "hf_daily_papers" / f"{day}.json"
        items = json.loads(path.read_bytes()) if path.exists() else []
        return 200, json.dumps(items[page * limit : (page + 1) * limit]).encode()


@contextmanager
def standin_in_thread(standin: SourcesStandin | None = None) -> Iterator[SourcesStandin]:
    """A stand-in with an event loop of its own, for synchronous callers and other processes."""
    served = standin or SourcesStandin()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(served.__aenter__(), loop).result(10)
        yield served
        asyncio.run_coroutine_threadsafe(served.__aexit__(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def bomb(megabytes: int) -> bytes:
    """So many megabytes of zeros, gzipped: about a thousandth of that."""
    packer = zlib.compressobj(1, wbits=31)
    zeros = bytes(2**20)
    return b"".join([*(packer.compress(zeros) for _ in range(megabytes)), packer.flush()])


async def _failed(request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault == "slow":
        await asyncio.sleep(5)
        return web.Response(text="late")
    if fault == "truncated":
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"<rss>")
        response.force_close()
        return response
    if fault == "bomb":
        return web.Response(body=bomb(200), headers={"Content-Encoding": "gzip"})
    if fault == "garbage":
        return web.Response(body=gzip.compress(b"\x00\x01 no feed"), headers={"Content-Encoding": "gzip"})
    if fault == "500":
        return web.Response(status=500)
    return web.Response(status=429, headers={"Retry-After": "3600" if fault == "429 long" else "1"})


def _kind(row: Row, categories: list[str]) -> str:
    """As the feed server has it: relative to the categories asked for."""
    if row["categories"][0] in categories:
        return "new"
    return "cross" if any(category in row["categories"] for category in categories) else ""


def _item(item: etree._Element, row: Row, kind: str, stamp: str) -> None:
    _add(item, "title", row["title"])
    _add(item, "link", f"https://arxiv.org/abs/{row['id']}")
    heading = f"arXiv:{row['id']}v1 Announce Type: {kind} \nAbstract: "
    _add(item, "description", heading + row["summary"])
    _add(item, "guid", f"oai:arXiv.org:{row['id']}v1").set("isPermaLink", "false")
    for category in row["categories"]:
        _add(item, "category", category)
    _add(item, "pubDate", stamp)
    _add(item, f"{{{_ARXIV}}}announce_type", kind)
    _add(item, f"{{{_DC}}}creator", ", ".join(row["authors"]))


def _record(records: etree._Element, day: date, row: Row) -> None:
    record = etree.SubElement(records, f"{{{_OAI}}}record")
    header = etree.SubElement(record, f"{{{_OAI}}}header")
    _add(header, f"{{{_OAI}}}identifier", f"oai:arXiv.org:{row['id']}")
    _add(header, f"{{{_OAI}}}datestamp", day.isoformat())
    metadata = etree.SubElement(record, f"{{{_OAI}}}metadata")
    paper = etree.SubElement(metadata, f"{{{_OAI_ARXIV}}}arXiv", nsmap={None: _OAI_ARXIV})
    _add(paper, f"{{{_OAI_ARXIV}}}id", row["id"])
    authors = etree.SubElement(paper, f"{{{_OAI_ARXIV}}}authors")
    for name in row["authors"]:
        forenames, _, keyname = name.rpartition(" ")
        author = etree.SubElement(authors, f"{{{_OAI_ARXIV}}}author")
        _add(author, f"{{{_OAI_ARXIV}}}keyname", keyname)
        if forenames:
            _add(author, f"{{{_OAI_ARXIV}}}forenames", forenames)
    _add(paper, f"{{{_OAI_ARXIV}}}title", row["title"])
    _add(paper, f"{{{_OAI_ARXIV}}}categories", " ".join(row["categories"]))
    _add(paper, f"{{{_OAI_ARXIV}}}abstract", row["summary"])


def _add(parent: etree._Element, tag: str, text: str) -> etree._Element:
    element = etree.SubElement(parent, tag)
    element.text = text
    return element
