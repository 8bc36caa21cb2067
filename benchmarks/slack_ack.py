"""How soon Slack's commands are acknowledged while papers are ingested: `python -m benchmarks.slack_ack`.

Paperboy serves a Slack on this machine, in Socket Mode and then over HTTP, from a process of its own. 50
people type at once, again and again, while that process also ingests recorded days, each for the first time.
The sources stand in a third process. Times are taken by Slack: from an envelope or request sent to its
acknowledgement. The peer is a Bolt app that only acknowledges.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import SpawnContext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.service import Slack
from benchmarks.ingest import TOPICS, DayClock
from bot.bootstrap import build
from bot.ingest import ingest
from bot.settings import Settings
from tests.recorded import DATA
from tests.standins.slack import SlackStandin
from tests.standins.sources import SourcesStandin

AT_ONCE, ROUNDS = 50, 10
TYPED = ("emergent misalignment", "agents cat:cs.AI", "preview diffusion", "list", "trending week", "help")
LIMIT = 0.3


@dataclass(frozen=True, slots=True)
class Door:
    """Where the local Slack is, and its tokens; with a port it sends its events there by HTTP."""

    url: str
    bot_token: str
    app_token: str
    signing_secret: str
    port: int


def main() -> None:
    """Run and print; the exit code is 1 where the 99th percentile during an ingest is above 300 ms."""
    if not DATA.is_dir():
        sys.exit("The recorded data, ../shared/data beside the project, is not on this machine.")
    context = multiprocessing.get_context("spawn")
    print(f"{AT_ONCE} commands at once, {ROUNDS} times; milliseconds to the acknowledgement")
    peer, _ = asyncio.run(_measure(context, _plain_bolt, 0, 0))
    _print("only acknowledging, by socket", peer)
    worst = 0.0
    for name, port in (("by socket", 0), ("by HTTP", _free_port())):
        rest, _ = asyncio.run(_measure(context, _paperboy, 0, port))
        _print(f"Paperboy {name}, at rest", rest)
        busy, ingested = asyncio.run(_measure(context, _paperboy, 1, port))
        _print(f"Paperboy {name}, {ingested} days ingested meanwhile", busy)
        worst = max(worst, _percentile(busy, 99))
    sys.exit(worst > LIMIT)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _print(name: str, seconds: list[float]) -> None:
    p50, p99, most = (_percentile(seconds, part) * 1000 for part in (50, 99, 100))
    print(f"{name:46} p50 {p50:6.0f}   p99 {p99:6.0f}   most {most:6.0f}")


def _percentile(seconds: list[float], part: int) -> float:
    return sorted(seconds)[max(0, -(-len(seconds) * part // 100) - 1)]


async def _measure(context: SpawnContext, serve: Any, ingesting: int, port: int) -> tuple[list[float], int]:
    """The seconds of every acknowledgement, and how many days were ingested meanwhile."""
    sources_url, day, done = context.Array("c", 64), context.Value("i", 0), context.Value("i", 0)
    async with SlackStandin(checking=False) as slack:
        door = Door(slack.url, slack.bot_token, slack.app_token, slack.signing_secret, port)
        sources = context.Process(target=_sources, args=(sources_url, day), daemon=True)
        app = context.Process(target=serve, args=(door, sources_url, day, done, ingesting), daemon=True)
        for process in (sources, app):
            process.start()
        try:
            await _connected(slack, port)
            for topic in TOPICS:
                await slack.ask(f"subscribe {topic}")
            await _until(lambda: not ingesting or done.value > 0)
            before = done.value
            seconds = await _typed(slack)
            return seconds, done.value - before
        finally:
            for process in (app, sources):
                process.terminate()
                process.join()


async def _connected(slack: SlackStandin, port: int) -> None:
    if not port:
        await slack.sockets.wait(seconds=60)
        return
    slack.through(f"http://127.0.0.1:{port}/slack/events")
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


async def _typed(slack: SlackStandin) -> list[float]:
    seconds = []
    for _ in range(ROUNDS):
        acks = await asyncio.gather(*(slack.command(TYPED[n % len(TYPED)]) for n in range(AT_ONCE)))
        seconds += [ack.seconds for ack in acks]
        await asyncio.gather(*(slack.answer_to(ack) for ack in acks))
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


def _plain_bolt(door: Door, _url: Any, _day: Any, _done: Any, _ingesting: int) -> None:
    async def serve() -> None:
        app = AsyncApp(client=AsyncWebClient(door.bot_token, base_url=door.url))

        @app.command("/papers")
        async def _command(ack: Any, respond: Any) -> None:
            await ack()
            await respond(text="Hello.")

        handler = AsyncSocketModeHandler(app, door.app_token)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        await asyncio.Event().wait()

    asyncio.run(serve())


def _paperboy(door: Door, url: Any, day: Any, done: Any, ingesting: int) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_serve(Path(folder), door, url, day, done if ingesting else None))


async def _serve(folder: Path, door: Door, url: Any, day: Any, done: Any) -> None:
    await _until(lambda: bool(url.value))
    base = url.value.decode()
    settings = Settings(
        _env_file=None,
        database_url=f"sqlite:///{folder}/papers.db",
        slack_bot_token=SecretStr(door.bot_token),
        slack_app_token=SecretStr(door.app_token),
        slack_signing_secret=SecretStr(door.signing_secret),
        slack_port=door.port,
        slack_api_url=door.url,
        sources=("arxiv",),
        arxiv_rss_url=base,
        arxiv_api_url=f"{base}/api/query",
        arxiv_oai_url=f"{base}/oai",
        arxiv_pace_seconds=0,
        log_level="error",
    )
    clock = DayClock()
    app = build(settings, clock)
    async with app.http, Slack(settings, app.database, clock).serving(app.commands()):
        days = SourcesStandin().arxiv_days
        for number in range(len(days) if done is not None else 0):
            day.value, clock.day = number, days[number]
            await asyncio.sleep(0.05)
            async for _ in ingest(app.sources[0], app.database, clock):
                done.value += 1
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
