"""`paperboy run --role deliver` itself: killed while it posts, and asked to stop."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from pathlib import Path

import pytest

from adapters.discord.places import NAME as DISCORD
from adapters.slack.places import NAME as SLACK
from bot.digests.digest import DeliveryState
from storage.database import Database
from tests.chaos.api import Chats
from tests.chaos.command import exit_code, run
from tests.chaos.killing import ANSWER_LOST, LATER, HeldUp, Killer
from tests.chaos.outbox import all_sent, fill, unsent
from tests.chaos.processes import Processes, ended
from tests.chaos.worker import Job, work


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
    """What was not begun is at once another's."""
    network, store = HeldUp(), Database(database_url)
    async with Chats(network) as chats:
        fill(store, chats.channels(SLACK, 1), days=2)
        command = run(database_url, chats, tmp_path)
        try:
            async with asyncio.timeout(40):
                await network.sent.wait()
            command.terminate()
            with pytest.raises(subprocess.TimeoutExpired):
                await asyncio.to_thread(command.wait, 1)
            network.let_go.set()
        finally:
            ended_well = await exit_code(command)
        assert ended_well == 0
        assert chats.posted().total() == 1
        assert unsent(store) == {DeliveryState.PENDING: 1}
    store.close()
