"""How soon Discord's commands are answered while papers are ingested: `python -m benchmarks.discord_ack`.

Paperboy serves a Discord on this machine from a process of its own. 50 people use commands at once, again and
again, while that process also ingests recorded days, each for the first time. The sources stand in a third
process. Times are taken by Discord: from an interaction sent to its callback; it waits 3 seconds. The
peer is a discord.py client that only defers.
"""

from __future__ import annotations

import asyncio
import inspect
import multiprocessing
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import SpawnContext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import discord
from discord.http import Route
from pydantic import SecretStr

from adapters.discord.service import Discord
from benchmarks.ingest import TOPICS, DayClock
from bot.bootstrap import build
from bot.ingest import ingest
from bot.settings import Settings
from tests.recorded import DATA
from tests.standins.discord_standin import DiscordStandin
from tests.standins.sources import SourcesStandin

AT_ONCE, ROUNDS = 50, 10
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
    context = multiprocessing.get_context("spawn")
    peer, _ = asyncio.run(_measure(context, _plain_client, 0))
    rest, _ = asyncio.run(_measure(context, _paperboy, 0))
    busy, ingested = asyncio.run(_measure(context, _paperboy, 1))
    print(f"{AT_ONCE} commands at once, {ROUNDS} times; milliseconds to the callback")
    _print("only deferring", peer)
    _print("Paperboy, at rest", rest)
    _print(f"Paperboy, {ingested} days ingested meanwhile", busy)
    sys.exit(max(busy) > LIMIT)


def _print(name: str, seconds: list[float]) -> None:
    p50, p99, most = (_percentile(seconds, part) * 1000 for part in (50, 99, 100))
    print(f"{name:40} p50 {p50:6.0f}   p99 {p99:6.0f}   most {most:6.0f}")


def _percentile(seconds: list[float], part: int) -> float:
    return sorted(seconds)[max(0, -(-len(seconds) * part // 100) - 1)]


async def _measure(context: SpawnContext, serve: Any, ingesting: int) -> tuple[list[float], int]:
    """The seconds of every acknowledgement, and how many days were ingested meanwhile."""
    sources_url, day, done = context.Array("c", 64), context.Value("i", 0), context.Value("i", 0)
    async with DiscordStandin(checking=False) as standin:
        door = Door(standin.url, standin.token)
        sources = context.Process(target=_sources, args=(sources_url, day), daemon=True)
        app = context.Process(target=serve, args=(door, sources_url, day, done, ingesting), daemon=True)
        for process in (sources, app):
            process.start()
        try:
            await standin.gateway.wait(seconds=60)
            for topic in TOPICS:
                await standin.ask("subscribe", {"topic": topic})
            await _until(lambda: not ingesting or done.value > 0)
            before = done.value
            seconds = await _used(standin)
            return seconds, done.value - before
        finally:
            for process in (app, sources):
                process.terminate()
                process.join()


async def _used(standin: DiscordStandin) -> list[float]:
    seconds = []
    for _ in range(ROUNDS):
        acks = await asyncio.gather(*(standin.command(*USED[n % len(USED)]) for n in range(AT_ONCE)))
        seconds += [ack.seconds for ack in acks]
        await asyncio.gather(*(standin.answer_to(ack) for ack in acks))
    return seconds


async def _until(true: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    while not true():  # noqa: ASYNC110 - no event of this loop tells
        await asyncio.sleep(0.02)


def _sources(url: Any, day: Any) -> None:
    """Serve the recorded days, one after the other as `day` counts them."""

    async def serve() -> None:
        async with SourcesStandin() as server:
            url.value = server.url.encode()
            while True:
                server.set_day(server.arxiv_days[day.value % len(server.arxiv_days)])
                await asyncio.sleep(0.02)

    asyncio.run(serve())


def _plain_client(door: Door, _url: Any, _day: Any, _done: Any, _ingesting: int) -> None:
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


def _paperboy(door: Door, url: Any, day: Any, done: Any, ingesting: int) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_serve(Path(folder), door, url, day, done if ingesting else None))


async def _serve(folder: Path, door: Door, url: Any, day: Any, done: Any) -> None:
    await _until(lambda: bool(url.value))
    base = url.value.decode()
    settings = Settings(
        _env_file=None,
        database_url=f"sqlite:///{folder}/papers.db",
        discord_token=SecretStr(door.token),
        discord_api_url=door.url,
        sources=("arxiv",),
        arxiv_rss_url=base,
        arxiv_api_url=f"{base}/api/query",
        arxiv_oai_url=f"{base}/oai",
        arxiv_pace_seconds=0,
        log_level="error",
    )
    clock = DayClock()
    app = build(settings, clock)
    async with app.http, Discord(settings, app.database, clock).serving(app.commands()):
        days = SourcesStandin().arxiv_days
        for number in range(len(days) if done is not None else 0):
            day.value, clock.day = number, days[number]
            await asyncio.sleep(0.05)
            async for _ in ingest(app.sources[0], app.database, clock):
                done.value += 1
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
