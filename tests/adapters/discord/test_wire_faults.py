"""Faults of Discord on the wire: nothing is posted twice, nothing is lost, and a channel comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from discord.backoff import ExponentialBackoff

from adapters.discord import platform
from adapters.discord.client import PaperboyClient
from tests.adapters.discord.wire_app import Paperboy, paperboy_on, text_of, texts_of
from tests.apps import SetClock
from tests.standins.discord_shapes import channel as channel_shape
from tests.standins.discord_standin import CALLBACK, POST, DiscordStandin
from tests.standins.discord_world import FORUM, SEND


@pytest.fixture
async def subscribed(paperboy: Paperboy, discord: DiscordStandin, clock: SetClock) -> Paperboy:
    """A channel whose digest is due."""
    await discord.ask("subscribe", {"topic": "agents"})
    await paperboy.rounds.ingest_all()
    clock.set("2025-10-10T09:00")
    return paperboy


@pytest.mark.parametrize(
    "faults",
    [
        ("429",),
        ("429 global",),
        ("500",),
        ("lost answer",),
        ("429", "lost answer"),
        ("502", "lost answer"),
        ("502 after it",),
    ],
    ids=" then ".join,
)
async def test_a_digest_is_posted_once(
    discord: DiscordStandin, subscribed: Paperboy, faults: tuple[Any, ...]
) -> None:
    discord.fail(POST, *faults)
    await subscribed.rounds.post_digests()
    [digest] = discord.messages()
    assert "part 3" in text_of(digest)
    posts = discord.called(POST)
    assert len(posts) == len(faults) + 1
    assert len({one.body["nonce"] for one in posts}) == 1
    await subscribed.rounds.post_digests()
    assert discord.messages() == [digest]


async def test_an_answer_lost_for_longer_than_a_nonce_is_held_is_found(
    discord: DiscordStandin, subscribed: Paperboy, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "AGAIN_SECONDS", 0.2)
    discord.fail(POST, "lost answer", "500")
    discord.world.nonce_seconds = 0
    subscribed.discord.platform._pause = 0
    await subscribed.rounds.post_digests()
    clock.set("2025-10-10T10:00")
    await subscribed.rounds.post_digests()
    assert len(discord.messages()) == 1


@pytest.mark.parametrize("fault", ["missing access", "missing permissions", "unknown channel"])
async def test_a_refused_channel_is_broken_with_the_reason_and_its_owner_told(
    discord: DiscordStandin, subscribed: Paperboy, clock: SetClock, fault: Any
) -> None:
    discord.fail(POST, fault)
    await subscribed.rounds.post_digests()
    told = texts_of(discord.world.direct(discord.user).messages)
    assert "cannot be posted" in told
    before = len(discord.called(POST))
    clock.set("2025-10-11T09:00")
    await subscribed.rounds.post_digests()
    assert len(discord.called(POST)) == before, "nothing is sent to it any more"
    assert "had stopped here" in text_of(await discord.ask("subscriptions"))
    await subscribed.rounds.post_digests()
    assert "part 3" in texts_of(discord.messages()), "somebody uses it, so it is tried again"


async def test_a_channel_goes_on_when_it_may_post_again(
    discord: DiscordStandin, subscribed: Paperboy
) -> None:
    discord.place().denied = SEND
    await subscribed.rounds.post_digests()
    assert discord.messages() == []
    discord.place().denied = 0
    shape = channel_shape(discord.world, discord.place())
    await discord.gateway.dispatch(discord.guild, "CHANNEL_UPDATE", shape)
    assert "broken" not in text_of(await discord.ask("subscriptions"))
    await subscribed.rounds.post_digests()
    assert "part 3" in texts_of(discord.messages())


@pytest.mark.parametrize("fault", ["lost answer", "502 after it"])
async def test_a_forum_has_a_post_a_day(
    discord: DiscordStandin, paperboy: Paperboy, clock: SetClock, fault: Any
) -> None:
    forum = discord.world.add_place("forum", FORUM, guild=discord.guild)
    begun = discord.world.start_thread(forum, "Papers")
    for event, place in (("CHANNEL_CREATE", forum), ("THREAD_CREATE", begun)):
        await discord.gateway.dispatch(discord.guild, event, channel_shape(discord.world, place))
    await discord.ask("subscribe", {"topic": "agents"}, channel=begun.id)
    await discord.ask("settings", {"layout": "post"}, channel=begun.id)
    await paperboy.rounds.ingest_all()
    clock.set("2025-10-10T09:00")
    discord.fail("POST /channels/{channel}/threads", fault)
    await paperboy.rounds.post_digests()
    [_, thread] = [place for place in discord.world.places.values() if place.parent == forum.id]
    assert begun.messages == []
    assert "part 3" in texts_of(thread.messages)
    assert "10 October 2025" in thread.name


async def test_a_lost_callback_leaves_no_trace_of_an_error(
    discord: DiscordStandin, paperboy: Paperboy
) -> None:
    discord.fail(CALLBACK, "502")
    ack = await discord.command("help")
    assert ack.in_time
    assert "Paperboy" in text_of(await discord.answer_to(ack))


@pytest.mark.parametrize("how", ["closed", "asked", "resumable", "over"])
async def test_it_comes_back_when_the_gateway_goes(
    discord: DiscordStandin, paperboy: Paperboy, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(ExponentialBackoff, "delay", lambda _: 0.01)
    monkeypatch.setattr(PaperboyClient, "before_identify_hook", _at_once)
    gateway = discord.gateway
    if how == "closed":
        await gateway.close(4000)
    elif how == "asked":
        await gateway.reconnect()
    else:
        await gateway.invalidate(resumable=how == "resumable")
    await gateway.until(lambda: gateway.identified + gateway.resumed == 2)
    assert gateway.resumed == (how != "over")
    assert "Paperboy" in text_of(await discord.ask("help"))


async def _at_once(*_: object, **__: object) -> None:
    """No wait of 5 seconds between two sessions."""


async def test_two_shards(
    discord: DiscordStandin, tmp_path: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PaperboyClient, "before_identify_hook", _at_once)
    discord.shards, second = 2, discord.add_guild("other lab")
    async with paperboy_on(discord, tmp_path, clock) as paperboy:
        for channel in (discord.channel, second):
            await discord.ask("subscribe", {"topic": "agents"}, channel=channel)
            assert "1 subscription" in text_of(await discord.ask("subscriptions", channel=channel))
        assert {guild.shard_id for guild in paperboy.discord.client.guilds} == {0, 1}


async def test_two_processes_share_the_shards(
    discord: DiscordStandin, tmp_path: Path, clock: SetClock
) -> None:
    second, folders = discord.add_guild("other lab"), [tmp_path / "0", tmp_path / "1"]
    for folder in folders:
        folder.mkdir()
    halves = [{"discord_shard_count": 2, "discord_shard_ids": (number,)} for number in (0, 1)]
    async with (
        paperboy_on(discord, folders[0], clock, **halves[0]) as one,
        paperboy_on(discord, folders[1], clock, **halves[1]) as other,
    ):
        for channel in (discord.channel, second):
            assert "Paperboy" in text_of(await discord.ask("help", channel=channel))
        assert [len(half.discord.client.guilds) for half in (one, other)] == [1, 1]
