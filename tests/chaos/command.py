"""`paperboy run` as a process of its own, with the local platforms."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from adapters.discord.places import NAME as DISCORD
from adapters.slack.places import NAME as SLACK
from tests.chaos.api import Chats
from tests.environment import ROOT


def run(
    url: str, chats: Chats, folder: Path, *, module: str = "bot", roles: str = "deliver", health_port: int = 0
) -> subprocess.Popen[str]:
    """Start the command in a folder without settings, but for its environment."""
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
