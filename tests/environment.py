"""The environment of a process of Paperboy that a test starts."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_OURS = ("PAPERBOY", "DISCORD", "SLACK")


def environment(**settings: str) -> dict[str, str]:
    """The environment of this process with these settings, and none of its own: it asks no source."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    quiet = {"PYTHONPATH": str(ROOT), "PAPERBOY_SOURCES": "", "PAPERBOY_HEALTH_PORT": "0"}
    return own | quiet | settings
