"""The benchmarks run, and their engines agree; how quick they are is for `make bench` to say."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.environment import ROOT
from tests.recorded import needs_recordings


@needs_recordings
def test_every_engine_gives_the_same_answers() -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.match",
        "--json",
        "--topics",
        "300",
        "--papers",
        "80",
        "--runs",
        "1",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False)

    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert len(results) == 4
    assert len({result["answers"] for result in results} - {""}) == 1
    assert len({result["sample"] for result in results}) == 1
    assert results[0]["pairs"] > 0


@needs_recordings
@pytest.mark.timeout(120)
def test_the_speed_of_searching_is_measured() -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.search_speed",
        "--json",
        "--papers",
        "120",
        "--queries",
        "25",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)

    # Where what is aimed at is missed it ends with 1 too, but has its figures all the same.
    assert done.stdout, done.stderr
    figures = json.loads(done.stdout)
    names = ("paperboy", "tantivy", "fts5", "whole answer", "meaning", "postgresql", "postgresql alerts")
    assert {f"{name} {part}" for name in names for part in ("p50", "p95")} <= figures.keys()
    none = [name for name, value in figures.items() if value <= 0]
    assert [name for name in none if not name.endswith(("own MB", "shared MB"))] == [], figures
