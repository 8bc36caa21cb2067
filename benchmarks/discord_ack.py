"""How soon Discord's commands are answered while papers are ingested: `python -m benchmarks.discord_ack`.

Paperboy serves a Discord on this machine from a process of its own. 50 people use commands at once, again and
again, while that process also ingests recorded days, each for the first time. The sources stand in a third
process. Times are taken by Discord: from an interaction sent to its callback; it waits 3 seconds. The
peer is a discord.py client that only defers.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import discord
from discord.http import Route
from pydantic import SecretStr

from adapters.discord.discord_service import Discord
from benchmarks.acks import AT_ONCE, ROUNDS, Meanwhile, ingest_days, running, settings_of, show, timed
from benchmarks.ingest import TOPICS, DayClock
from bot.bootstrap import build
from tests.recorded import DATA
from tests.standins.discord_standin import DiscordStandin

USED: tuple[tuple[str, dict[str, str]], ...] = (
    ("papers", {"query": "emergent misalignment"}),
    ("papers", {"query": "agents cat:cs.AI"}),
    ("preview", {"topic": "diffusion"}),
    ("subscriptions", {}),
    ("trending", {"window": "week"}),
    ("help", {}),
)
LIMIT = 3.0


@dataclass(frozen=True, slots=True)
class Door:
    """Where the local Discord is, and the bot's token."""

    url: str
    token: str


def main() -> None:
    """Run and print; the exit code is 1 where one answer during an ingest is later than 3 seconds."""
    if not DATA.is_dir():
        sys.exit("The recorded data, ../shared/data beside the project, is not on this machine.")
    peer, _ = asyncio.run(_measure(_plain_client, ingesting=False))
    rest, _ = asyncio.run(_measure(_paperboy, ingesting=False))
    busy, ingested = asyncio.run(_measure(_paperboy, ingesting=True))
    print(f"{AT_ONCE} commands at once, {ROUNDS} times; milliseconds to the callback")
    show("only deferring", peer)
    show("Paperboy, at rest", rest)
    show(f"Paperboy, {ingested} days ingested meanwhile", busy)
    sys.exit(max(busy) > LIMIT)


async def _measure(serve: Callable[..., None], *, ingesting: bool) -> tuple[list[float], int]:
    """The seconds of every acknowledgement, and how many days were ingested meanwhile."""
    async with DiscordStandin(checking=False) as standin:
        with running(serve, Door(standin.url, standin.token), ingesting=ingesting) as meanwhile:
            await standin.gateway.wait(seconds=60)
            for topic in TOPICS:
                await standin.ask("subscribe", {"topic": topic})
            return await timed(lambda n: standin.command(*USED[n % len(USED)]), standin.answer_to, meanwhile)


def _plain_client(door: Door, _meanwhile: Meanwhile) -> None:
    Route.BASE = door.url
    client = discord.AutoShardedClient(
        intents=discord.Intents(guilds=True), allowed_mentions=discord.AllowedMentions.none()
    )
    tree = discord.app_commands.CommandTree(client)
    for name, options in {"subscribe": {"topic": ""}, **dict(USED)}.items():
        tree.add_command(_deferring(name, tuple(options)))

    async def serve() -> None:
        await client.login(door.token)
        await tree.sync()
        await client.connect()

    asyncio.run(serve())


def _deferring(name: str, options: tuple[str, ...]) -> discord.app_commands.Command[Any, ..., Any]:
    async def callback(interaction: discord.Interaction, **_words: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send("Hello.", ephemeral=True)

    positional, named = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.KEYWORD_ONLY
    shown = [inspect.Parameter(option, named, annotation=str) for option in options]
    signature = inspect.Signature([inspect.Parameter("interaction", positional), *shown])
    callback.__signature__ = signature  # type: ignore[attr-defined]
    return discord.app_commands.Command(name=name, description=name, callback=callback)


def _paperboy(door: Door, meanwhile: Meanwhile) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_serve(Path(folder), door, meanwhile))


async def _serve(folder: Path, door: Door, meanwhile: Meanwhile) -> None:
    settings = await settings_of(
        folder, meanwhile, discord_token=SecretStr(door.token), discord_api_url=door.url
    )
    clock = DayClock()
    app = build(settings, clock)
    async with app.http, Discord(settings, app.database, clock).open_service(app.front_door()):
        await ingest_days(app, clock, meanwhile)


if __name__ == "__main__":
    main()
