"""What arguments are completed to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bootstrap import App
from tests.apps import ListedSource, SetClock, an_app, batch, paper

PAPERS = [
    paper(1, "Planning agents", authors=("Ann Author", "Bo Écrivain"), categories=("cs.CL", "cs.AI")),
    paper(2, "Diffusion for images", authors=("Annika Other",), categories=("cs.CV",)),
]


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    source = ListedSource("arxiv", batch("arxiv", "2025-10-10", PAPERS))
    app = an_app(tmp_path, SetClock("2025-10-10T18:00"), source)
    await app.rounds().ingest()
    for topic in ("agents -survey", "cat:cs.CV"):
        await app.commands().answer(f"subscribe {topic}", app.terminal.caller("local"))
    yield app
    app.database.close()


@pytest.mark.parametrize(
    ("command", "argument", "typed", "values"),
    [
        ("subscribe", "topic", "cat:cs.c", ["cat:cs.CL", "cat:cs.CV"]),
        ("subscribe", "topic", "tools CAT:cs.a", ["tools cat:cs.AI"]),
        ("subscribe", "topic", "trending:", ["trending:day", "trending:week", "trending:month"]),
        ("preview", "topic", "cat:cs.CL trending:w", ["cat:cs.CL trending:week"]),
        ("search", "query", "author:ann", ['author:"Ann Author"', 'author:"Annika Other"']),
        ("search", "query", 'x author:"oth', ['x author:"Annika Other"']),
        ("preview", "topic", "AGENT", ["agents -survey"]),
        ("preview", "topic", "nobody writes so", []),
        ("unsubscribe", "which", "", ["#1", "#2", "all"]),
        ("unsubscribe", "which", "#2", ["#2"]),
        ("pause", "which", "al", ["all"]),
        ("show", "paper", "", ["more", "arxiv:2510.00001", "arxiv:2510.00002"]),
        ("show", "paper", "diffusion", ["arxiv:2510.00002"]),
        ("show", "paper", "(half typed", []),
        ("settings", "tz", "berl", ["Europe/Berlin"]),
        ("settings", "at", "08", ["08:00"]),
        ("settings", "layout", "co", ["compact"]),
        ("subscribe", "days", "week", ["weekdays", "weekly"]),
        ("help", "command", "trend", ["trending"]),
        ("settings", "limit", "1", []),
    ],
)
async def test_completion(app: App, command: str, argument: str, typed: str, values: list[str]) -> None:
    where = app.terminal.address("local")
    found = await app.commands().suggest(command, argument, typed, where)

    assert sorted(one.value for one in found) == sorted(values)


async def test_there_are_never_too_many(app: App, tmp_path: Path) -> None:
    many = [replace(PAPERS[0], id=replace(PAPERS[0].id, value=f"2510.1{n:04}")) for n in range(40)]
    source = ListedSource("arxiv", batch("arxiv", "2025-10-10", many))
    await replace(app, sources=(source,)).rounds().ingest()

    where = app.terminal.address("local")
    assert len(await app.commands().suggest("show", "paper", "planning", where)) == 25
    assert len(await app.commands().suggest("settings", "tz", "a", where)) == 25
