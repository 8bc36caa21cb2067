"""What a channel is subscribed to: shown, paused, ended, set, and refused with the mend."""

from __future__ import annotations

import pytest

from bot.bootstrap import App
from tests.apps import ListedSource, SetClock, batch, printed
from tests.conversations.talk import AGENTS, say, text_of

pytestmark = pytest.mark.usefixtures("each_engine")


async def test_pause_keeps_what_matches_meanwhile(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents")
    assert "paused" in text_of(await say(app, "pause"))
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.make_rounds().ingest_all()
    clock.set("2025-10-10T09:00")
    await app.make_rounds().post_digests()
    assert printed(app) == ""

    await say(app, "resume")
    clock.set("2025-10-11T09:00")
    await app.make_rounds().post_digests()
    assert "Agents that plan" in printed(app)


async def test_one_subscription_is_paused_by_its_number(app: App) -> None:
    await say(app, "subscribe agents")
    await say(app, "subscribe vision")
    assert "vision: paused" in (await say(app, "pause #2")).title
    assert "paused" in text_of(await say(app, "list"))
    assert "vision: resumed" in (await say(app, "resume 2")).title
    assert "paused" not in text_of(await say(app, "list"))


async def test_the_list_is_what_is_delivered_and_unsubscribing_ends_it(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe agents")
    again = await say(app, "subscribe agents days:weekdays")
    assert again.title.startswith("Subscription updated")
    assert "from now on" not in text_of(again)
    listed = await say(app, "list")
    assert listed.title == "1 subscription"
    assert "weekdays" in text_of(listed)
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.make_rounds().ingest_all()

    assert (await say(app, "unsubscribe agents")).title == "Unsubscribed from agents"
    clock.set("2025-10-10T09:00")
    await app.make_rounds().post_digests()
    assert printed(app) == ""
    assert (await say(app, "list")).title == "Nothing is subscribed here"


@pytest.mark.parametrize(
    ("text", "title", "mend"),
    [
        ("unsubscribe 7", "This channel has no such subscription.", "There is #1 agents."),
        ("pause 7", "This channel has no such subscription.", "There is #1 agents."),
        ("subscribe -survey", "“-survey” only excludes", "Add words for what it is about."),
        ('subscribe about:"misaligned models"', "`about:", "Use words"),
        ('search about:"misaligned models"', "`about:", "Use words"),
        ("show 2510.99999", "arxiv:2510.99999 is not known here", "It is not stored"),
        ("show more", "Nothing more to show", ""),
        ("agents page:9", "agents has 1 page", "ask for page:1"),
        ("search agents page:9", "agents has 1 page", "ask for page:1"),
        ("subscribe (agents", "This `(` is never closed.", "Add `)`."),
    ],
)
async def test_what_cannot_be_done_is_answered_with_the_mend(
    app: App, arxiv: ListedSource, text: str, title: str, mend: str
) -> None:
    await say(app, "subscribe agents")
    arxiv.batches = [batch("arxiv", "2025-10-09", [AGENTS])]
    await app.make_rounds().ingest_all()

    answer = await say(app, text)

    assert title in answer.title
    assert mend in text_of(answer)


async def test_undo_is_not_offered_for_what_was_there(app: App) -> None:
    assert "Undo" in text_of(await say(app, "subscribe agents"))
    assert "Undo" not in text_of(await say(app, "subscribe agents days:mon"))


async def test_settings_show_and_change(app: App) -> None:
    assert "09:00" in text_of(await say(app, "settings"))
    changed = await say(app, "settings at:18:30 tz:tokyo limit:7")
    assert changed.title == "Settings changed"
    assert "18:30" in text_of(changed)
    assert "Asia/Tokyo" in text_of(await say(app, "settings"))


async def test_help_shows_every_command_and_one_in_full(app: App) -> None:
    every = text_of(await say(app, "help"))
    for name in (
        "subscribe",
        "unsubscribe",
        "list",
        "preview",
        "search",
        "trending",
        "show",
        "pause",
        "resume",
    ):
        assert f"/papers {name}" in every
    assert "days:<days>" in (await say(app, "help subscribe")).title
