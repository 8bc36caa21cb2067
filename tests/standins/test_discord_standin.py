"""The stand-in Discord, met by a small real discord.py client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands, ui
from discord.backoff import ExponentialBackoff
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.standins.discord_standin import CALLBACK, POST, DiscordStandin, NotOffered
from tests.standins.discord_world import COMPONENTS_V2, DIRECT, FORUM, HISTORY, SEND, VIEW

NONE = discord.AllowedMentions.none()


@pytest.fixture
async def standin() -> AsyncIterator[DiscordStandin]:
    async with DiscordStandin(slow_seconds=0.05) as one:
        yield one


@pytest.fixture(autouse=True)
def _addresses(standin: DiscordStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "BASE", standin.url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(standin.gateway.url))


@pytest.fixture
async def client(standin: DiscordStandin) -> AsyncIterator[discord.AutoShardedClient]:
    async with connected(standin) as one:
        yield one


class Client(discord.AutoShardedClient):
    """One that does not wait 5 seconds between two sessions."""

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Nothing."""


@asynccontextmanager
async def connected(standin: DiscordStandin) -> AsyncIterator[discord.AutoShardedClient]:
    client = Client(intents=discord.Intents(guilds=True), allowed_mentions=NONE, guild_ready_timeout=0.05)
    tree = app_commands.CommandTree(client)
    _listen(tree)
    await client.login(standin.token)
    await tree.sync()
    running = asyncio.create_task(client.connect())
    try:
        await client.wait_until_ready()
        yield client
    finally:
        await client.close()
        await running


@pytest.fixture
async def plain(standin: DiscordStandin) -> AsyncIterator[discord.Client]:
    """Logged in for the API alone."""
    async with discord.Client(intents=discord.Intents(guilds=True), allowed_mentions=NONE) as client:
        await client.login(standin.token)
        yield client


class Shown(ui.LayoutView):
    text: ui.TextDisplay[Any] = ui.TextDisplay("Found.")
    row: ui.ActionRow[Any] = ui.ActionRow()

    @row.button(label="More", custom_id="more")
    async def more(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
        self.text.content = "Found more."
        await interaction.response.edit_message(view=self)

    @row.button(label="Edit", custom_id="edit")
    async def edit(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
        await interaction.response.send_modal(Form())


class Picked(ui.View):
    @ui.select(custom_id="days", options=[discord.SelectOption(label="Every day", value="daily")])
    async def days(self, interaction: discord.Interaction, chosen: ui.Select[Any]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"{chosen.values}", view=None)


class Form(ui.Modal, title="Edit"):
    topic: ui.Label[Any] = ui.Label(text="Topic", component=ui.TextInput(custom_id="topic"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        typed = self.topic.component
        assert isinstance(typed, ui.TextInput)
        await interaction.response.send_message(f"Now {typed.value}.", ephemeral=True)


def _listen(tree: app_commands.CommandTree[Any]) -> None:
    @tree.command(description="Search.")
    @app_commands.choices(period=[app_commands.Choice(name="week", value="week")])
    async def papers(interaction: discord.Interaction, query: str, period: str = "") -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(view=Shown())
        await interaction.followup.send(f"{query} {period}".strip(), ephemeral=True)

    @papers.autocomplete("query")
    async def _suggest(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}s", value=typed)]

    @tree.command(description="Be slow.")
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.guild_only()
    async def sleep(interaction: discord.Interaction) -> None:
        await asyncio.sleep(0.3)
        await interaction.response.send_message("Awake.")

    @tree.command(description="Choose.")
    async def pick(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Days?", view=Picked())

    @tree.context_menu(name="Find related papers")
    async def _related(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(message.content, ephemeral=True)


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


async def test_a_wrong_token(standin: DiscordStandin) -> None:
    client = discord.Client(intents=discord.Intents.none())
    with pytest.raises(discord.LoginFailure):
        await client.login("another")
    await client.close()
    assert standin.invalid == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("missing access", 50001),
        ("missing permissions", 50013),
        ("unknown channel", 10003),
        ("429 of a proxy", 0),
    ],
)
async def test_a_fault_is_met_once(
    standin: DiscordStandin, plain: discord.Client, fault: Any, code: int
) -> None:
    place = plain.get_partial_messageable(int(standin.channel))
    standin.fail(POST, fault)
    with pytest.raises(discord.HTTPException) as refused:
        await place.send("Hello.")
    assert (refused.value.code, standin.invalid) == (code, code != 10003)
    await place.send("Hello.")
    assert [one["content"] for one in standin.messages()] == ["Hello."]


@pytest.mark.parametrize("fault", ["429", "429 global", "slow"])
async def test_a_fault_that_the_library_waits_for(
    standin: DiscordStandin, plain: discord.Client, fault: Any
) -> None:
    standin.fail(POST, fault)
    start = time.monotonic()
    await plain.get_partial_messageable(int(standin.channel)).send("Hello.")
    assert time.monotonic() - start >= 0.05
    assert [one["content"] for one in standin.messages()] == ["Hello."]


async def test_the_header_and_the_body_of_a_limit_differ(standin: DiscordStandin) -> None:
    standin.fail(POST, "429")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{standin.url}/channels/{standin.channel}/messages") as answer,
    ):
        assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
        assert await answer.json() == {
            "message": "You are being rate limited.",
            "retry_after": 0.05,
            "global": False,
        }


async def test_a_lost_answer_has_its_effect_once(standin: DiscordStandin, plain: discord.Client) -> None:
    place = plain.get_partial_messageable(int(standin.channel))
    standin.fail(POST, "lost answer")
    with pytest.raises(aiohttp.ClientError):
        await place.send("Hello.", nonce="n1")
    [first] = standin.messages()
    assert str((await place.send("Hello.", nonce="n1")).id) == first["id"]
    assert len(standin.messages()) == 1
    standin.world.nonce_seconds = 0
    await place.send("Hello.", nonce="n1")
    assert len(standin.messages()) == 2
    assert standin.violations == []


async def test_the_world_itself_refuses(standin: DiscordStandin, plain: discord.Client) -> None:
    hidden = standin.world.add_place("hidden", guild=standin.guild)
    hidden.denied = VIEW
    muted = standin.world.add_place("muted", guild=standin.guild)
    muted.denied = SEND | HISTORY
    closed = standin.world.direct(standin.other)
    closed.closed = True
    forum = standin.world.add_place("forum", FORUM, guild=standin.guild)
    places = {hidden.id: 50001, muted.id: 50013, closed.id: 50007, forum.id: 50008, "17": 10003}
    for channel, code in places.items():
        with pytest.raises(discord.HTTPException) as refused:
            await plain.get_partial_messageable(int(channel)).send("Hello.")
        assert refused.value.code == code, channel
    assert [one async for one in plain.get_partial_messageable(int(muted.id)).history()] == []


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


async def test_what_discord_would_refuse_is_refused_and_noted(
    standin: DiscordStandin, plain: discord.Client
) -> None:
    with pytest.raises(discord.HTTPException) as refused:
        await plain.get_partial_messageable(int(standin.channel)).send("x" * 2001)
    assert refused.value.code == 50035
    assert standin.violations == ["message: content: 2001 characters, 2000 at the most"]
    assert standin.messages() == []


async def test_an_unknown_route_is_noted(standin: DiscordStandin, plain: discord.Client) -> None:
    with pytest.raises(discord.NotFound):
        await plain.fetch_guild_preview(int(standin.guild))
    assert standin.violations == [
        f"GET /api/v10/guilds/{standin.guild}/preview: the stand-in has no such route"
    ]
    with pytest.raises(KeyError):
        standin.fail("GET /nowhere", "500")
