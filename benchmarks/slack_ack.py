"""How soon Slack's commands are acknowledged while papers are ingested: `python -m benchmarks.slack_ack`.

Paperboy serves a Slack on this machine, in Socket Mode and then over HTTP, from a process of its own. 50
people type at once, again and again, while that process also ingests recorded days, each for the first time.
The sources stand in a third process. Times are taken by Slack: from an envelope or request sent to its
acknowledgement. The peer is a Bolt app that only acknowledges.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.slack_service import Slack
from benchmarks.acks import (
    AT_ONCE,
    ROUNDS,
    Meanwhile,
    ingest_days,
    percentile,
    running,
    settings_of,
    show,
    timed,
)
from benchmarks.ingest import TOPICS, DayClock
from bot.bootstrap import build
from tests.recorded import DATA
from tests.standins.slack import SlackStandin

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
    print(f"{AT_ONCE} commands at once, {ROUNDS} times; milliseconds to the acknowledgement")
    peer, _ = asyncio.run(_measure(_plain_bolt, 0, ingesting=False))
    show("only acknowledging, by socket", peer)
    worst = 0.0
    for name, port in (("by socket", 0), ("by HTTP", _free_port())):
        rest, _ = asyncio.run(_measure(_paperboy, port, ingesting=False))
        show(f"Paperboy {name}, at rest", rest)
        busy, ingested = asyncio.run(_measure(_paperboy, port, ingesting=True))
        show(f"Paperboy {name}, {ingested} days ingested meanwhile", busy)
        worst = max(worst, percentile(busy, 99))
    sys.exit(worst > LIMIT)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def _measure(serve: Callable[..., None], port: int, *, ingesting: bool) -> tuple[list[float], int]:
    """The seconds of every acknowledgement, and how many days were ingested meanwhile."""
    async with SlackStandin(checking=False) as slack:
        door = Door(slack.url, slack.bot_token, slack.app_token, slack.signing_secret, port)
        with running(serve, door, ingesting=ingesting) as meanwhile:
            await _connected(slack, port)
            for topic in TOPICS:
                await slack.ask(f"subscribe {topic}")
            return await timed(lambda n: slack.command(TYPED[n % len(TYPED)]), slack.answer_to, meanwhile)


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


def _plain_bolt(door: Door, _meanwhile: Meanwhile) -> None:
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


def _paperboy(door: Door, meanwhile: Meanwhile) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_serve(Path(folder), door, meanwhile))


async def _serve(folder: Path, door: Door, meanwhile: Meanwhile) -> None:
    settings = await settings_of(
        folder,
        meanwhile,
        slack_bot_token=SecretStr(door.bot_token),
        slack_app_token=SecretStr(door.app_token),
        slack_signing_secret=SecretStr(door.signing_secret),
        slack_port=door.port,
        slack_api_url=door.url,
    )
    clock = DayClock()
    app = build(settings, clock)
    async with app.http, Slack(settings, app.database, clock).open_service(app.front_door()):
        await ingest_days(app, clock, meanwhile)


if __name__ == "__main__":
    main()
