"""The benchmarks run, and their engines agree; how quick they are is for `make bench` to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.recorded import needs_recordings

ROOT = Path(__file__).resolve().parents[1]


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
