"""`paperboy run` as an admin starts it: a real process with Discord's settings, and its end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.adapters.discord.wire_app import paperboy_on, text_of
from tests.apps import ListedSource, SetClock, batch, paper
from tests.databases import url_in
from tests.standins.discord_standin import POST, DiscordStandin

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = "/applications/{application}/commands"


async def started(
    discord: DiscordStandin, folder: Path, *arguments: str, **more: str
) -> asyncio.subprocess.Process:
    ours = ("PAPERBOY", "DISCORD", "SLACK")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {
        "PYTHONPATH": str(ROOT),
        "PAPERBOY_SOURCES": "",
        "PAPERBOY_HEALTH_PORT": "0",
        "PAPERBOY_DATABASE_URL": url_in(folder),
        "PAPERBOY_DISCORD_API_URL": discord.url,
        "DISCORD_TOKEN": discord.token,
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run", *arguments),
        cwd=folder,
        env=env | more,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def stopped(process: asyncio.subprocess.Process) -> str:
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(15):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert b"Traceback" not in said
    return said.decode()


async def test_it_answers_and_stops_when_told(discord: DiscordStandin, tmp_path: Path) -> None:
    process = await started(discord, tmp_path)
    await discord.gateway.wait(seconds=40)
    assert "Subscribed" in text_of(await discord.ask("subscribe", {"topic": "agents"}))
    assert discord.token not in await stopped(process)


async def test_a_refused_token_ends_it_with_one_line(discord: DiscordStandin, tmp_path: Path) -> None:
    discord.token += "-of-another-bot"
    process = await started(discord, tmp_path, DISCORD_TOKEN=discord.token.removesuffix("-of-another-bot"))
    async with asyncio.timeout(40):
        said, _ = await process.communicate()
    assert process.returncode == 2
    assert said.decode().endswith(
        "paperboy: Discord refuses DISCORD_TOKEN. "
        "Copy it again from the Discord developer portal, Bot, Reset Token.\n"
    )
    assert b"Traceback" not in said


async def test_who_only_delivers_opens_no_gateway(discord: DiscordStandin, tmp_path: Path) -> None:
    clock = SetClock("2025-10-09T18:00")
    arxiv = ListedSource("arxiv", batch("arxiv", "2025-10-10", [paper(1, "Agents that plan")]))
    async with paperboy_on(discord, tmp_path, clock, arxiv) as paperboy:
        await discord.ask("subscribe", {"topic": "agents"})
        await paperboy.rounds.ingest()
        clock.set("2025-10-10T09:00")
        discord.fail(POST, "429 of a proxy")
        await paperboy.rounds.digest()
    assert discord.messages() == []
    identified, asked = discord.gateway.identified, len(discord.called(f"GET {COMMANDS}"))

    process = await started(discord, tmp_path, "--role", "deliver")
    await discord.until(lambda: bool(discord.messages()), 40)
    await stopped(process)
    [digest] = discord.messages()
    assert "Agents that plan" in text_of(digest)
    assert (discord.gateway.identified, len(discord.called(f"GET {COMMANDS}"))) == (identified, asked)
