"""Files of JSON Lines as a source of papers."""

from __future__ import annotations

import gzip
import json
import os
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from adapters.sources.jsonl import CHUNK, LONGEST_LINE, FileSource
from bot.errors import SourceError
from bot.papers.identity import PaperId
from bot.papers.paper import Batch
from tests.adapters.sources.json_lines import line
from tests.recorded import DATA, needs_recordings


async def read(path: Path, name: str = "", since: date | None = None) -> list[Batch]:
    return [batch async for batch in FileSource(path, name).fetch(since)]


def write(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


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
    assert PaperId.from_text(str(found)) == found


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
    assert caught.value.hint


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
