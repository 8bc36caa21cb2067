"""What arguments are completed to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
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
    await app.make_rounds().ingest_all()
    for topic in ("agents -survey", "cat:cs.CV"):
        await app.front_door().answer(f"subscribe {topic}", app.terminal.make_caller("local"))
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
        ("settings", "tz", "gmt+2", []),
        ("settings", "at", "08", ["08:00"]),
        ("settings", "layout", "co", ["compact"]),
        ("subscribe", "days", "week", ["weekdays", "weekly"]),
        ("help", "command", "trend", ["trending"]),
        ("settings", "limit", "1", []),
        ("like", "paper", "", ["arxiv:2510.00001", "arxiv:2510.00002"]),
        ("like", "paper", "2510.00002", ["arxiv:2510.00002"]),
        ("unsave", "paper", "", []),
        ("unlike", "paper", "", []),
        ("mute", "clause", "", ["agents -survey", "agents", "cat:cs.CV"]),
        ("unmute", "clause", "", []),
        ("export", "what", "digest", ["digest"]),
        ("export", "what", "cv", ["cat:cs.CV"]),
        (
            "export",
            "what",
            "",
            ["saved", "digest", "agents -survey", "cat:cs.CV", "arxiv:2510.00001", "arxiv:2510.00002"],
        ),
    ],
)
async def test_completion(app: App, command: str, argument: str, typed: str, values: list[str]) -> None:
    assert sorted(await offered(app, command, argument, typed)) == sorted(values)


async def offered(app: App, command: str, argument: str, typed: str, user: str = "") -> list[str]:
    who = replace(app.terminal.make_caller("local"), user=user)
    return [one.value for one in await app.front_door().suggest_values(command, argument, typed, who)]


async def test_what_the_channel_was_shown_comes_first(app: App) -> None:
    assert isinstance(app.clock, SetClock)
    for day, number, title in ((11, 3, "Agents of old"), (12, 4, "Agents of now"), (13, 5, "Not of agents")):
        app.clock.set(f"2025-10-{day}T06:00")
        new = [paper(number, title), paper(number + 10, f"Other {number}")]
        source = ListedSource("arxiv", batch("arxiv", f"2025-10-{day}", new))
        await replace(app, sources=(source,)).make_rounds().ingest_all()
        if day < 13:
            app.clock.set(f"2025-10-{day}T09:00")
            await app.make_rounds().post_digests()
    every = await offered(app, "dislike", "paper", "")
    first = [f"arxiv:2510.{number:05}" for number in (4, 3)]
    assert every[:2] == first
    assert len(every) == len(set(every)) == 8
    assert (await offered(app, "save", "paper", " AGENTS  of"))[:2] == first
    assert "arxiv:2510.00005" in await offered(app, "save", "paper", " AGENTS  of")
    assert (await offered(app, "show", "paper", ""))[:2] == ["more", first[0]]
    elsewhere = app.terminal.make_caller("elsewhere")
    [newest, *_] = await app.front_door().suggest_values("like", "paper", "", elsewhere)
    assert newest.label in {"Not of agents", "Other 5"}


async def test_ones_own_is_offered_to_take_back(app: App) -> None:
    for user, text in (
        ("ann", "like 2510.00001"),
        ("ann", "dislike 2510.00002"),
        ("ben", "like 2510.00002"),
        ("ann", "save 2510.00002"),
    ):
        assert isinstance(app.clock, SetClock)
        app.clock.now += timedelta(minutes=1)
        await app.front_door().answer(text, replace(app.terminal.make_caller("local"), user=user))
    assert await offered(app, "unlike", "paper", "", "ann") == ["arxiv:2510.00002", "arxiv:2510.00001", "all"]
    assert await offered(app, "unlike", "paper", "images", "ben") == ["arxiv:2510.00002"]
    assert await offered(app, "unsave", "paper", "", "ann") == ["arxiv:2510.00002"]
    assert await offered(app, "unsave", "paper", "", "ben") == []


async def test_what_is_muted_is_offered_to_be_let_go(app: App) -> None:
    for text in ("subscribe (trending owls)", "mute cat:cs.CV", "mute (trending owls)"):
        await app.front_door().answer(text, app.terminal.make_caller("local"))
    assert await offered(app, "unmute", "clause", "owl") == ["(trending owls)"]
    assert await offered(app, "unmute", "clause", "") == ["cat:cs.CV", "(trending owls)", "all"]
    assert await offered(app, "mute", "clause", "") == ["agents -survey", "agents", "(trending)", "owls"]


async def test_there_are_never_too_many(app: App, tmp_path: Path) -> None:
    many = [replace(PAPERS[0], id=replace(PAPERS[0].id, value=f"2510.1{n:04}")) for n in range(40)]
    source = ListedSource("arxiv", batch("arxiv", "2025-10-10", many))
    await replace(app, sources=(source,)).make_rounds().ingest_all()

    for command, argument in (("show", "paper"), ("save", "paper"), ("export", "what")):
        assert len(await offered(app, command, argument, "planning")) == 25
    assert len(await offered(app, "settings", "tz", "a")) == 25
