"""Subscribing and editing by Slack's form."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

from adapters.slack.places import address_of
from bot.bootstrap import App
from tests.adapters.slack.slack_app import pressed, text_of
from tests.standins.slack import CHANNEL, TEAM, USER, SlackStandin


def option(label: str, value: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": label, "emoji": False}, "value": value}


async def test_a_list_is_changed_by_its_buttons(slack: SlackStandin, app: App) -> None:
    await slack.ask("subscribe agents")
    listed = await slack.ask("list")
    assert {"type": "user", "user_id": USER} in [
        element
        for block in listed["blocks"]
        if block["type"] == "rich_text"
        for element in block["elements"][0]["elements"]
    ]

    paused = await pressed(slack, "Pause")
    assert paused["replace_original"] is True
    assert "paused" in text_of(paused)
    assert "Resume" in text_of(paused)
    assert "Nothing is subscribed here" in text_of(await pressed(slack, "Remove"))


async def test_subscribing_by_the_form(slack: SlackStandin, app: App) -> None:
    ack = await slack.command("subscribe")
    await slack.until(lambda: bool(slack.space.views))
    [form] = slack.space.views.values()
    assert form["title"]["text"] == "Subscribe"

    suggested = await slack.suggest("tz", "berl")
    assert suggested.body["options"][0]["value"] == "Europe/Berlin"

    refused = await slack.submit({"topic": "(agents"})
    assert refused.body["response_action"] == "errors"
    assert "is never closed" in refused.body["errors"]["topic"]
    assert "only excludes" in (await slack.submit({"topic": "-survey"})).body["errors"]["topic"]

    zone = {"selected_option": {"text": {"type": "plain_text", "text": "x"}, "value": "Europe/Berlin"}}
    days = {"selected_option": {"text": {"type": "plain_text", "text": "x"}, "value": "weekdays"}}
    await slack.submit({"topic": "agents", "days": days, "at": {"selected_time": "08:30"}, "tz": zone})
    answer = await slack.answer_to(ack)
    assert "Subscribed" in text_of(answer)
    assert "weekdays" in text_of(answer)
    assert "08:30 (Europe/Berlin)" in text_of(answer)


async def test_a_subscription_is_edited_in_the_form(slack: SlackStandin, app: App) -> None:
    await slack.ask("subscribe agents days:mon,thu")
    await slack.ask("list")
    ack = await slack.press("Edit")
    await slack.until(lambda: bool(slack.space.views))
    [form] = slack.space.views.values()
    elements = {block["block_id"]: block.get("element") for block in form["blocks"]}
    assert elements["topic"]["initial_value"] == "agents"
    assert elements["days"]["initial_option"]["value"] == "mon,thu"

    days = {"selected_option": elements["days"]["initial_option"]}
    await slack.submit({"topic": "agents plan", "days": days}, view=form)
    await slack.answer_to(ack)
    subscriptions = (await app.front_door().channel(address_of(TEAM, CHANNEL))).subscriptions
    assert [(str(sub.topic), str(sub.days)) for sub in subscriptions] == [("agents plan", "mon,thu")]

    await slack.open_home()
    await slack.until(lambda: USER in slack.space.homes)
    slack.space.views.clear()
    await slack.press("Edit", within=slack.space.homes[USER])
    await slack.until(lambda: bool(slack.space.views))
    await slack.submit({"topic": "agents plan"})
    await slack.until(lambda: "Subscription updated" in text_of(slack.space.homes[USER]))


async def test_who_may_not_change_a_subscription_adds_none_by_editing_it(
    slack: SlackStandin, app: App
) -> None:
    slack.space.add_user("U0ADA", "ada", admin=True)
    await slack.ask("subscribe agents", user="U0BEN")
    await slack.ask("settings policy:creators", user="U0ADA")
    await slack.ask("list")
    ack = await slack.press("Edit")
    await slack.until(lambda: bool(slack.space.views))
    await slack.submit({"topic": "vision"})
    answer = await slack.answer_to(ack)

    assert "Only an admin or the person who subscribed may change #1" in text_of(answer)
    assert {"type": "user", "user_id": "U0BEN"} in answer["blocks"][1]["elements"][0]["elements"]
    assert "(U0BEN)" not in text_of(answer)
    subscriptions = (await app.front_door().channel(address_of(TEAM, CHANNEL))).subscriptions
    assert [str(sub.topic) for sub in subscriptions] == ["agents"]


async def test_a_form_that_nobody_told_the_time_leaves_it(slack: SlackStandin, app: App) -> None:
    await slack.ask("settings at:8:30 tz:Europe/Berlin")
    await slack.open_home()
    await slack.until(lambda: USER in slack.space.homes)
    await slack.press("Subscribe a channel", within=slack.space.homes[USER])
    await slack.until(lambda: bool(slack.space.views))
    await slack.submit({"topic": "vision", "channel": {"selected_conversation": CHANNEL}})
    await slack.until(lambda: "vision" in text_of(slack.space.homes[USER]))

    channel = (await app.front_door().channel(address_of(TEAM, CHANNEL))).channel
    assert (channel.at, channel.zone) == (time(8, 30), "Europe/Berlin")


async def test_a_form_without_a_database_does_not_open(slack: SlackStandin, app: App, tmp_path: Path) -> None:
    await slack.ask("settings at:8:30")
    app.database.close()
    (tmp_path / "papers.db").rename(tmp_path / "away.db")
    (tmp_path / "papers.db").mkdir()

    assert "cannot reach its database" in text_of(await slack.ask("subscribe"))
    assert slack.space.views == {}
    (tmp_path / "papers.db").rmdir()
    (tmp_path / "away.db").rename(tmp_path / "papers.db")


async def test_a_form_that_slack_does_not_open_is_said(slack: SlackStandin, app: App) -> None:
    slack.fail("views.open", "500")

    answer = await slack.ask("subscribe")
    assert "The form did not open in time" in text_of(answer)
    assert "/papers subscribe <topic>" in text_of(answer)


async def test_what_is_gone_cannot_be_edited(slack: SlackStandin, app: App) -> None:
    await slack.ask("subscribe agents")
    await slack.ask("list")
    await slack.ask("unsubscribe all")

    assert "no longer exists" in text_of(await pressed(slack, "Edit"))


async def test_the_form_previews_its_topic(slack: SlackStandin, app: App) -> None:
    await slack.command("subscribe")
    await slack.until(lambda: bool(slack.space.views))
    [form] = slack.space.views.values()
    form["state"] = {"values": {"topic": {"topic": {"type": "plain_text_input", "value": "agents"}}}}
    await slack.press("Preview", within=form)
    await slack.until(lambda: bool(slack.called("views.update")))

    assert "8 papers" in text_of(slack.called("views.update")[0].args)
