"""Where the output goes: a full disk, a reader who has gone or is slow, a terminal of few characters."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.command import Paperboy


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
@pytest.mark.parametrize("args", [("search", "wing", "--json"), ("search", "wing"), ("--help",)])
def test_output_that_cannot_be_written(stocked: Paperboy, args: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        process = stocked.start(*args, stdout=full)
        _, said = process.communicate(timeout=50)

    assert (process.returncode, said) == (
        1,
        "paperboy: The output cannot be written: No space left on device.\n",
    )


@pytest.mark.parametrize("args", [("search", "wing", "--json"), ("search", "wing"), ("--help",)])
def test_a_reader_who_has_gone_is_no_failure(stocked: Paperboy, args: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        process = stocked.start(*args, stdout=pipe)
        _, said = process.communicate(timeout=50)

    assert (process.returncode, said) == (0, "")


def test_an_output_that_knows_few_characters(paperboy: Paperboy) -> None:
    row = {"id": "8", "title": "Über wings"}
    (paperboy.folder / "papers.jsonl").write_text(json.dumps(row), encoding="utf-8")
    paperboy("ingest", "--file", "papers.jsonl")

    assert "?ber wings" in paperboy.anew("search", "wings", PYTHONIOENCODING="ascii").stdout
    found = paperboy.anew("search", "wings", "--json", PYTHONIOENCODING="ascii")
    assert (found.returncode, found.stderr) == (0, "")
    assert json.loads(found.stdout)[0]["title"] == "Über wings"


def test_who_reads_the_hits_slowly_keeps_nobody_from_writing(paperboy: Paperboy) -> None:
    rows = [
        {"id": f"{n}", "title": f"Owls {n} {'sleep ' * 30}", "announced": "2025-10-09"} for n in range(600)
    ]
    (paperboy.folder / "owls.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert paperboy("ingest", "--file", "owls.jsonl").returncode == 0
    reading = paperboy.start("search", "owls", "--limit", "600")
    try:
        assert reading.stdout is not None
        assert reading.stdout.read(1)
        with closing(sqlite3.connect(paperboy.database, isolation_level=None, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
    finally:
        reading.kill()
        reading.communicate()
