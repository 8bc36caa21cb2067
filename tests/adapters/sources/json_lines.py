"""A line of JSON, by its fields."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

TOMORROW = date(2026, 11, 24)


def line(**fields: Any) -> bytes:
    return json.dumps({"id": "k1", "title": "On kites"} | fields).encode()
