"""Permissions and layouts through the user's own door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bootstrap import App
from bot.channels.channel import Address
from bot.commands.context import Caller
from bot.messages.blocks import Layout
from tests.apps import ListedSource, SetClock, an_app, batch, paper
from tests.conversations.chat import Chat

pytestmark = pytest.mark.usefixtures("each_engine")

HERE = Address("slack", "T1/C1")
ELSEWHERE = Address("slack", "T2/C1")
ADMIN = Caller(HERE, "admin", is_admin=True)
ANN = Caller(HERE, "ann")
BOB = Caller(HERE, "bob")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = an_app(tmp_path, SetClock("2025-10-09T18:00"))
    yield app
    app.database.close()


async def said(app: App, text: str, who: Caller) -> str:
    message = await app.front_door().answer(text, who)
    return f"{message.title} {message.blocks}"


async def test_at_first_every_member_may_do_everything(app: App) -> None:
    await said(app, "subscribe agents", ANN)
    assert "Unsubscribed from agents" in await said(app, "unsubscribe agents", BOB)


async def test_creators_keep_their_own(app: App) -> None:
    await said(app, "settings policy:creators", ADMIN)
    await said(app, "subscribe agents", ANN)

    for held in (
        "unsubscribe agents",
        "unsubscribe all",
        "pause 1",
        "pause",
        "subscribe agents days:mon",
        "subscribe vision at:10:00",
    ):
        answer = await said(app, held, BOB)
        assert "may change #1." in answer, held
        assert "people=('ann',)" in answer, held
    for held in ("settings at:10:00", "settings layout:compact"):
        answer = await said(app, held, BOB)
        assert "all of its subscriptions, may change the settings of this channel." in answer, held
        assert "people=('ann',)" in answer, held
    assert "agents  ·  daily, by ann" in await said(app, "list", BOB), "nothing has changed"
    assert "09:00" in await said(app, "settings", BOB)

    assert "Subscribed" in await said(app, "subscribe vision at:9:00", BOB), "the time is as it was"
    assert "agents: paused" in await said(app, "pause 1", ANN)
    assert "Unsubscribed from agents, vision" in await said(app, "unsubscribe all", ADMIN)


async def test_admins_alone(app: App) -> None:
    await said(app, "subscribe agents", ANN)
    assert "admins: only admins" in await said(app, "settings policy:admins", ADMIN)

    for held in ("subscribe vision", "unsubscribe agents", "pause", "resume 1", "settings limit:3"):
        assert "Only admins may" in await said(app, held, ANN), held
    assert "Only admins may change the settings" in await said(app, "settings limit:3", ANN)
    assert "1 subscription" in await said(app, "list", ANN)
    assert "No papers are stored" in await said(app, "vision", ANN), "everybody may search"
    assert "Subscribed" in await said(app, "subscribe vision", ADMIN)


async def test_the_policy_is_set_by_admins_and_holds_for_one_workspace(app: App) -> None:
    assert "Only admins may change this policy" in await said(app, "settings policy:admins", BOB)
    await said(app, "settings policy:admins", ADMIN)
    assert "Only admins may change this policy" in await said(app, "settings policy:members", BOB)

    assert "Only admins" in await said(app, "subscribe agents", Caller(Address("slack", "T1/C2"), "bob"))
    assert "Subscribed" in await said(app, "subscribe agents", Caller(ELSEWHERE, "bob"))


@pytest.mark.parametrize("layout", list(Layout))
async def test_a_digest_is_posted_in_the_layout_of_its_channel(app: App, layout: Layout) -> None:
    clock, chat = SetClock("2025-10-09T18:00"), Chat("slack")
    assert str(layout) in await said(app, f"settings layout:{layout}", ANN)
    await said(app, "subscribe agents", ANN)
    with app.database.begin() as tx:
        tx.papers.ingest_batch(batch("arxiv", "2025-10-10", [paper(2, "Agents that plan")]), clock())
    rounds = app.make_rounds()
    source = ListedSource("arxiv", batch("arxiv", "2025-10-10", [paper(3, "More agents")]))
    rounds = replace(rounds, clock=clock, sources=[source], platforms={"slack": chat})
    await rounds.ingest_all()
    clock.set("2025-10-10T09:00")
    await rounds.post_digests()

    assert [message.layout for message in chat.got] == [layout]
