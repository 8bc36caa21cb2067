"""Searches whose words look like options, and those of a collection that is not embedded yet."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.command import Paperboy, one_line, write_papers


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (("-emergent",), ["7"]),
        (("-hallucination slipstream",), ["7"]),
        (("slipstream", "-wing"), []),
        (("--wing in a slipstream of its own",), ["7"]),
        (("--", "-emergent"), ["7"]),
    ],
)
def test_words_may_begin_with_a_minus(stocked: Paperboy, args: tuple[str, ...], found: list[str]) -> None:
    done = stocked("search", "--limit", "100", "--json", *args)
    assert [hit["id"] for hit in json.loads(done.stdout)] == found, done.stderr


def test_an_ingest_that_is_interrupted_ends_and_a_search_says_what_it_does_not_know(
    paperboy: Paperboy,
) -> None:
    rows = [{"id": n, "title": f"Owls {n}", "text": f"They sleep {n} times. " * 30} for n in range(900)]
    (paperboy.folder / "owls.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = paperboy.start("ingest", "--file", "owls.jsonl", PAPERBOY_MEANING="1")
    while not vectors(paperboy.database):
        assert done.poll() is None
        time.sleep(0.05)
    done.send_signal(signal.SIGINT)
    done.communicate(timeout=50)
    assert done.returncode == 130
    left = 900 - vectors(paperboy.database)
    assert left > 0

    found = paperboy("search", "owls", "--json", PAPERBOY_MEANING="1")
    assert len(json.loads(found.stdout)) == 10
    assert found.stderr == (
        f"paperboy: {left} papers could not be compared by meaning yet: they are still being embedded.\n"
    )


def vectors(database: Path) -> int:
    try:
        with closing(sqlite3.connect(database)) as other:
            return int(other.execute("SELECT count(*) FROM vectors").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_a_search_index_that_cannot_be_written(paperboy: Paperboy) -> None:
    (paperboy.folder / "index").write_text("", encoding="utf-8")
    write_papers(paperboy.folder / "papers.jsonl")
    said = one_line(paperboy("ingest", "--file", "papers.jsonl", PAPERBOY_SEARCH_FOLDER="index"), 1)
    found = paperboy("search", "slipstream", "--json", PAPERBOY_SEARCH_FOLDER="index")

    assert "The search index" in said
    assert "make the folder writable" in said
    assert [hit["id"] for hit in json.loads(found.stdout)] == ["7"]
    assert "search index left behind" in found.stderr
