"""What Discord would refuse, and its faults, met by a small real discord.py client."""

from __future__ import annotations

import time
from typing import Any

import aiohttp
import discord
import pytest

from tests.standins.discord_standin import POST, DiscordStandin
from tests.standins.discord_world import FORUM, HISTORY, SEND, VIEW

pytestmark = pytest.mark.usefixtures("addresses")


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
