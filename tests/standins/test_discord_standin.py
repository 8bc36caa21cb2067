"""The stand-in Discord, met by a small real discord.py client."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from discord.backoff import ExponentialBackoff

from tests.standins.discord_listener import connected
from tests.standins.discord_standin import CALLBACK, DiscordStandin, NotOffered
from tests.standins.discord_world import COMPONENTS_V2, DIRECT, FORUM

pytestmark = pytest.mark.usefixtures("addresses")


@pytest.mark.usefixtures("client")
async def test_a_command_is_deferred_and_answered_to_one_person(standin: DiscordStandin) -> None:
    ack = await standin.command("papers", {"query": "agents", "period": "week"})
    assert (ack.in_time, ack.kind) == (True, 5)
    answer = await standin.answer_to(ack)
    await standin.until(lambda: len(ack.interaction.said) == 2)
    assert answer["flags"] & COMPONENTS_V2
    assert [one["content"] for one in standin.world.ephemerals] == ["", "agents week"]
    assert standin.messages() == []
    assert standin.gateway.intents == {1}
    assert standin.violations == []


@pytest.mark.usefixtures("client")
async def test_buttons_menus_and_forms(standin: DiscordStandin) -> None:
    await standin.ask("papers", {"query": "agents"})
    changed = await standin.answer_to(await standin.press("More"))
    assert changed["components"][0]["content"] == "Found more."
    await standin.press("edit")
    assert (await standin.answer_to(await standin.submit({"Topic": "video"})))["content"] == "Now video."
    await standin.ask("pick")
    ack = await standin.choose("days", "Every day")
    assert (await standin.answer_to(ack))["content"] == "['daily']"
    assert standin.violations == []


@pytest.mark.usefixtures("client")
async def test_options_are_suggested_and_messages_have_commands(standin: DiscordStandin) -> None:
    assert await standin.autocomplete("papers", "query", "agent") == [{"name": "agents", "value": "agent"}]
    said = await standin.ask("pick", user=standin.other)
    related = await standin.answer_to(await standin.use_on(said, "Find related papers"))
    assert related["content"] == "Days?"
    assert standin.violations == []


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    ("name", "options", "who", "problem"),
    [
        ("papers", {}, "user", "needs"),
        ("papers", {"query": "x", "other": "y"}, "user", "no option"),
        ("papers", {"query": 1}, "user", "not str"),
        ("papers", {"query": ""}, "user", "out of its bounds"),
        ("papers", {"query": "x", "period": "year"}, "user", "is not"),
        ("papers now", {}, "user", "no subcommand"),
        ("subscribe", {}, "user", "no command"),
        ("sleep", {}, "other", "hidden"),
    ],
)
async def test_what_discord_would_not_let_be_sent_is_not_sent(
    standin: DiscordStandin, name: str, options: dict[str, Any], who: str, problem: str
) -> None:
    with pytest.raises(NotOffered, match=problem):
        await standin.command(name, options, user=getattr(standin, who))
    assert standin.called(CALLBACK) == []


@pytest.mark.usefixtures("client")
async def test_a_command_that_is_not_for_direct_messages(standin: DiscordStandin) -> None:
    direct = standin.world.direct(standin.user)
    assert (await standin.ask("papers", {"query": "x"}, channel=direct.id))["channel_id"] == direct.id
    with pytest.raises(NotOffered, match="not for this place"):
        await standin.command("sleep", channel=direct.id)


@pytest.mark.usefixtures("client")
async def test_a_late_answer_is_a_violation_and_refused(
    standin: DiscordStandin, caplog: pytest.LogCaptureFixture
) -> None:
    standin.interactions.ack_seconds = 0.1
    ack = await standin.command("sleep", user=standin.other, anyway=True)
    assert not ack.in_time
    await standin.until(lambda: len(standin.called(CALLBACK)) == 1)
    assert standin.violations == ["/sleep: not answered within 0.1 s"]
    assert standin.messages() == []


@pytest.mark.usefixtures("client")
async def test_fifty_commands_at_once_each_have_their_answer(standin: DiscordStandin) -> None:
    acks = await asyncio.gather(*(standin.command("papers", {"query": str(n)}) for n in range(50)))
    await standin.until(lambda: all(len(ack.interaction.said) == 2 for ack in acks))
    assert {ack.interaction.said[1]["content"] for ack in acks} == {str(n) for n in range(50)}


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    ("how", "begun"), [("closed", 1), ("asked", 1), ("invalid", 2), ("invalid, kept", 1)]
)
async def test_the_client_comes_back(
    standin: DiscordStandin, how: str, begun: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExponentialBackoff, "delay", lambda _: 0.01)
    gateway = standin.gateway
    if how == "closed":
        await gateway.close(4000)
    elif how == "asked":
        await gateway.reconnect()
    else:
        await gateway.invalidate(resumable=how == "invalid, kept")
    command = asyncio.create_task(standin.ask("papers", {"query": "agents"}))
    await gateway.until(lambda: gateway.resumed + gateway.identified == 2)
    if begun == 1:
        assert (await command)["flags"] & COMPONENTS_V2, "what came meanwhile was sent again"
    else:
        command.cancel()
        assert (await standin.ask("papers", {"query": "agents"}))["flags"] & COMPONENTS_V2
    assert (gateway.resumed, gateway.identified) == (2 - begun, begun)


async def test_two_shards_have_a_guild_each(standin: DiscordStandin) -> None:
    standin.shards = 2
    second = standin.add_guild("other lab")
    async with connected(standin) as client:
        assert [one.shard for one in standin.gateway.sessions] == [(0, 2), (1, 2)]
        for channel in (standin.channel, second):
            assert (await standin.ask("papers", {"query": "x"}, channel=channel))["channel_id"] == channel
        assert {guild.shard_id for guild in client.guilds} == {0, 1}


async def test_threads_forums_and_direct_messages(standin: DiscordStandin) -> None:
    forum = standin.world.add_place("forum", FORUM, guild=standin.guild)
    async with connected(standin) as client:
        channel = client.get_channel(int(standin.channel))
        assert isinstance(channel, discord.TextChannel)
        said = await channel.send("Titles.")
        thread = await said.create_thread(name="Details")
        await thread.send("Details.")
        board = client.get_channel(int(forum.id))
        assert isinstance(board, discord.ForumChannel)
        made = await board.create_thread(name="10 October", content="Digest.")
        await (await client.fetch_user(int(standin.user))).send("Hello.")
        assert [one.content async for one in channel.history()] == ["Titles."]
    assert [one["content"] for one in standin.messages(str(thread.id))] == ["Details."]
    assert [one["content"] for one in standin.messages(str(made.thread.id))] == ["Digest."]
    [direct] = [place for place in standin.world.places.values() if place.kind == DIRECT]
    assert [one["content"] for one in direct.messages] == ["Hello."]
    assert standin.violations == []
