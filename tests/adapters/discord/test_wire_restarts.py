"""A digest of several messages that another process goes on with: no message of it comes twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.adapters.discord.wire_app import paperboy_on, text_of
from tests.apps import ListedSource, SetClock, batch, paper
from tests.standins.discord_shapes import channel as channel_shape
from tests.standins.discord_standin import POST, DiscordStandin, Fault
from tests.standins.discord_world import FORUM

PAPERS = [paper(number, f"Agents that plan, part {number:02}") for number in range(20)]
FORUM_POST = "POST /channels/{channel}/threads"


@pytest.fixture
def arxiv() -> ListedSource:
    return ListedSource("arxiv", batch("arxiv", "2025-10-10", PAPERS))


async def subscribe(discord: DiscordStandin, layout: str) -> str:
    """Subscribe a channel, or for `post` a post of a forum, and return it."""
    channel = discord.channel
    if layout == "post":
        forum = discord.world.add_place("forum", FORUM, guild=discord.guild)
        begun = discord.world.start_thread(forum, "Papers")
        for event, place in (("CHANNEL_CREATE", forum), ("THREAD_CREATE", begun)):
            await discord.gateway.dispatch(discord.guild, event, channel_shape(discord.world, place))
        channel = begun.id
    await discord.ask("subscribe", {"topic": "agents"}, channel=channel)
    await discord.ask("settings", {"layout": layout}, channel=channel)
    return channel


def said(discord: DiscordStandin) -> list[str]:
    """Every message of the server."""
    return [text_of(one) for place in discord.world.places.values() for one in place.messages if place.guild]


@pytest.mark.parametrize("layout", ["full", "compact", "post"])
@pytest.mark.parametrize("fault", ["429 of a proxy", "missing permissions"])
async def test_another_process_goes_on_where_one_stopped(
    discord: DiscordStandin, tmp_path: Path, clock: SetClock, arxiv: ListedSource, layout: str, fault: Fault
) -> None:
    async with paperboy_on(discord, tmp_path, clock, arxiv) as paperboy:
        channel = await subscribe(discord, layout)
        await paperboy.rounds.ingest_all()
        clock.set("2025-10-10T09:00")
        # Of a forum's post the first message is made with it.
        discord.fail(POST, *([] if layout == "post" else [None]), fault)
        await paperboy.rounds.post_digests()
        assert len(said(discord)) == 1, "it was stopped halfway"

    discord.world.nonce_seconds = 0
    async with paperboy_on(discord, tmp_path, clock, arxiv) as paperboy:
        clock.set("2025-10-10T09:30")
        await discord.ask("subscriptions", channel=channel)
        await paperboy.rounds.post_digests()
        assert len(set(said(discord))) == len(said(discord)) > 1
        whole = "\n".join(said(discord))
        assert all(one.title in whole for one in PAPERS)
        assert len(discord.called(FORUM_POST)) == (layout == "post")
