"""`paperboy run` as a process of its own, with the local platforms."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import aiohttp

from adapters.discord.places import NAME as DISCORD
from adapters.slack.places import NAME as SLACK
from bot.settings import environment_name
from tests.chaos.api import Chats
from tests.environment import ROOT


def run(
    url: str,
    chats: Chats,
    folder: Path,
    *,
    module: str = "bot",
    roles: str = "deliver",
    health_port: int = 0,
    **settings: str,
) -> subprocess.Popen[str]:
    """Start the command in a folder without settings, but for its environment and these, by their fields."""
    slack, discord = chats.doors[SLACK], chats.doors[DISCORD]
    told = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PAPERBOY_DATABASE_URL": url,
        "PAPERBOY_HEALTH_PORT": str(health_port),
        "SLACK_BOT_TOKEN": slack.token,
        "PAPERBOY_SLACK_API_URL": slack.url,
        "DISCORD_TOKEN": discord.token,
        "PAPERBOY_DISCORD_API_URL": discord.url,
        # Nothing is ingested: these are what digests would wait for.
        "PAPERBOY_SOURCES": "",
        **{environment_name(field): value for field, value in settings.items()},
    }
    command = [sys.executable, "-m", module, "run", "--role", roles]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=folder, env=told, text=True, stdin=pipe, stdout=subprocess.DEVNULL, stderr=pipe
    )


async def exit_code(process: subprocess.Popen[str]) -> int:
    """The exit code; what it said is shown where the test fails."""
    try:
        _, errors = await asyncio.to_thread(process.communicate, timeout=40)
    finally:
        process.kill()
    sys.stderr.write(errors)
    return process.returncode


def move(process: subprocess.Popen[str], moment: str) -> None:
    """Move the clock of a process of `tests.chaos.moved`."""
    assert process.stdin is not None
    process.stdin.write(f"{moment}\n")
    process.stdin.flush()


async def ticked(port: int, tick: str, moment: datetime) -> None:
    """Wait until a tick of a process has gone well at a moment of its clock, or later."""
    metric = f'paperboy_tick_success_timestamp_seconds{{tick="{tick}"}} '
    async with aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientConnectionError):
                async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                    lines = (await answer.text()).splitlines()
                times = [float(line.removeprefix(metric)) for line in lines if line.startswith(metric)]
                if times and times[0] >= moment.timestamp():
                    return
            await asyncio.sleep(0.1)


async def stopped(*processes: subprocess.Popen[str]) -> list[int]:
    """Tell processes to stop; their exit codes."""
    for process in processes:
        process.terminate()
    return list(await asyncio.gather(*map(exit_code, processes)))
