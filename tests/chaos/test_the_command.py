"""`paperboy run --role deliver` itself: killed while it posts, and asked to stop."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from adapters.discord.places import NAME as DISCORD
from adapters.slack.places import NAME as SLACK
from bot.delivery.delivery import DeliveryState
from storage.database import Database
from tests.chaos.api import Chats
from tests.chaos.command import exit_code, run
from tests.chaos.killing import ANSWER_LOST, LATER, HeldUp, Killer
from tests.chaos.outbox import all_sent, fill, unsent
from tests.chaos.processes import Processes, ended
from tests.chaos.worker import Job, work


async def readiness(port: int) -> tuple[int, str]:
    """What `/readyz` answers."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("platform", [SLACK, DISCORD])
async def test_it_is_killed_while_it_posts_and_another_takes_over(
    sqlite_url: str, processes: Processes, platform: str, tmp_path: Path
) -> None:
    killer, store = Killer(ANSWER_LOST), Database(sqlite_url)
    async with Chats(killer) as chats:
        fill(store, chats.channels(platform, 1))
        killer.victim = command = run(sqlite_url, chats, tmp_path)
        assert await exit_code(command) == -signal.SIGKILL
        assert chats.posted().total() == 1

        assert await ended(processes.start(work, Job(sqlite_url, chats.doors, ahead=LATER))) == 0
        assert chats.posted().total() == 1
        assert not unsent(store)
    store.close()


async def test_it_posts_what_is_due_and_stops_when_told(database_url: str, tmp_path: Path) -> None:
    store = Database(database_url)
    async with Chats() as chats:
        fill(store, [*chats.channels(SLACK, 2), *chats.channels(DISCORD, 2)])
        command = run(database_url, chats, tmp_path)
        try:
            async with asyncio.timeout(40):
                await all_sent(store)
        finally:
            command.terminate()
        assert await exit_code(command) == 0
        assert sorted(chats.posted().values()) == [1, 1, 1, 1]
    store.close()


async def test_a_stop_waits_for_the_post_that_is_going_on(database_url: str, tmp_path: Path) -> None:
    """What was not begun is at once another's. Meanwhile it says that it is not ready."""
    network, store, port = HeldUp(), Database(database_url), unused_port()
    async with Chats(network) as chats:
        fill(store, chats.channels(SLACK, 1), days=2)
        command = run(database_url, chats, tmp_path, health_port=port)
        try:
            async with asyncio.timeout(40):
                await network.sent.wait()
                assert await readiness(port) == (200, "ok\n")
                command.terminate()
                while await readiness(port) != (503, "Paperboy is stopping.\n"):
                    assert command.poll() is None
            network.let_go.set()
        finally:
            ended_well = await exit_code(command)
        assert ended_well == 0
        assert chats.posted().total() == 1
        assert unsent(store) == {DeliveryState.PENDING: 1}
    store.close()
