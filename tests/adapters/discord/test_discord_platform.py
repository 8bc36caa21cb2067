"""Posting through the real discord.py, into a simulated Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import discord
import pytest
from simcord.builders import ChannelHandle, GuildHandle
from simcord.env import Env

from adapters.discord.client import PaperboyClient
from adapters.discord.invalid_requests import InvalidRequests
from adapters.discord.places import address_of
from adapters.discord.platform import DiscordPlatform
from adapters.discord.render import has_mark
from adapters.discord.rest import Rest
from bot.channels.channel import Address
from bot.errors import DeliveryError
from bot.messages.blocks import Layout, Message
from bot.services.post_message import post_message
from tests.adapters.discord.discord_messages import CARD, DIGEST
from tests.adapters.discord.simulated import simulated
from tests.one_part import find_whole

NOW = datetime(2026, 1, 1, tzinfo=UTC)  # where simcord lets its clock begin
LONG = Message("40 papers", tuple(replace(CARD, title=f"Title {n:02}") for n in range(40)))


@pytest.fixture
async def env() -> AsyncIterator[Env]:
    async with simulated(PaperboyClient(InvalidRequests())) as env:
        yield env


@pytest.fixture
def guild(env: Env) -> GuildHandle:
    return env.create_guild()


@pytest.fixture
def platform(env: Env) -> DiscordPlatform:
    rest = Rest(env.bot, "a.token.here", InvalidRequests())
    return DiscordPlatform(rest, "components", pause=0)


def at(guild: GuildHandle, channel: ChannelHandle) -> Address:
    return address_of(guild.id, channel.id)


def shown(messages: list[discord.Message]) -> str:
    return "".join(str([one.to_dict() for one in message.components]) for message in messages)


async def test_a_digest_is_posted_whole_and_found_again(
    guild: GuildHandle, platform: DiscordPlatform
) -> None:
    channel = guild.create_text_channel("papers")
    first = await post_message(platform, at(guild, channel), LONG, "paperboy-1")

    assert first == str(channel.history()[0].id)
    assert platform.pace.count_messages(LONG) == len(channel.history()) > 3
    assert all(f"Title {n:02}" in shown(channel.history()) for n in range(40))
    assert await find_whole(platform, at(guild, channel), LONG, "paperboy-1", NOW) == first
    assert await find_whole(platform, at(guild, channel), LONG, "paperboy-2", NOW) is None


async def test_a_delivery_that_only_began_goes_on(guild: GuildHandle, platform: DiscordPlatform) -> None:
    channel = guild.create_text_channel("papers")
    first = await post_message(platform, at(guild, channel), DIGEST, "paperboy-1")
    longer = replace(DIGEST, blocks=DIGEST.blocks + LONG.blocks)

    assert await find_whole(platform, at(guild, channel), longer, "paperboy-1", NOW) is None
    assert await post_message(platform, at(guild, channel), longer, "paperboy-1", NOW) == first
    assert sum(has_mark(message, "paperboy-1") for message in channel.history()) == 1
    assert "Title 39" in shown(channel.history())


async def test_where_its_other_half_may_not_be_posted_now_the_next_try_looks_again(
    guild: GuildHandle, env: Env
) -> None:
    refused = InvalidRequests(most=1)
    platform = DiscordPlatform(Rest(env.bot, "a.token.here", refused), "components", pause=0)
    where = at(guild, guild.create_text_channel("papers"))
    await post_message(platform, where, DIGEST, "paperboy-1")
    longer = replace(DIGEST, blocks=DIGEST.blocks + LONG.blocks)

    assert await find_whole(platform, where, longer, "paperboy-1", NOW) is None
    refused.count_answer(403)
    with pytest.raises(DeliveryError) as caught:
        await post_message(platform, where, longer, "paperboy-1", NOW)
    assert caught.value.begun


async def test_a_compact_digest_opens_a_thread(guild: GuildHandle, platform: DiscordPlatform) -> None:
    channel = guild.create_text_channel("papers")
    compact = replace(DIGEST, layout=Layout.COMPACT)
    first = await post_message(platform, at(guild, channel), compact, "paperboy-1")

    assert "finetuning on few bad" not in shown(channel.history())
    real = platform_channel(channel)
    [thread] = real.threads
    assert (str(thread.id), thread.name) == (first, DIGEST.title)
    inside = [message async for message in thread.history()]
    assert "finetuning on few bad" in shown(inside)
    assert platform.pace.count_messages(compact) == 3, "a message here, the thread, and a message there"
    assert await find_whole(platform, at(guild, channel), compact, "paperboy-1", NOW) == first


def platform_channel(channel: ChannelHandle) -> discord.TextChannel:
    found = channel._env.bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def test_in_a_forum_a_digest_is_a_post(guild: GuildHandle, platform: DiscordPlatform, env: Env) -> None:
    channel = guild.create_forum_channel("papers")
    first = await post_message(platform, at(guild, channel), LONG, "paperboy-1")

    forum = env.bot.get_channel(channel.id)
    assert isinstance(forum, discord.ForumChannel)
    [post] = forum.threads
    assert (str(post.id), post.name) == (first, "40 papers")
    inside = [message async for message in post.history(oldest_first=True)]
    assert all(f"Title {n:02}" in shown(inside) for n in range(40))
    assert await find_whole(platform, at(guild, channel), LONG, "paperboy-1", NOW) == first
    assert await find_whole(platform, at(guild, channel), LONG, "paperboy-2", NOW) is None


async def test_from_a_forums_post_digests_go_into_the_forum(
    guild: GuildHandle, platform: DiscordPlatform, env: Env
) -> None:
    channel = guild.create_forum_channel("papers")
    asked = await post_message(platform, at(guild, channel), DIGEST, "paperboy-1")
    place = address_of(guild.id, int(asked))
    inside = await post_message(platform, place, DIGEST, "paperboy-2")
    own = await post_message(platform, place, replace(DIGEST, layout=Layout.POST), "paperboy-3")

    forum = env.bot.get_channel(channel.id)
    assert isinstance(forum, discord.ForumChannel)
    assert {str(post.id) for post in forum.threads} == {asked, own}
    assert inside not in {asked, own}


async def test_where_it_may_not_post_is_permanent(guild: GuildHandle, platform: DiscordPlatform) -> None:
    silent = discord.PermissionOverwrite(send_messages=False)
    channel = guild.create_text_channel("papers", overwrites={guild.default_role: silent})

    with pytest.raises(DeliveryError) as caught:
        await post_message(platform, at(guild, channel), DIGEST, "paperboy-1")
    assert caught.value.permanent


async def test_a_channel_that_is_gone_is_permanent(guild: GuildHandle, platform: DiscordPlatform) -> None:
    with pytest.raises(DeliveryError) as caught:
        await post_message(platform, address_of(guild.id, 123), DIGEST, "paperboy-1")
    assert caught.value.permanent
    with pytest.raises(DeliveryError) as caught:
        await post_message(platform, Address("discord", "nowhere"), DIGEST, "paperboy-1")
    assert caught.value.permanent


async def test_an_owner_is_told_in_private(env: Env, guild: GuildHandle, platform: DiscordPlatform) -> None:
    channel = guild.create_text_channel("papers")
    ann = env.create_user("ann")
    await platform.tell(at(guild, channel), str(ann.id), Message("It is broken"))

    [said] = ann.dm_channel.history()
    assert "It is broken" in shown([said])
    assert f"<#{channel.id}>" in shown([said])


def test_too_many_refusals_stop_the_requests() -> None:
    now = [0.0]
    invalid = InvalidRequests(3, lambda: now[0])
    for status, scope in ((403, ""), (200, ""), (429, "shared"), (401, "")):
        invalid.count_answer(status, scope)
    invalid.check_budget()

    now[0] = 100.0
    invalid.count_answer(429)
    with pytest.raises(DeliveryError) as caught:
        invalid.check_budget()
    assert caught.value.retry_after == 500.0
    now[0] = 600.0
    invalid.check_budget()
