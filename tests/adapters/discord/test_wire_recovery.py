"""What Discord takes away and gives back: access, commands, its patience. Paperboy goes on by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.discord import discord_service as service
from adapters.discord import platform
from adapters.discord.client import PaperboyClient
from adapters.discord.invalid_requests import InvalidRequests
from adapters.discord.places import address_of
from adapters.discord.platform import DiscordPlatform
from adapters.discord.rest import Rest, use_api
from bot.errors import DeliveryError
from bot.messages.blocks import Message
from bot.services.post_message import post_message
from tests.adapters.discord.wire_app import Paperboy, paperboy_on, text_of, texts_of
from tests.apps import ListedSource, SetClock
from tests.standins import discord_shapes as shapes
from tests.standins.discord_standin import POST, DiscordStandin
from tests.standins.discord_world import FORUM

COMMANDS = "/applications/{application}/commands"


@pytest.fixture
async def broken(
    discord: DiscordStandin, tmp_path: Path, clock: SetClock, arxiv: ListedSource
) -> AsyncIterator[Paperboy]:
    """A channel whose digest was refused."""
    async with paperboy_on(discord, tmp_path, clock, arxiv) as paperboy:
        await discord.ask("subscribe", {"topic": "agents"})
        await paperboy.rounds.ingest_all()
        clock.set("2025-10-10T09:00")
        discord.fail(POST, "missing permissions")
        await paperboy.rounds.post_digests()
        assert discord.messages() == []
        yield paperboy


def event(discord: DiscordStandin, name: str) -> Any:
    """What the gateway says when something has changed."""
    world, guild = discord.world, discord.world.guilds[discord.guild]
    if name == "CHANNEL_UPDATE":
        return shapes.channel(world, discord.place())
    if name == "GUILD_ROLE_UPDATE":
        return {"guild_id": guild.id, "role": shapes.guild(world, guild)["roles"][1]}
    return shapes.member(world, guild, world.bot) | {"guild_id": guild.id, "nick": "other"}


@pytest.mark.parametrize("name", ["CHANNEL_UPDATE", "GUILD_ROLE_UPDATE", "GUILD_MEMBER_UPDATE"])
async def test_a_channel_goes_on_by_itself_when_something_was_changed(
    discord: DiscordStandin, broken: Paperboy, clock: SetClock, name: str
) -> None:
    await discord.gateway.dispatch(discord.guild, name, event(discord, name))
    await until_mended(discord, broken)
    assert "part 3" in texts_of(discord.messages())


async def test_a_channel_goes_on_after_a_restart(
    discord: DiscordStandin, broken: Paperboy, tmp_path: Path, clock: SetClock, arxiv: ListedSource
) -> None:
    async with paperboy_on(discord, tmp_path, clock, arxiv) as paperboy:
        await until_mended(discord, paperboy)
        assert "part 3" in texts_of(discord.messages())


async def until_mended(discord: DiscordStandin, paperboy: Paperboy) -> None:
    """Deliver until the channel has its digest; the tenth time is too late. Nobody uses the channel."""
    for _ in range(10):
        await paperboy.rounds.post_digests()
        if discord.messages():
            return
        await discord.ask("help", channel=discord.world.direct(discord.other).id, user=discord.other)


async def test_a_forum_that_begins_to_want_tags_is_asked_for_anew(
    discord: DiscordStandin, tmp_path: Path, clock: SetClock
) -> None:
    forum = discord.world.add_place("forum", FORUM, guild=discord.guild)
    place = address_of(int(discord.guild), int(forum.id))
    sender = a_sender(discord, InvalidRequests())
    await post_message(sender, place, Message("One"), "paperboy-1")
    forum.tags = ("papers",)
    with pytest.raises(DeliveryError, match="40067"):
        await post_message(sender, place, Message("Two"), "paperboy-2")
    await post_message(sender, place, Message("Two"), "paperboy-2")
    assert [place.name for place in discord.world.places.values() if place.parent == forum.id] == [
        "One",
        "Two",
    ]
    await sender._rest.close()


def a_sender(discord: DiscordStandin, invalid: InvalidRequests) -> DiscordPlatform:
    """What posts where no gateway is open."""
    use_api(discord.url)
    return DiscordPlatform(Rest(PaperboyClient(invalid), discord.token, invalid), "components", pause=0)


async def test_too_many_refusals_end_the_requests(discord: DiscordStandin) -> None:
    sender = a_sender(discord, InvalidRequests(3))
    place = address_of(int(discord.guild), int(discord.channel))
    discord.fail(POST, "missing access", "missing access", "missing access")
    for number in range(3):
        with pytest.raises(DeliveryError, match="cannot see"):
            await post_message(sender, place, Message("One"), f"paperboy-{number}")
    calls = len(discord.calls)
    with pytest.raises(DeliveryError, match="refused 3 requests") as caught:
        await post_message(sender, place, Message("One"), "paperboy-3")
    assert len(discord.calls) == calls
    assert not caught.value.permanent
    assert 500 < (caught.value.retry_after or 0) <= 600
    await sender._rest.close()


async def test_a_stopped_wait_for_all_requests_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, discord: DiscordStandin
) -> None:
    monkeypatch.setattr(platform, "FIRST_SECONDS", 0.2)
    monkeypatch.setattr(platform, "AGAIN_SECONDS", 0.2)
    discord._retry_after = 20.0
    sender = a_sender(discord, InvalidRequests())
    place = address_of(int(discord.guild), int(discord.channel))
    discord.fail(POST, "429 global", "429 global")
    with pytest.raises(DeliveryError):
        await post_message(sender, place, Message("One"), "paperboy-1")
    monkeypatch.setattr(platform, "FIRST_SECONDS", 5.0)
    await post_message(sender, place, Message("One"), "paperboy-1")
    assert len(discord.messages()) == 1
    await sender._rest.close()


async def test_commands_are_put_in_place_once_discord_takes_them(
    discord: DiscordStandin,
    tmp_path: Path,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "AGAIN_SECONDS", 0.01)
    discord.fail(f"GET {COMMANDS}", "429 of a proxy")
    async with paperboy_on(discord, tmp_path, clock):
        await discord.until(lambda: bool(discord.called(f"PUT {COMMANDS}")))
        await discord.until(lambda: bool(discord.world.commands[""]))
        assert "Paperboy" in text_of(await discord.ask("help"))


async def test_a_command_of_another_version_is_answered(
    discord: DiscordStandin, tmp_path: Path, clock: SetClock
) -> None:
    async with paperboy_on(discord, tmp_path, clock):
        [known] = [one for one in discord.world.commands[""] if one["name"] == "help"]
        discord.world.commands[""].append(known | {"name": "gone", "id": discord.world.new_id()})
        assert "have changed" in text_of(await discord.ask("gone"))
