"""Recorded days of the sources, from their feeds to the store: what `make bench` does with all of them."""

from __future__ import annotations

from pathlib import Path

from benchmarks.ingest import measure
from tests.recorded import needs_recordings


@needs_recordings
async def test_no_paper_is_lost_or_stored_twice_and_the_same_again_changes_nothing(tmp_path: Path) -> None:
    figures = await measure(tmp_path, most=3)

    assert figures["days"] == 6
    assert figures["announced"] > 700
    assert (figures["lost"], figures["twice"], figures["changed"]) == (0, 0, 0)
    assert figures["matches"] > 0
