"""`paperboy run` split over processes: what one stores the next one plans, and the last one posts."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import date, datetime
from functools import partial
from pathlib import Path

import time_machine
from aiohttp.test_utils import unused_port

from adapters.slack.places import NAME as SLACK
from bot.bootstrap import build
from bot.channels.channel import Address
from bot.commands.context import Caller
from bot.delivery.delivery import DeliveryState
from storage.database import Database
from tests.chaos.api import Chats
from tests.chaos.command import move, run, stopped, ticked
from tests.chaos.outbox import all_sent, unsent
from tests.chaos.replica import Replica
from tests.recorded import needs_recordings
from tests.standins.sources import SourcesStandin

DAY = date(2025, 10, 1)
EVENING, EARLY, LATER = "2025-09-30T18:00+00:00", "2025-10-01T08:00+00:00", "2025-10-01T08:20+00:00"


async def subscribed(replica: Replica, address: Address) -> None:
    """Let a channel have a digest at 08:10 UTC."""
    with time_machine.travel(datetime.fromisoformat(EVENING)):
        app = build(replica.settings())
        for text in ("subscribe reasoning", "settings at:08:10 tz:UTC limit:3"):
            await app.front_door().answer(text, Caller(address, "U0ANN", is_admin=True))
        app.database.close()


def papers(store: Database) -> int:
    """How many papers are stored."""
    with store.read() as tx:
        return tx.papers.count_papers()


@needs_recordings
async def test_a_day_of_three_processes(database_url: str, tmp_path: Path) -> None:
    started: list[subprocess.Popen[str]] = []
    store = Database(database_url)
    async with Chats() as chats, SourcesStandin() as sources, asyncio.timeout(50):
        sources.set_day(DAY)
        [address] = chats.channels(SLACK, 1)
        await subscribed(Replica(database_url, chats.doors), address)
        start = partial(
            run,
            database_url,
            chats,
            tmp_path,
            module="tests.chaos.moved",
            sources="arxiv",
            arxiv_categories="cs.CL",
            arxiv_rss_url=sources.url,
            arxiv_oai_url=f"{sources.url}/oai",
            arxiv_pace_seconds="0",
            meaning="0",
        )

        async def one(role: str, tick: str, moment: str) -> None:
            port = unused_port()
            started.append(start(roles=role, health_port=port))
            move(started[-1], moment)
            await ticked(port, tick, datetime.fromisoformat(moment))

        try:
            await one("ingest", "ingest", EARLY)
            assert papers(store) > 0
            assert not unsent(store)

            await one("digest", "plan", LATER)
            assert unsent(store) == {DeliveryState.PENDING: 1}
            assert chats.said(address) == []

            await one("deliver", "deliver", LATER)
            await all_sent(store)
        finally:
            codes = await stopped(*started)
    store.close()
    assert codes == [0, 0, 0]
    [digest] = chats.said(address)
    assert "for Wednesday 1 October 2025" in digest
