"""The database of the command line: held, newer, damaged, out of room, backed up and moved."""

from __future__ import annotations

import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.cli.command import PAPERS, Paperboy, one_line
from tests.environment import ROOT

IMPATIENT = (
    "import functools, storage.database as it; it.Database = functools.partial(it.Database, lock_seconds=0.5)"
)
"""Half a second of waiting for another process, where there are 30 otherwise."""


def test_a_locked_database(stocked: Paperboy) -> None:
    with closing(sqlite3.connect(stocked.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert stocked("search", "wing", "--json").returncode == 0
        said = one_line(stocked.after(IMPATIENT, "chat", "-c", "subscribe wings"), 1)
        other.execute("ROLLBACK")

    assert "is locked by another process" in said
    assert stocked("chat", "-c", "list").returncode == 0


def test_a_clock_that_was_ahead(stocked: Paperboy) -> None:
    assert stocked("db", "mend-clock").stdout == "0 corrected.\n"
    with closing(sqlite3.connect(stocked.database)) as other:
        other.execute("UPDATE batches SET changed = '2999-01-01 00:00:00.000000'")
        other.commit()

    said = stocked("doctor", "--offline").stdout
    assert "1 instant in the database" in said
    assert "paperboy db mend-clock" in said
    assert stocked("db", "mend-clock").stdout == "1 corrected.\n"
    assert "mend-clock" not in stocked("doctor", "--offline").stdout


def test_a_newer_database(stocked: Paperboy) -> None:
    with closing(sqlite3.connect(stocked.database)) as other:
        other.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
        other.commit()

    assert "newer" in one_line(stocked("search", "agents"), 1)


def test_a_file_that_is_no_database(paperboy: Paperboy) -> None:
    paperboy.database.write_bytes(b"no database at all" * 100)

    assert "not a database" in one_line(paperboy("search", "agents"), 1)


def test_a_place_that_cannot_be_written(paperboy: Paperboy) -> None:
    (paperboy.folder / "file").write_text("", encoding="utf-8")
    said = one_line(paperboy("search", "x", PAPERBOY_DATABASE_URL="sqlite:///file/papers.db"), 1)

    assert "papers.db" in said
    assert "PAPERBOY_DATABASE_URL" in said


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of a file as Linux does")
def test_a_full_disk_loses_nothing(stocked: Paperboy) -> None:
    many = (json.dumps({"id": str(n), "title": f"Wing {n} " + "word " * 300}) for n in range(4000))
    (stocked.folder / "many.jsonl").write_text("\n".join(many), encoding="utf-8")
    small = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))"
    )
    done = stocked.after(small, "ingest", "--file", "many.jsonl")

    assert "Look at the disk and its free space" in one_line(done, 1)
    assert "1 paper for slipstream" in stocked("search", "slipstream").stdout


def test_the_database_is_upgraded_and_backed_up(stocked: Paperboy) -> None:
    assert stocked("db", "upgrade").stdout == "The database is up to date.\n"
    assert stocked("db", "backup", "copy.db").returncode == 0
    found = stocked("search", "slipstream", "--json", PAPERBOY_DATABASE_URL="sqlite:///copy.db")
    assert len(json.loads(found.stdout)) == 1


def test_everything_is_exported_and_imported(stocked: Paperboy) -> None:
    there = {"PAPERBOY_DATABASE_URL": "sqlite:///other.db"}
    assert stocked("chat", "-c", "subscribe na\u00efve owls").returncode == 0
    done = stocked("db", "export", "all.jsonl")
    assert (done.returncode, done.stdout) == (0, "")
    (papers,) = [line for line in done.stderr.splitlines() if line.startswith("papers ")]
    assert re.fullmatch(r"papers +\d+ rows  [0-9a-f]{16}", papers)
    piped = stocked.anew("db", "export", "-", PYTHONIOENCODING="ascii").stdout
    assert piped == (stocked.folder / "all.jsonl").read_text("utf-8")

    packed = stocked.folder / "all.jsonl.gz"
    packed.write_bytes(gzip.compress((stocked.folder / "all.jsonl").read_bytes()))
    assert "not a Paperboy export. Name" in one_line(stocked("db", "import", packed.name, **there), 1)
    moved = stocked("db", "import", "all.jsonl", **there)
    assert papers in moved.stderr
    assert "imported and verified" in moved.stderr
    assert len(json.loads(stocked("search", "slipstream", "--json", **there).stdout)) == 1
    assert "not empty" in one_line(stocked("db", "import", "all.jsonl", **there), 1)
    assert "all.jsonl exists already" in one_line(stocked("db", "export", "all.jsonl"), 2)


@pytest.mark.parametrize(("cut", "said"), [(0, "imported and verified"), (9, "truncated or modified")])
def test_an_export_comes_through_a_pipe(stocked: Paperboy, cut: int, said: str) -> None:
    piped = stocked("db", "export", "-").stdout.encode()
    done = subprocess.run(
        [sys.executable, "-m", "bot", "db", "import", "-"],
        cwd=stocked.folder,
        # The terminal may know fewer characters than the papers have.
        env=stocked.env
        | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", "PAPERBOY_DATABASE_URL": "sqlite:///new.db"},
        input=piped[: len(piped) - cut],
        capture_output=True,
        check=False,
    )

    assert said in done.stderr.decode()


def test_what_is_written_is_its_owners_alone(paperboy: Paperboy) -> None:
    paperboy.folder.joinpath("papers.jsonl").write_text(json.dumps(PAPERS[0]))
    before = os.umask(0o022)
    for words in ("ingest --file papers.jsonl", "db backup copy.db", "db export all.jsonl"):
        assert paperboy.anew(*words.split()).returncode == 0
    os.umask(before)
    made = [path for path in paperboy.folder.rglob("*") if path.name != "papers.jsonl"]

    assert {"paperboy.db", "copy.db", "all.jsonl"} <= {path.name for path in made}
    assert [path for path in made if path.stat().st_mode & 0o077] == []
