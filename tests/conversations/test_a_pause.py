"""Pausing for a while, as a team types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.bootstrap import App
from tests.apps import ListedSource, SetClock, an_app, batch, paper
from tests.conversations.talk import posted, said

DAYS = ("2025-10-10", "2025-10-11", "2025-10-12")


@pytest.fixture
def app(tmp_path: Path, clock: SetClock) -> App:
    found = [batch("arxiv", day, [paper(int(day[-2:]), "Agents")]) for day in DAYS]
    return an_app(tmp_path, clock, ListedSource("arxiv", *found))


async def posted_on(app: App, clock: SetClock, day: str) -> str:
    return await posted(app, clock, f"{day}T09:00")


@pytest.mark.parametrize("which", ["", "#1 "])
@pytest.mark.parametrize("until", ["3d", "2025-10-12"])
async def test_a_pause_until_a_day_ends_by_itself_and_loses_nothing(
    app: App, clock: SetClock, which: str, until: str
) -> None:
    await said(app, "subscribe agents")
    await app.make_rounds().ingest_all()
    assert "paused until 2025-10-12" in await said(app, f"pause {which}until:{until}")
    assert "Sun" in await said(app, "list")

    assert [await posted_on(app, clock, day) for day in DAYS[:2]] == ["", ""]
    assert "3 papers for Sunday 12 October 2025" in await posted_on(app, clock, DAYS[2])


async def test_resuming_ends_it_before(app: App, clock: SetClock) -> None:
    await said(app, "subscribe agents")
    await app.make_rounds().ingest_all()
    await said(app, "pause until:2w")
    await said(app, "resume")
    assert "3 papers" in await posted_on(app, clock, DAYS[0])


@pytest.mark.parametrize(("which", "told"), [("", "after the pause"), ("#1 ", "delivered from 2025-10-12")])
async def test_a_pause_that_is_over_is_said_no_more(app: App, clock: SetClock, which: str, told: str) -> None:
    await said(app, "subscribe agents")
    await said(app, "subscribe owls days:now")
    answer = await said(app, f"pause {which}until:3d")
    assert "paused until 2025-10-12" in answer
    clock.set("2025-10-11T23:00")
    assert told in await said(app, "list")
    clock.set("2025-10-12T01:00")
    listed = await said(app, "list")
    assert told not in listed
    assert "from 2025-10-12" not in listed
    where = await app.front_door().channel(app.terminal.make_address("local"))
    assert {where.channel.resume_on, *(sub.resume_on for sub in where.subscriptions)} == {None}


@pytest.mark.parametrize(
    ("until", "problem"),
    [
        ("2025-10-09", "not within the next year"),
        ("2027-01-01", "not within the next year"),
        ("0d", "not between one day and one year"),
        ("60w", "not between one day and one year"),
        ("soon", "Use a form such as until:2026-12-01"),
    ],
)
async def test_what_is_no_day_to_pause_until(app: App, until: str, problem: str) -> None:
    await said(app, "subscribe agents")
    assert problem in await said(app, f"pause until:{until}")
