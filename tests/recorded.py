"""Where the recorded answers of sources and platforms stand, for tests that read them in place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
DATA = SHARED / "data"

_REQUIRED = os.environ.get("PAPERBOY_REQUIRE_RECORDINGS") == "1"

needs_recordings = pytest.mark.skipif(
    not DATA.is_dir() and not _REQUIRED,
    reason="the recorded data, ../shared/data beside the project, is not on this machine",
)
"""For tests that read recordings; with PAPERBOY_REQUIRE_RECORDINGS=1 they fail instead of skipping."""
