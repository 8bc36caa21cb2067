"""`paperboy run` as an admin starts it: a real process with Discord's settings, and its end."""

from __future__ import annotations

from asyncio.subprocess import Process
from pathlib import Path

from tests.adapters import process
from tests.adapters.discord.wire_app import paperboy_on, text_of
from tests.adapters.process import refused, stopped
from tests.apps import ListedSource, SetClock, batch, paper
from tests.databases import url_in
from tests.standins.discord_standin import POST, DiscordStandin

COMMANDS = "/applications/{application}/commands"


async def started(discord: DiscordStandin, folder: Path, *arguments: str, **more: str) -> Process:
    settings = {
        "PAPERBOY_DATABASE_URL": url_in(folder),
        "PAPERBOY_DISCORD_API_URL": discord.url,
        "DISCORD_TOKEN": discord.token,
    }
    return await process.started(folder, *arguments, **settings | more)


async def test_it_answers_and_stops_when_told(discord: DiscordStandin, tmp_path: Path) -> None:
    running = await started(discord, tmp_path)
    await discord.gateway.wait(seconds=40)
    assert "Subscribed" in text_of(await discord.ask("subscribe", {"topic": "agents"}))
    assert discord.token not in await stopped(running)


async def test_a_refused_token_ends_it_with_one_line(discord: DiscordStandin, tmp_path: Path) -> None:
    discord.token += "-of-another-bot"
    running = await started(discord, tmp_path, DISCORD_TOKEN=discord.token.removesuffix("-of-another-bot"))
    said = await refused(running)
    assert said.endswith(
        "paperboy: Discord refuses DISCORD_TOKEN. "
        "Copy it again from the Discord developer portal, Bot, Reset Token.\n"
    )


async def test_who_only_delivers_opens_no_gateway(discord: DiscordStandin, tmp_path: Path) -> None:
    clock = SetClock("2025-10-09T18:00")
    arxiv = ListedSource("arxiv", batch("arxiv", "2025-10-10", [paper(1, "Agents that plan")]))
    async with paperboy_on(discord, tmp_path, clock, arxiv) as paperboy:
        await discord.ask("subscribe", {"topic": "agents"})
        await paperboy.rounds.ingest_all()
        clock.set("2025-10-10T09:00")
        discord.fail(POST, "429 of a proxy")
        await paperboy.rounds.post_digests()
    assert discord.messages() == []
    identified, asked = discord.gateway.identified, len(discord.called(f"GET {COMMANDS}"))

    running = await started(discord, tmp_path, "--role", "deliver")
    await discord.until(lambda: bool(discord.messages()), 40)
    await stopped(running)
    [digest] = discord.messages()
    assert "Agents that plan" in text_of(digest)
    assert (discord.gateway.identified, len(discord.called(f"GET {COMMANDS}"))) == (identified, asked)
