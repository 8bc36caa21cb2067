"""In direct messages, and in servers to which only a user of theirs has brought Paperboy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.discord.wire_app import Paperboy, paperboy_on, text_of, texts_of
from tests.apps import ListedSource, SetClock, batch, paper
from tests.standins.discord_standin import DiscordStandin, NotOffered

MANY = [paper(number, f"Agents that plan, part {number:03}") for number in range(100)]

LONG = paper(999, "A long one", "Many words of it. " * 2_000)


@pytest.fixture
async def paperboy(tmp_path: Path, discord: DiscordStandin, clock: SetClock) -> AsyncIterator[Paperboy]:
    arxiv = ListedSource("arxiv", batch("arxiv", "2025-10-10", [*MANY, LONG]))
    async with paperboy_on(discord, tmp_path, clock, arxiv) as running:
        yield running


@pytest.fixture
def elsewhere(discord: DiscordStandin) -> str:
    """A channel of a server to which nobody has invited Paperboy."""
    channel = discord.add_guild("other lab")
    discord.world.guilds[discord.place(channel).guild].has_bot = False
    return channel


async def test_a_guest_searches_and_subscribes_nothing(
    discord: DiscordStandin, elsewhere: str, paperboy: Paperboy
) -> None:
    await paperboy.rounds.ingest_all()
    found = await discord.ask("papers", {"query": "agents"}, channel=elsewhere)
    assert "100 papers" in text_of(found)
    with pytest.raises(NotOffered):
        await discord.ask("subscribe", {"topic": "agents"}, channel=elsewhere)
    for ack in (
        await discord.command("papers", {"query": "subscribe agents"}, channel=elsewhere),
        await discord.press("Subscribe to this", within=found),
        await discord.command("papers", {"query": "like 2510.00007"}, channel=elsewhere),
    ):
        assert "cannot post here" in text_of(await discord.answer_to(ack))
    assert "Nothing is subscribed" in text_of(await discord.ask("subscriptions", channel=elsewhere))


async def test_a_long_answer_is_whole_in_a_server_and_says_so_where_it_cannot_be(
    discord: DiscordStandin, elsewhere: str, paperboy: Paperboy, clock: SetClock
) -> None:
    await discord.ask("subscribe", {"topic": "agents"})
    await paperboy.rounds.ingest_all()
    clock.set("2025-10-10T09:00")
    await paperboy.rounds.post_digests()
    shown = texts_of(discord.messages())
    rest = await discord.command("show", {"paper": "more"})
    await discord.until(lambda: "part 099" in texts_of(rest.interaction.said))
    shown += texts_of(rest.interaction.said)
    assert all(one.title in shown for one in MANY), "what a digest leaves out can all be seen"

    guest = await discord.command("show", {"paper": str(LONG.id)}, channel=elsewhere)
    await discord.until(lambda: "did not fit" in texts_of(guest.interaction.said))
    assert len(guest.interaction.said) == 5


async def test_a_digest_comes_in_direct_messages(
    discord: DiscordStandin, paperboy: Paperboy, clock: SetClock
) -> None:
    own = discord.world.direct(discord.other).id
    said = await discord.ask("subscribe", {"topic": "agents"}, channel=own, user=discord.other)
    assert "Subscribed" in text_of(said)
    await paperboy.rounds.ingest_all()
    clock.set("2025-10-10T09:00")
    await paperboy.rounds.post_digests()
    assert "20 papers for Friday 10 October" in texts_of(discord.messages(own))


async def test_a_reading_list_is_one_in_all_servers(
    discord: DiscordStandin, elsewhere: str, paperboy: Paperboy
) -> None:
    await paperboy.rounds.ingest_all()
    own = discord.world.direct(discord.user).id
    await discord.ask("save", {"paper": "2510.00007"})
    for channel in (elsewhere, own):
        assert "part 007" in text_of(await discord.ask("saved", channel=channel))
    assert "is empty" in text_of(await discord.ask("saved", user=discord.other))
