"""Papers out of JSON Lines."""

from __future__ import annotations

import gzip
import json
import os
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources.jsonl import CHUNK, LONGEST_LINE, FileSource
from adapters.sources.jsonl_record import BadLineError, read_line
from bot.errors import SourceError
from bot.papers.identity import PaperId
from bot.papers.paper import Batch, Paper, Signals
from tests.recorded import DATA, needs_recordings

TOMORROW = date(2026, 11, 24)


def line(**fields: Any) -> bytes:
    return json.dumps({"id": "k1", "title": "On kites"} | fields).encode()


def paper(**fields: Any) -> Paper:
    return read_line(line(**fields), "mine", TOMORROW)[0]


async def read(path: Path, name: str = "", since: date | None = None) -> list[Batch]:
    return [batch async for batch in FileSource(path, name).fetch(since)]


def write(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def test_every_field() -> None:
    told = {
        "id": "2502.17424v2",
        "title": "On kites",
        "abstract": "Kites fly.",
        "authors": ["A. Kite", "B. Wind"],
        "categories": ["cs.CL", "cs.AI", "cs.CL"],
        "published": "2025-02-24T12:00:00Z",
        "announced": "2025-02-26",
        "doi": "https://doi.org/10.1000/KITE",
        "upvotes": 4,
        "stars": 0,
        "tldr": "They fly.",
        "code_url": "https://github.com/kite/kite",
        "unknown": {"is": "ignored"},
    }
    assert read_line(json.dumps(told).encode(), "mine", TOMORROW) == (
        Paper(
            id=PaperId("arxiv", "2502.17424"),
            title="On kites",
            abstract="Kites fly.",
            authors=("A. Kite", "B. Wind"),
            categories=("cs.CL", "cs.AI"),
            published=date(2025, 2, 24),
            version=2,
            aliases=(PaperId("doi", "10.1000/kite"), PaperId("mine", "2502.17424v2")),
            signals=Signals(4, 0),
            summary="They fly.",
            code_url="https://github.com/kite/kite",
        ),
        date(2025, 2, 26),
    )


@pytest.mark.parametrize(
    ("given_id", "expected"),
    [
        ("2502.17424", "arxiv:2502.17424"),
        ("arXiv:hep-th/9901001v3", "arxiv:hep-th/9901001"),
        ("https://doi.org/10.1000/X", "doi:10.1000/x"),
        ("W 123  4", "mine:W%20123%20%204"),
        (17, "mine:17"),
        ("pmid:99", "pmid:99"),
    ],
)
def test_ids(given_id: object, expected: str) -> None:
    found = paper(id=given_id).id
    assert str(found) == expected
    assert PaperId.of(expected) == found


@pytest.mark.parametrize(
    ("fields", "abstract"),
    [
        ({"summary": "s"}, "s"),
        ({"text": "t", "summary": "s"}, "t"),
        ({"abstract": "a", "text": "t", "summary": "s"}, "a"),
        ({"abstract": None, "text": "", "summary": "s"}, "s"),
        ({}, ""),
    ],
)
def test_the_summary_is_the_abstract_where_there_is_no_other(fields: dict[str, Any], abstract: str) -> None:
    found = paper(**fields)
    assert (found.abstract, found.summary) == (abstract, "")


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        (["A. Kite", " ", "B. Wind"], ("A. Kite", "B. Wind")),
        ("A. Kite, B. Wind and C. Sky", ("A. Kite", "B. Wind and C. Sky")),
        ("A. Kite, B. Wind, and C. Sky", ("A. Kite", "B. Wind", "C. Sky")),
        ("Kite, A.; Wind, B.", ("Kite, A.", "Wind, B.")),
        ("A. Kite and B. Wind", ("A. Kite", "B. Wind")),
        ([{"name": "A. Kite", "id": 7}, "B. Wind"], ("A. Kite", "B. Wind")),
        (None, ()),
        ("", ()),
    ],
)
def test_authors(authors: object, names: tuple[str, ...]) -> None:
    assert paper(authors=authors).authors == names


@pytest.mark.parametrize("categories", ["cs.CL math.AG", ["cs.CL", "math.AG"], " cs.CL\tmath.AG cs.CL"])
def test_categories(categories: object) -> None:
    assert paper(categories=categories).categories == ("cs.CL", "math.AG")


@pytest.mark.parametrize(
    ("fields", "published", "day"),
    [
        ({"published": "2025-02-24"}, date(2025, 2, 24), date(2025, 2, 24)),
        ({"date": "2025-02"}, date(2025, 2, 1), date(2025, 2, 1)),
        ({"year": 2025}, date(2025, 1, 1), date(2025, 1, 1)),
        ({"year": 2025.0}, date(2025, 1, 1), date(2025, 1, 1)),
        ({"published": "", "year": "2025"}, date(2025, 1, 1), date(2025, 1, 1)),
        ({"published": "2025-02-24", "announced": "2025-03-01"}, date(2025, 2, 24), date(2025, 3, 1)),
        ({"announced": "1990-01-01"}, None, date(1990, 1, 1)),
        ({"announced": "2026-11-24"}, None, date(2026, 11, 24)),
        ({"published": "1948"}, date(1948, 1, 1), None),
        ({"published": "2026-12"}, date(2026, 12, 1), None),
        ({}, None, None),
    ],
)
def test_dates(fields: dict[str, Any], published: date | None, day: date | None) -> None:
    found, announced = read_line(line(**fields), "mine", TOMORROW)
    assert (found.published, announced) == (published, day)


def test_a_title_that_is_too_long_stands_in_the_text_too() -> None:
    told = "Kites fly. " * 40 + "Zirconium."
    assert paper(title=told).abstract == told
    assert paper(title=told, abstract="It flew.").abstract == "It flew."
    assert paper(title="Kites fly.").abstract == ""


def test_a_paper_without_a_title_is_called_by_how_it_begins() -> None:
    found, _ = read_line(line(title="", abstract="Kites fly. " * 20), "mine", TOMORROW)
    assert found.title.startswith("Kites fly. Kites")
    assert len(found.title) <= 100


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"kites", "It is not JSON in UTF-8."),
        (b'"kites"', "It is not a JSON object."),
        (b"\xff{}", "It is not JSON in UTF-8."),
        (b"[" * 100_000, "It is not JSON in UTF-8."),
        (line(id=None), "It has no id, or one that is too long."),
        (line(id=" "), "It has no id, or one that is too long."),
        (line(id="k" * 301), "It has no id, or one that is too long."),
        (line(id=["k"]), "“id” is not text."),
        (line(id=True), "“id” is not text."),
        (line(title=" "), "It has no title and no text."),
        (line(title=5), "“title” is not text."),
        (line(abstract=["x"]), "“abstract” is not text."),
        (line(authors={"a": 1}), "“authors” is neither text nor a list of texts."),
        (line(authors=[{"last": "Kite"}]), "“authors” is neither text nor a list of texts."),
        (line(authors=[1]), "“authors” is neither text nor a list of texts."),
        (line(categories=3), "“categories” is neither text nor a list of texts."),
        (line(announced="1989-12-31"), "“announced” is not between 1990-01-01 and 2026-11-24."),
        (line(announced="2026-11-25"), "“announced” is not between 1990-01-01 and 2026-11-24."),
        (line(published="soon"), "“published” is no date such as 2025-02-24."),
        (line(year=20.5), "“year” is no date such as 2025-02-24."),
        (line(upvotes="3"), "“upvotes” is no count."),
        (line(stars=-1), "“stars” is no count."),
        (line(upvotes=2**40), "“upvotes” is no count."),
    ],
)
def test_bad_lines_say_why(raw: bytes, problem: str) -> None:
    with pytest.raises(BadLineError) as caught:
        read_line(raw, "mine", TOMORROW)
    assert str(caught.value) == problem


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
_NAMES = (
    *("id", "title", "abstract", "authors", "categories", "published"),
    *("year", "announced", "doi", "upvotes", "code_url", "tldr"),
)


@given(st.dictionaries(st.sampled_from(_NAMES), _JSON))
@settings(max_examples=200, deadline=None)
def test_any_fields_are_a_paper_or_a_bad_line(fields: dict[str, Any]) -> None:
    try:
        found, _ = read_line(json.dumps(fields).encode(), "mine", TOMORROW)
    except BadLineError:
        return
    assert found.title.isprintable()
    assert PaperId.of(str(found.id)) == found.id


async def test_days_in_order_and_bad_lines_with_their_numbers(tmp_path: Path) -> None:
    path = write(
        tmp_path / "My Papers.jsonl",
        line(id="b", announced="2026-02-02"),
        b"",
        b"broken",
        line(id="a", announced="2026-01-01"),
        line(id="c", announced="2026-02-02"),
    )
    first, second = await read(path)
    assert (first.source, first.day, [str(one.paper.id) for one in first.announcements]) == (
        "my-papers",
        date(2026, 1, 1),
        ["my-papers:a"],
    )
    assert [(bad.where, bad.problem) for bad in first.bad] == [("line 3", "It is not JSON in UTF-8.")]
    assert [one.paper.id.value for one in second.announcements] == ["b", "c"]
    assert second.bad == ()
    assert first.complete


async def test_a_line_without_a_day_has_the_day_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", line())
    os.utime(path, (1_700_000_000, 1_700_000_000))
    (batch,) = await read(path)
    assert batch.day == datetime.fromtimestamp(1_700_000_000, UTC).date()


async def test_only_bad_lines_are_told_as_well(tmp_path: Path) -> None:
    (batch,) = await read(write(tmp_path / "x.jsonl", b"a,b", b"c,d"))
    assert [bad.where for bad in batch.bad] == ["line 1", "line 2"]


async def test_an_empty_file_has_no_batches(tmp_path: Path) -> None:
    assert await read(write(tmp_path / "x.jsonl")) == []


async def test_since(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.jsonl", *(line(id=str(day), announced=f"2026-01-{day:02}") for day in range(1, 9))
    )
    assert [batch.day.day for batch in await read(path, since=date(2026, 1, 6))] == [6, 7, 8]


async def test_days_that_cannot_be_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", line(announced="9999-12-31"), line(id="k2", announced="2026-01-01"))
    (batch,) = await read(path)
    assert (batch.day, len(batch.announcements)) == (date(2026, 1, 1), 1)
    assert [bad.where for bad in batch.bad] == ["line 1"]


async def test_a_file_from_the_future_is_of_tomorrow_at_the_latest(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", line())
    os.utime(path, (2**32, 2**32))
    (batch,) = await read(path)
    assert batch.day <= datetime.now(UTC).date() + timedelta(days=1)


async def test_the_same_paper_twice_is_one(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", line(published="2026-01-01"), line(published="2026-01-01", tldr="t"))
    (batch,) = await read(path)
    assert [one.paper.summary for one in batch.announcements] == ["t"]


@pytest.mark.parametrize(
    ("file", "name", "expected"),
    [
        ("papers.jsonl", "", "papers"),
        ("Team Reading (2026).jsonl.gz", "", "team-reading-2026"),
        ("papers.jsonl", "Our Lab", "our-lab"),
        (".jsonl", "", "jsonl"),
        ("論文.jsonl", "", "file"),
    ],
)
def test_the_name(file: str, name: str, expected: str) -> None:
    assert FileSource(Path(file), name).name == expected


async def test_ids_of_a_file_called_arxiv_are_not_taken_for_arxivs(tmp_path: Path) -> None:
    (batch,) = await read(write(tmp_path / "arxiv.jsonl", line()))
    found = batch.announcements[0].paper.id
    assert str(found) == "file-arxiv:k1"
    assert PaperId.of(str(found)) == found


async def test_lines_end_at_newlines_alone(tmp_path: Path) -> None:
    raw = json.dumps({"id": "k1", "title": "A\u2028B\u0085C"}, ensure_ascii=False).encode()
    (batch,) = await read(
        write(tmp_path / "x.jsonl", b"\xef\xbb\xbf" + raw, raw.replace(b"k1", b"k2") + b"\r")
    )
    assert [one.paper.title for one in batch.announcements] == ["A B C", "A B C"]
    assert batch.bad == ()


async def test_a_gzipped_file(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(line() + b"\n" + line(id="k2")))
    (batch,) = await read(path)
    assert len(batch.announcements) == 2


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.jsonl.gz", gzip.compress(line() + b"\n", mtime=0)[:-9], "damaged"),
        ("x.jsonl.gz", b"plain", "cannot be read"),
        ("x.jsonl", b"\x89PNG\x00\x00", "not a text file"),
        ("x.jsonl", b'  [{"id": 1}]', "JSON array"),
        ("x.jsonl", "{}".encode("utf-16"), "not a text file"),
    ],
)
async def test_the_wrong_kind_of_file(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=reason) as caught:
        await read(path)
    assert caught.value.mend


async def test_missing_files_and_directories(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path, tmp_path / "none.gz"):
        with pytest.raises(SourceError, match="cannot be read"):
            await read(path)


async def test_what_came_before_the_damage_is_kept(tmp_path: Path) -> None:
    whole = gzip.compress(
        b"\n".join(line(id=f"k{number}", title=os.urandom(20).hex()) for number in range(500))
    )
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(whole[:-2000])
    source, found = FileSource(path), 0
    with pytest.raises(SourceError, match="damaged"):  # noqa: PT012 - the loop is what raises
        async for batch in source.fetch():
            found += len(batch.announcements)
    assert found > 300


async def test_a_line_too_long_is_bad_and_costs_no_other(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", line(abstract="x" * 3 * LONGEST_LINE), line(id="k2"))
    (batch,) = await read(path)
    assert [bad.where for bad in batch.bad] == ["line 1"]
    assert [one.paper.id.value for one in batch.announcements] == ["k2"]


async def test_a_big_file_costs_the_memory_of_a_chunk(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    count = 5 * CHUNK
    with path.open("wb") as file:
        for number in range(count):
            file.write(line(id=f"k{number}", abstract="x " * 1000, announced="2026-01-01") + b"\n")
    tracemalloc.start()
    sizes = [len(batch.announcements) async for batch in FileSource(path).fetch()]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sizes == [CHUNK] * 5
    assert peak < path.stat().st_size


@needs_recordings
async def test_a_recorded_day_of_arxiv_is_such_a_file() -> None:
    path = DATA / "arxiv_bulk_daily" / "2025-10-02.jsonl"
    found = await read(path, "bulk")
    assert sum(len(batch.bad) for batch in found) == 0
    assert sum(len(batch.announcements) for batch in found) == 218
    assert all(one.paper.id.scheme == "arxiv" and one.paper.abstract for one in found[0].announcements)
