"""What every source keeps to, tried on each through the shared client and a server on loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from aiohttp import web

from adapters.http import HttpClient
from adapters.sources import SOURCES
from adapters.sources.jsonl import FileSource
from bot.errors import SourceError
from bot.papers.paper import Batch
from bot.papers.text import clean_line
from bot.ports.sources import Source
from bot.settings import Settings
from tests.adapters.sources.arxiv_served import HASTY
from tests.adapters.sources.feeds import item, rss
from tests.adapters.sources.json_lines import line

DAY = date(2026, 4, 27)
NOW = datetime(2026, 4, 27, 16, tzinfo=UTC)
FILE = "file"
HOSTILE = "On \u202ekites\x1b[2J <b>and</b> $x$"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a source answers in its own format."""

    good: bytes
    """Two papers and, between them, a record that cannot be read."""
    garbage: bytes = b"<html><body>Busy, come back later</body></html>"


def _arxiv() -> Answers:
    first = item("<description>Kites.</description>", title="On \u202ekites &lt;b&gt;and&lt;/b&gt; $x$")
    return Answers(rss(first, item(guid="", title="No id"), item(guid="oai:arXiv.org:2604.00002v1")))


def _huggingface() -> Answers:
    def listed(number: str, title: object) -> object:
        return {"paper": {"id": number, "title": title, "submittedOnDailyAt": f"{DAY}T00:00:00.000Z"}}

    listing = [listed("2604.00001", HOSTILE), listed("2604.00003", 7), listed("2604.00002", "Owls")]
    return Answers(json.dumps(listing).encode())


def _file() -> Answers:
    lines = [line(id="2604.00001", title=HOSTILE), b"{", line(id="2604.00002", announced=str(DAY))]
    return Answers(b"\n".join(lines), garbage=b"[1, 2]")


ANSWERS: dict[str, Callable[[], Answers]] = {"arxiv": _arxiv, "huggingface": _huggingface, FILE: _file}


@dataclass(frozen=True, slots=True)
class Tried:
    """A source under test, which answers as `answers` says."""

    source: Source
    answers: Answers
    set_body: Callable[[bytes | None], None]
    """Answer so from now on; None is no answer at all."""

    async def batches(self, since: date | None = None) -> list[Batch]:
        """What it gives."""
        return [batch async for batch in self.source.fetch(since)]


@asynccontextmanager
async def _file_source(folder: Path) -> AsyncIterator[Tried]:
    path = folder / "papers.jsonl"

    def set_body(body: bytes | None) -> None:
        path.unlink(missing_ok=True)
        if body is not None:
            path.write_bytes(body)

    yield Tried(FileSource(path, FILE), _file(), set_body)


@asynccontextmanager
async def _served(name: str) -> AsyncIterator[Tried]:
    answers = ANSWERS[name]()
    body: list[bytes | None] = [None]

    def set_body(new: bytes | None) -> None:
        body[0] = new

    async def answer(request: web.Request) -> web.Response:
        if body[0] is None:
            assert request.transport
            request.transport.abort()
        if "oai" in request.path:
            return web.Response(body=b"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'/>")
        is_another_day = request.query.get("date", str(DAY)) != str(DAY)
        return web.Response(body=b"[]" if is_another_day and body[0] == answers.good else body[0])

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    settings = Settings(
        _env_file=None,
        sources=(name,),
        arxiv_rss_url=url,
        arxiv_oai_url=f"{url}/oai",
        arxiv_pace_seconds=0,
        arxiv_categories=("cs.CL",),
        huggingface_url=url,
    )
    patience = replace(HASTY, attempts=1)
    async with HttpClient(timeout_seconds=5, patience=patience) as http:
        yield Tried(
            SOURCES[name](settings, http, lambda: NOW), ANSWERS[name](), lambda new: body.__setitem__(0, new)
        )
    await runner.cleanup()


@pytest.fixture(params=ANSWERS)
async def tried(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Tried]:
    async with _file_source(tmp_path) if request.param == FILE else _served(request.param) as made:
        made.set_body(made.answers.good)
        yield made


def test_every_source_is_tried() -> None:
    assert {*SOURCES, FILE} == set(ANSWERS)


async def test_its_batches_have_its_name_and_come_in_order(tried: Tried) -> None:
    found = await tried.batches()
    assert {batch.source for batch in found} == {tried.source.name}
    assert [batch.day for batch in found] == sorted({batch.day for batch in found})


async def test_a_bad_record_costs_that_record_alone(tried: Tried) -> None:
    found = await tried.batches()
    ids = sorted(str(one.paper.id) for batch in found for one in batch.announcements)
    assert ids == ["arxiv:2604.00001", "arxiv:2604.00002"]
    [bad] = [bad for batch in found for bad in batch.bad]
    assert bad.where
    assert bad.problem


async def test_all_text_is_plain_and_harmless(tried: Tried) -> None:
    papers = [one.paper for batch in await tried.batches() for one in batch.announcements]
    title = next(paper.title for paper in papers if "00001" in str(paper.id))
    assert title.startswith("On kites")
    assert "<b>" not in title
    for paper in papers:
        for text in (paper.title, paper.abstract, *paper.authors, *paper.categories):
            assert text == clean_line(text)


async def test_a_paper_is_announced_once_in_a_batch(tried: Tried) -> None:
    for batch in await tried.batches():
        listed = [one.paper.id for one in batch.announcements]
        assert len(listed) == len(set(listed))


async def test_what_cannot_be_read_is_a_source_error_that_says_what_to_do(tried: Tried) -> None:
    tried.set_body(tried.answers.garbage)
    with pytest.raises(SourceError) as caught:
        await tried.batches()
    assert str(caught.value).endswith((".", "`", "jsonl"))


async def test_no_answer_is_a_source_error(tried: Tried) -> None:
    tried.set_body(None)
    with pytest.raises(SourceError):
        await tried.batches()


async def test_it_answers_again_after_a_failure(tried: Tried) -> None:
    tried.set_body(None)
    with pytest.raises(SourceError):
        await tried.batches()
    tried.set_body(tried.answers.good)
    assert sum(len(batch.announcements) for batch in await tried.batches()) == 2


async def test_nothing_older_than_was_asked_for_comes(tried: Tried) -> None:
    assert all(batch.day >= DAY for batch in await tried.batches(DAY))


async def test_its_calendar_never_expects_what_is_to_come(tried: Tried) -> None:
    day = tried.source.expected_day(NOW)
    assert day is None or day <= NOW.date()
