"""Days of a channel, through the user's own door: commands in, digests posted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.bootstrap import App
from bot.messages.blocks import Message, Note
from bot.papers.paper import AnnouncementKind, Signals
from tests.apps import ListedSource, SetClock, batch, printed, titles
from tests.conversations.talk import AGENTS, MISALIGNED, MORE_AGENTS, VISION, say, text_of

pytestmark = pytest.mark.usefixtures("each_engine")


async def test_a_day_from_subscription_to_digest(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    answer = await say(app, "subscribe emergent misalignment")
    assert answer.title == "Subscribed"
    assert "Fri 10 October 09:00 (UTC)" in text_of(answer)

    clock.set("2025-10-10T08:00")
    arxiv.batches = [batch("arxiv", "2025-10-10", [MISALIGNED, AGENTS])]
    await app.make_rounds().ingest_all()
    await app.make_rounds().post_digests()
    assert printed(app) == ""

    clock.set("2025-10-10T09:00")
    await app.make_rounds().post_digests()
    shown = printed(app)
    assert "1 paper for Friday 10 October 2025" in shown
    assert "Emergent misalignment in small models" in shown
    assert "“emergent” and “misalignment” in the title" in shown
    assert "2 announced, 1 matched, 1 shown, complete" in shown

    for hour in ("09:01", "10:00", "23:59"):
        clock.set(f"2025-10-10T{hour}")
        await app.make_rounds().ingest_all()
        await app.make_rounds().post_digests()
    assert printed(app) == shown, "the same day is posted once"


async def test_one_paper_once_a_channel_whatever_happens_to_it(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe agent*")
    await say(app, "subscribe upvotes:>=5")
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.make_rounds().ingest_all()
    clock.set("2025-10-10T09:00")
    await app.make_rounds().post_digests()
    assert printed(app).count("Agents that plan") == 1

    second = replace(AGENTS, version=2, title="Agents that plan, revised")
    voted = replace(AGENTS, signals=Signals(upvotes=50))
    arxiv.batches = [
        batch("arxiv", "2025-10-11", [second], kind=AnnouncementKind.REPLACE),
        batch("arxiv", "2025-10-12", [AGENTS], kind=AnnouncementKind.CROSS),
        batch("huggingface", "2025-10-12", [voted]),
    ]
    await app.make_rounds().ingest_all()
    clock.set("2025-10-13T09:00")
    await app.make_rounds().post_digests()
    assert printed(app).count("Agents that plan") == 1
    assert "▲ 50" in text_of_terminal(app, await say(app, "show 2510.00002"))


def text_of_terminal(app: App, message: Message) -> str:
    before = len(printed(app))
    app.terminal.show_message(message)
    return printed(app)[before:]


async def test_two_channels_get_their_own(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents", "lab")
    await say(app, "subscribe cat:cs.* at:10:00 tz:Europe/Berlin", "berlin")
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS, VISION])]
    await app.make_rounds().ingest_all()

    clock.set("2025-10-10T08:00")
    await app.make_rounds().post_digests()
    assert "terminal:berlin" in printed(app)
    assert "terminal:lab" not in printed(app)

    clock.set("2025-10-10T09:00")
    await app.make_rounds().post_digests()
    assert printed(app).count("Agents that plan") == 2
    assert printed(app).count("Diffusion for images") == 1


async def test_the_cap_says_how_many_more_and_shows_them_on_demand(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "settings limit:2")
    await say(app, "subscribe cat:cs.AI")
    await say(app, "subscribe cat:cs.CV")
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS, MORE_AGENTS, VISION])]
    await app.make_rounds().ingest_all()

    digest = await say(app, "preview")
    assert titles(digest) == ["Agents that plan", "Diffusion for images"], "each topic has its turn"
    assert Note("and 1 more") in digest.blocks

    clock.set("2025-10-10T09:00")
    await app.make_rounds().post_digests()
    assert titles(await say(app, "show more")) == ["Planning agents, again"]
    assert titles(await say(app, "preview")) == [], "what was listed is not repeated"


async def test_nothing_new_is_not_posted(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents")
    arxiv.batches = [batch("arxiv", "2025-10-10", [VISION])]
    await app.make_rounds().ingest_all()
    clock.set("2025-10-10T09:00")
    await app.make_rounds().post_digests()

    assert printed(app) == ""
    assert "Sat 11 October 09:00" in text_of(await say(app, "list"))


async def test_a_weekly_topic_waits_for_its_day(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents days:mon")
    await say(app, "subscribe cat:cs.CV")
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS, VISION])]
    await app.make_rounds().ingest_all()
    clock.set("2025-10-10T09:00")
    await app.make_rounds().post_digests()
    assert "Agents that plan" not in printed(app)

    clock.set("2025-10-13T09:00")
    await app.make_rounds().post_digests()
    assert "Agents that plan" in printed(app)


async def test_three_days_down_give_one_digest_with_all(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe cat:cs.AI")
    days = [("2025-10-10", AGENTS), ("2025-10-11", MORE_AGENTS)]
    arxiv.batches = [batch("arxiv", day, [one]) for day, one in days]
    clock.set("2025-10-12T15:00")
    await app.make_rounds().ingest_all()
    await app.make_rounds().post_digests()

    assert printed(app).count("papers for") == 1
    assert "2 papers for Sunday 12 October 2025" in printed(app)


async def test_a_day_that_had_its_digest_has_no_other(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents")
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.make_rounds().ingest_all()
    clock.set("2025-10-10T09:00")
    await app.make_rounds().post_digests()

    changed = await say(app, "settings at:18:00")
    assert "Sat 11 October 18:00" in text_of(changed)


async def test_a_preview_is_of_the_topics_of_its_day(app: App, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents days:mon")
    await say(app, "subscribe cat:cs.CV")
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS, VISION])]
    await app.make_rounds().ingest_all()

    assert titles(await say(app, "preview")) == ["Diffusion for images"]
