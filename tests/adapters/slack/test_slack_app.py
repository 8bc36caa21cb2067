from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from adapters.slack.places import address
from bot.bootstrap import App
from bot.channels.trouble import break_off
from bot.errors import SettingsError, SourceError
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from tests.adapters.slack.slack_app import served, text_of
from tests.apps import SetClock
from tests.standins.slack import CHANNEL, TEAM, USER, SlackStandin
from tests.standins.slack_workspace import Place


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    async with SlackStandin() as standin:
        yield standin
        assert standin.violations == []


@pytest.fixture
async def app(slack: SlackStandin, tmp_path: Path) -> AsyncIterator[App]:
    async with served(slack, tmp_path) as one:
        yield one


async def pressed(slack: SlackStandin, button: str) -> dict[str, Any]:
    return await slack.answer_to(await slack.press(button))


def option(label: str, value: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": label, "emoji": False}, "value": value}


async def test_a_search_is_answered_to_who_asks(slack: SlackStandin, app: App) -> None:
    answer = await slack.ask("agents plan")

    assert answer["response_type"] == "ephemeral"
    assert "8 papers for agents plan, page 1 of 2" in text_of(answer)
    assert "<https://arxiv.org/abs/2510.00008|Agents that plan, part 8>" in text_of(answer)
    assert slack.messages() == []


async def test_the_next_page_takes_the_place_of_the_first(slack: SlackStandin, app: App) -> None:
    await slack.ask("agents plan")
    page = await pressed(slack, "Next page")

    assert page["replace_original"] is True
    assert "page 2 of 2" in text_of(page)
    back = await pressed(slack, "Previous page")
    assert back["replace_original"] is True
    assert "page 1 of 2" in text_of(back)


async def test_sharing_shows_it_to_the_channel(slack: SlackStandin, app: App) -> None:
    await slack.ask("agents plan")
    shared = await pressed(slack, "Share to channel")

    assert shared["response_type"] == "in_channel"
    [said] = slack.messages()
    assert "Agents that plan, part 8" in text_of(said)
    assert "Share to channel" not in text_of(said)
    assert "Shared from /papers agents plan" in text_of(said)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("“agents that plan”", "8 papers for"),
        ("<https://arxiv.org/abs/2510.00003|arxiv.org/abs/2510.00003>", "part 3"),
        ("2510.00003", "part 3"),
        ("AT&amp;T agents", "AT&T"),
        ("<@U0BEN|ben> agents", "for ben agents"),
        ("(agents", "8 papers for (agents"),
        ("unsubscribe 7", "no such subscription"),
        ("help", "new research papers"),
        ("trending", "Nothing trends"),
    ],
)
async def test_what_slack_puts_into_text_is_understood(
    slack: SlackStandin, app: App, typed: str, said: str
) -> None:
    assert said in text_of(await slack.ask(typed))


async def test_a_paper_has_a_menu(slack: SlackStandin, app: App) -> None:
    answer = await slack.ask("agents id:2510.00003")
    [menu] = [block["accessory"] for block in answer["blocks"] if "accessory" in block]
    entry = await slack.answer_to(await slack.choose(menu["action_id"], "BibTeX"))
    assert "@misc{" in text_of(entry)
    assert "eprint = {2510.00003}" in text_of(entry)
    await slack.answer_to(await slack.choose(menu["action_id"], "Save"))
    assert "Agents that plan, part 3" in text_of(await slack.ask("saved"))


async def test_a_paper_is_rated_in_its_menu(slack: SlackStandin, app: App) -> None:
    await slack.ask("subscribe agents")
    answer = await slack.ask("agents id:2510.00003")
    [menu] = [block["accessory"] for block in answer["blocks"] if "accessory" in block]
    noted = await slack.answer_to(await slack.choose(menu["action_id"], "👍 Good for this channel"))
    assert "👍 noted" in text_of(noted)
    assert "(1 vote from 1 person)" in text_of(noted)
    await slack.ask("agents id:2510.00003")
    changed = await slack.answer_to(await slack.choose(menu["action_id"], "👎 Not for this channel"))
    assert "👎 noted, in the place of your 👍" in text_of(changed)
    assert "1 vote from 1 person rank its digests" in text_of(await slack.ask("list"))
    await slack.open_home()
    await slack.until(lambda: USER in slack.space.homes)
    assert "1 vote from 1 person rank its digests" in text_of(slack.space.homes[USER])
    assert "Moves down" in text_of(await slack.ask("feedback"))
    gone = await slack.answer_to(await slack.press("Forget all of it"))
    assert "Forgotten: 1 vote" in text_of(gone)


@pytest.mark.parametrize(
    ("value", "said"),
    [("bibtex arxiv:2510.00003", "eprint = {2510.00003}"), ("show arxiv:2510.00003", "We plan with tools.")],
)
async def test_menus_from_before_the_upgrade_work(
    slack: SlackStandin, app: App, value: str, said: str
) -> None:
    old = {"type": "overflow", "action_id": "paperboy:1", "options": [option("Old", value)]}
    text = {"type": "mrkdwn", "text": "A paper"}
    section = {"type": "section", "block_id": "b", "text": text, "accessory": old}
    slack.space.places[CHANNEL].messages.append({"ts": "1.000001", "type": "message", "blocks": [section]})

    assert said in text_of(await slack.answer_to(await slack.choose("paperboy:1", "Old")))


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
    assert "is not closed" in refused.body["errors"]["topic"]
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
    subscriptions = (await app.commands().channel(address(TEAM, CHANNEL))).subscriptions
    assert [(str(sub.topic), str(sub.days)) for sub in subscriptions] == [("agents plan", "mon,thu")]

    await slack.open_home()
    await slack.until(lambda: USER in slack.space.homes)
    slack.space.views.clear()
    await slack.press("Edit", within=slack.space.homes[USER])
    await slack.until(lambda: bool(slack.space.views))
    await slack.submit({"topic": "agents plan"})
    await slack.until(lambda: "Already subscribed" in text_of(slack.space.homes[USER]))


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

    assert "Only those who subscribed it, and admins, may change #1" in text_of(answer)
    assert {"type": "user", "user_id": "U0BEN"} in answer["blocks"][1]["elements"][0]["elements"]
    assert "(U0BEN)" not in text_of(answer)
    subscriptions = (await app.commands().channel(address(TEAM, CHANNEL))).subscriptions
    assert [str(sub.topic) for sub in subscriptions] == ["agents"]


async def test_a_form_that_nobody_told_the_time_leaves_it(slack: SlackStandin, app: App) -> None:
    await slack.ask("settings at:8:30 tz:Europe/Berlin")
    await slack.open_home()
    await slack.until(lambda: USER in slack.space.homes)
    await slack.press("Subscribe a channel", within=slack.space.homes[USER])
    await slack.until(lambda: bool(slack.space.views))
    await slack.submit({"topic": "vision", "channel": {"selected_conversation": CHANNEL}})
    await slack.until(lambda: "vision" in text_of(slack.space.homes[USER]))

    channel = (await app.commands().channel(address(TEAM, CHANNEL))).channel
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

    assert "no such subscription" in text_of(await pressed(slack, "Edit"))


async def test_the_form_previews_its_topic(slack: SlackStandin, app: App) -> None:
    await slack.command("subscribe")
    await slack.until(lambda: bool(slack.space.views))
    [form] = slack.space.views.values()
    form["state"] = {"values": {"topic": {"topic": {"type": "plain_text_input", "value": "agents"}}}}
    await slack.press("Preview", within=form)
    await slack.until(lambda: bool(slack.called("views.update")))

    assert "It would have given 8 papers" in text_of(slack.called("views.update")[0].args)


async def test_the_home_tab_shows_and_changes_ones_subscriptions(slack: SlackStandin, app: App) -> None:
    await slack.ask("subscribe agents")
    await slack.open_home()
    await slack.until(lambda: USER in slack.space.homes)
    home = slack.space.homes[USER]
    assert "agents" in text_of(home)
    name = {"type": "channel", "channel_id": CHANNEL, "style": {"bold": True}}
    assert name in home["blocks"][3]["elements"][0]["elements"]

    await slack.press("Pause", within=home)
    await slack.until(lambda: "Resume" in text_of(slack.space.homes[USER]))
    assert "agents: paused" in text_of(slack.space.homes[USER])

    await slack.press("Subscribe a channel", within=slack.space.homes[USER])
    await slack.until(lambda: bool(slack.space.views))
    await slack.submit({"topic": "vision", "channel": {"selected_conversation": CHANNEL}})
    await slack.until(lambda: "vision" in text_of(slack.space.homes[USER]))


async def test_the_home_tab_shows_what_is_saved_and_muted(slack: SlackStandin, app: App) -> None:
    await slack.ask("subscribe agents OR vision")
    await slack.ask("mute vision")
    await slack.ask("save 2510.00003")
    await slack.open_home()
    await slack.until(lambda: USER in slack.space.homes)
    home = text_of(slack.space.homes[USER])
    assert "Muted: vision" in home
    assert '"url": "https://arxiv.org/abs/2510.00003"' in home
    assert "1 paper saved" in home

    await slack.press("Unmute vision", within=slack.space.homes[USER])
    await slack.until(lambda: "No longer muted: vision" in text_of(slack.space.homes[USER]))
    assert "Muted: vision" not in text_of(slack.space.homes[USER])


async def test_a_list_lets_go_of_what_is_muted(slack: SlackStandin, app: App) -> None:
    await slack.ask("subscribe agents OR vision")
    await slack.ask("mute vision")
    assert text_of(await slack.ask("list")).count("Muted: vision") == 1

    renewed = await pressed(slack, "Unmute vision")
    assert renewed["replace_original"] is True
    assert "No longer muted: vision" in text_of(renewed)
    assert "Muted: vision" not in text_of(renewed)


async def test_the_home_tab_shows_every_channel_that_one_is_in(slack: SlackStandin, app: App) -> None:
    other, private = Place("C0OTHER", "other"), Place("G0PRIVATE", "private", private=True)
    for place in (other, private, Place("C0ELSE", "else")):
        slack.space.add_place(place)
        await slack.ask("subscribe vision", channel=place.id, user="U0BEN")
    for place in (other, private):
        place.members.add(USER)
    await slack.ask("subscribe agents")
    await slack.open_home()
    await slack.until(lambda: USER in slack.space.homes)
    home = text_of(slack.space.homes[USER])
    assert all(f'"channel_id": "{place}"' in home for place in (CHANNEL, "C0OTHER", "G0PRIVATE"))
    assert "C0ELSE" not in home
    assert "Shown are the channels in which you" not in home

    slack.space.scopes = tuple(scope for scope in slack.space.scopes if not scope.endswith(":read"))
    slack.space.homes.clear()
    await slack.open_home()
    await slack.until(lambda: USER in slack.space.homes)
    home = text_of(slack.space.homes[USER])
    assert "C0OTHER" not in home
    assert f'"channel_id": "{CHANNEL}"' in home
    assert "Shown are the channels in which you subscribed something" in home


async def test_who_invites_paperboy_again_mends_the_channel(slack: SlackStandin, app: App) -> None:
    await slack.ask("subscribe agents")
    here = address(TEAM, CHANNEL)
    with app.database.begin() as tx:
        channel = tx.channels.get(here)
        assert channel is not None
        break_off(tx, channel, "Paperboy is not in this channel.", app.clock())

    async def reasons() -> list[str]:
        return [one.broken for one in (await app.commands().channel(here)).subscriptions]

    joined = {"type": "member_joined_channel", "channel": CHANNEL, "channel_type": "C", "team": TEAM}
    await slack.event(joined | {"user": "U0BEN"})
    assert await reasons() == ["Paperboy is not in this channel."]
    await slack.event(joined | {"user": slack.space.bot_user})
    async with asyncio.timeout(10):
        while await reasons() != [""]:  # noqa: ASYNC110 - no event tells when it is done
            await asyncio.sleep(0.02)


async def test_related_papers_of_a_message(slack: SlackStandin, app: App) -> None:
    link = "look: <https://arxiv.org/pdf/2510.00003v2|this> :eyes:"
    by_paper = await slack.answer_to(await slack.shortcut("find_related", {"text": link}))
    assert "Agents that plan, part 8" in text_of(by_paper)

    by_words = await slack.answer_to(await slack.shortcut("find_related", {"text": "do agents plan?"}))
    assert "Agents that plan, part 8" in text_of(by_words)
    nothing = await slack.answer_to(await slack.shortcut("find_related", {"text": ":eyes:"}))
    assert "No paper" in text_of(nothing)


class Silent:
    """A look-up whose source does not answer."""

    async def paper(self, paper_id: PaperId) -> Paper | None:
        raise SourceError("arXiv does not answer.")


async def test_a_source_that_does_not_answer_costs_no_answer(slack: SlackStandin, tmp_path: Path) -> None:
    async with served(slack, tmp_path, lookup=Silent()):
        link = "do agents plan? <https://arxiv.org/abs/2510.99999>"
        answer = await slack.answer_to(await slack.shortcut("find_related", {"text": link}))
        assert "Agents that plan, part 8" in text_of(answer)

        await slack.share_link("https://arxiv.org/abs/2510.99999", "https://arxiv.org/abs/2510.00003")
        await slack.until(lambda: bool(slack.called("chat.unfurl")))
        assert "part 3" in text_of(slack.called("chat.unfurl")[0].args)


async def test_links_are_shown_with_restraint(slack: SlackStandin, app: App) -> None:
    url = "https://arxiv.org/abs/2510.00003"
    await slack.share_link(url, channel="COMPOSER", ts="uuid")
    await slack.share_link(url)
    await slack.until(lambda: bool(slack.called("chat.unfurl")))
    assert "part 3" in text_of(slack.called("chat.unfurl")[0].args)

    await slack.share_link(url)
    await slack.share_link(*(f"https://arxiv.org/abs/2510.0000{n}" for n in (4, 5, 6)))
    await slack.share_link("https://arxiv.org/abs/2510.99999")
    await slack.share_link("https://arxiv.org/list/cs.CL/new")
    await slack.share_link("https://huggingface.co/papers/2510.00007")
    await slack.until(lambda: len(slack.called("chat.unfurl")) == 2)
    assert "part 7" in text_of(slack.called("chat.unfurl")[1].args)


async def test_a_refused_app_token_says_so(slack: SlackStandin, tmp_path: Path) -> None:
    slack.app_token, right = "xapp-other", slack.app_token
    assert right != slack.app_token
    slack.fail("apps.connections.open", "invalid_auth")
    with pytest.raises(SettingsError, match="SLACK_APP_TOKEN"):
        async with served(slack, tmp_path):
            pass


async def test_what_nobody_foresaw_is_said_too(slack: SlackStandin, app: App) -> None:
    assert isinstance(app.clock, SetClock)
    app.clock.now = None  # type: ignore[assignment]

    assert "Something went wrong" in text_of(await slack.ask("trending"))
