"""The Home tab, and lists that are changed from it."""

from __future__ import annotations

from adapters.slack.places import address_of
from bot.bootstrap import App
from tests.adapters.slack.slack_app import pressed, text_of
from tests.standins.slack import CHANNEL, TEAM, USER, SlackStandin
from tests.standins.slack_workspace import Place


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
    assert "channels where you subscribed" not in home

    slack.space.scopes = tuple(scope for scope in slack.space.scopes if not scope.endswith(":read"))
    slack.space.homes.clear()
    await slack.open_home()
    await slack.until(lambda: USER in slack.space.homes)
    home = text_of(slack.space.homes[USER])
    assert "C0OTHER" not in home
    assert f'"channel_id": "{CHANNEL}"' in home
    assert "channels where you subscribed" in home


async def test_a_former_member_sees_and_changes_nothing(slack: SlackStandin, app: App) -> None:
    private = Place("G0PRIVATE", "private", private=True)
    slack.space.add_place(private)
    private.members |= {USER, slack.space.bot_user}
    await slack.ask("subscribe agents", channel=private.id)
    await slack.ask("subscribe vision", channel=private.id, user="U0BEN")
    await slack.open_home()
    await slack.until(lambda: USER in slack.space.homes)
    before = slack.space.homes[USER]
    assert "vision" in text_of(before)

    private.members.remove(USER)
    for label in ("Remove", "Pause", "Edit"):
        slack.space.homes.clear()
        await slack.press(label, within=before)
        await slack.until(lambda: USER in slack.space.homes)
        assert "you are not in that channel" in text_of(slack.space.homes[USER])
        assert "agents" not in text_of(slack.space.homes[USER])
        assert "vision" not in text_of(slack.space.homes[USER])

    await slack.press("Subscribe a channel", within=slack.space.homes[USER])
    await slack.until(lambda: bool(slack.space.views))
    slack.space.homes.clear()
    await slack.submit({"topic": "owls", "channel": {"selected_conversation": private.id}})
    await slack.until(lambda: USER in slack.space.homes)

    listed = (await app.front_door().channel(address_of(TEAM, private.id))).subscriptions
    assert [(str(one.topic), one.paused) for one in listed] == [("agents", False), ("vision", False)]
