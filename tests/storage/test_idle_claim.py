"""What a tick costs that has nothing to do: it looks at the outbox alone, however many channels there are."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from storage.database import Database
from tests.databases import sqlite_in
from tests.storage.making import NOW


@pytest.mark.parametrize("platforms", [None, ["slack"], ["discord", "slack", "terminal"]])
def test_an_idle_claim_begins_with_the_deliveries_that_are_due(
    tmp_path: Path, platforms: list[str] | None
) -> None:
    """By SQLite's own plan, as without statistics it would rather begin with the channels of a platform."""
    asked: list[tuple[str, Any]] = []
    store = Database(sqlite_in(tmp_path))

    def note(_connection: object, _cursor: object, statement: str, told: Any, *_: object) -> None:
        asked.append((statement, told))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with store.begin() as tx:
            assert tx.outbox.claim(NOW, NOW + timedelta(minutes=2), 64, platforms) == []
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    store.close()

    [(statement, told)] = [one for one in asked if "claim_from" in one[0]]
    with closing(sqlite3.connect(tmp_path / "papers.db")) as connection:
        steps = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", told)]
    assert steps[0] == "SEARCH deliveries USING INDEX ix_deliveries_claim (claim_from<?)"
    assert not [step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step]
