"""Papers out of a file: JSON Lines, one object a line, plain or gzipped."""

from __future__ import annotations

import asyncio
import gzip
import io
import re
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Generator, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from adapters.sources.jsonl_record import BadLineError, read_line
from bot.errors import SourceError
from bot.papers.batches import merge_announcements
from bot.papers.identity import scheme_of
from bot.papers.paper import Announcement, BadRecord, Batch

CHUNK = 1_000
"""How many lines are held at a time: a file of any size costs the memory of these."""
LONGEST_LINE = 2**20
"""Bytes; a longer line is a bad record."""
_HINT = "Use JSON Lines in UTF-8, one paper per line, plain or .gz."


class FileSource:
    """A file as a source. `name` is what receipts and `source:` call it: by default the file's own name."""

    def __init__(self, path: Path, name: str = "") -> None:
        self._path = path
        self.name = _source_name(name or path.name.removesuffix(".gz").rpartition(".")[0] or path.name)
        # Ids that are nobody else's are kept under the source's name, which must not look like arXiv's.
        self._scheme = scheme_of(self.name)

    def expected_day(self, now: datetime) -> date | None:  # noqa: ARG002 - the port's signature
        """None: a file keeps no calendar."""
        return None

    async def fetch(self, since: date | None = None) -> AsyncIterator[Batch]:
        """The papers by the day on which they were announced, with `since` from that day on.

        A line without a day has the day of the file. At most `CHUNK` lines are held at once, so that a long
        day, or one whose lines are scattered, comes in several batches, all of them marked complete.
        Raises SourceError.
        """
        chunks = self._read_chunks(since or date.min)
        try:
            while (batches := await asyncio.to_thread(next, chunks, None)) is not None:
                for batch in batches:
                    yield batch
        finally:
            chunks.close()

    def _read_chunks(self, since: date) -> Generator[list[Batch], None, None]:
        held: list[tuple[int, bytes]] = []
        # Where it is tomorrow already, a paper may have been announced today.
        latest = datetime.now(UTC).date() + timedelta(days=1)
        try:
            fallback = min(datetime.fromtimestamp(self._path.stat().st_mtime, UTC).date(), latest)
            with self._open_file() as file:
                for numbered in enumerate(_split_lines(file), start=1):
                    self._check_line(*numbered)
                    held.append(numbered)
                    if len(held) == CHUNK:
                        yield self._make_batches(held, fallback, since, latest)
                        held.clear()
        except (OSError, EOFError, zlib.error) as error:
            if held:
                yield self._make_batches(held, fallback, since, latest)
            reason = error.strerror if isinstance(error, OSError) else None
            raise SourceError(
                f"{self._path.name} cannot be read: {reason or 'it is damaged'}.", _HINT
            ) from error
        if held:
            yield self._make_batches(held, fallback, since, latest)

    def _open_file(self) -> gzip.GzipFile | io.BufferedReader:
        return gzip.open(self._path) if self._path.suffix == ".gz" else self._path.open("rb")

    def _check_line(self, number: int, raw: bytes) -> None:
        """Look whether this is the right kind of file at all, by its first lines."""
        if number <= 10 and b"\0" in raw:
            raise SourceError(f"{self._path.name} is not a text file.", _HINT)
        if number == 1 and raw.lstrip(b"\xef\xbb\xbf \t").startswith(b"["):
            raise SourceError(
                f"{self._path.name} holds a JSON array.",
                f"Turn it into JSON Lines: jq -c '.[]' {self._path.name}",
            )

    def _make_batches(
        self, lines: Iterable[tuple[int, bytes]], fallback: date, since: date, latest: date
    ) -> list[Batch]:
        found: dict[date, list[Announcement]] = defaultdict(list)
        bad: list[BadRecord] = []
        for number, raw in lines:
            if not raw.strip():
                continue
            try:
                paper, day = read_line(raw, self._scheme, latest)
            except BadLineError as error:
                bad.append(BadRecord(f"line {number}", str(error)))
            else:
                if (day or fallback) >= since:
                    found[day or fallback].append(Announcement(paper))
        days = sorted(found) or ([fallback] if bad else [])
        # Bad lines have no day; the first batch of their neighbours tells of them.
        return [
            Batch(self.name, day, merge_announcements(found[day]), tuple(bad) if day == days[0] else ())
            for day in days
        ]


def _split_lines(file: gzip.GzipFile | io.BufferedReader) -> Iterator[bytes]:
    """Lines that end at `\\n` alone; of one that is too long only the beginning, which is no JSON."""
    while line := file.readline(LONGEST_LINE):
        yield line
        while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE)


def _source_name(name: str) -> str:
    """As `source:` can name it: lower-case letters, digits, `-`, `_` and `.`."""
    return re.sub(r"[^a-z0-9_.-]+", "-", name.lower()).strip("-._") or "file"
