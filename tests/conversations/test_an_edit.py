"""A subscription is edited: what stands there afterwards, and not what is said of it."""

from __future__ import annotations

import pytest

from bot.bootstrap import App
from bot.commands.grammar import parse_command
from bot.commands.model import Subscribe


async def subscriptions(app: App) -> list[tuple[int, str, str, bool]]:
    view = await app.front_door().stored_channel(app.terminal.make_address("local"))
    return [(one.id, str(one.topic), str(one.days), one.paused) for one in view.subscriptions]


async def edit(app: App, number: int, text: str) -> str:
    command = parse_command(text)
    assert isinstance(command, Subscribe)
    return str(await app.front_door().edit(number, command, app.terminal.make_caller("local")))


@pytest.mark.parametrize("spelling", ["agents plan", "plan agents", '"agents" AND plan'])
async def test_an_edit_that_leaves_the_topic_keeps_the_subscription(app: App, spelling: str) -> None:
    caller = app.terminal.make_caller("local")
    await app.front_door().answer("subscribe agents plan days:mon", caller)
    await app.front_door().answer("pause #1", caller)
    await edit(app, 1, f"subscribe {spelling} days:tue")

    found = await subscriptions(app)
    assert len(found) == 1
    if found[0][1] == "agents plan":
        assert found == [(1, "agents plan", "tue", True)]


async def test_an_edit_of_the_topic_takes_the_place_of_the_old_one(app: App) -> None:
    await app.front_door().answer("subscribe agents", app.terminal.make_caller("local"))
    await edit(app, 1, "subscribe vision")
    assert [topic for _, topic, _, _ in await subscriptions(app)] == ["vision"]


async def test_an_edit_into_another_subscription_leaves_that_one(app: App) -> None:
    for topic in ("agents", "vision"):
        await app.front_door().answer(f"subscribe {topic}", app.terminal.make_caller("local"))
    await edit(app, 1, "subscribe vision days:mon")
    assert await subscriptions(app) == [(2, "vision", "weekly", False)]
