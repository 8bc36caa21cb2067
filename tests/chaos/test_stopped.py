"""A worker that is stopped past its lease and goes on, while another has taken over."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.discord.places import NAME as DISCORD
from adapters.slack.places import NAME as SLACK
from bot.delivery.retry import LEASE, RetryTiming
from storage.database import Database
from tests.chaos.api import Chats
from tests.chaos.killing import HeldUp
from tests.chaos.outbox import fill, unsent
from tests.chaos.processes import Process, Processes, ended
from tests.chaos.worker import Job, work

BRIEF = RetryTiming(lease=timedelta(seconds=2))
LATER = timedelta(seconds=1)


def is_stopped(process: Process) -> bool:
    """Whether a process has been stopped by a signal; https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html"""
    return ") T " in Path(f"/proc/{process.pid}/stat").read_text()


async def stopped(process: Process) -> None:
    """Wait until a process is stopped."""
    while not is_stopped(process):
        assert process.is_alive()
        await asyncio.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux says who is stopped")
@pytest.mark.parametrize("platform", [SLACK, DISCORD])
@pytest.mark.parametrize("point", ["after claim", "after start", "before post"])
async def test_a_worker_that_was_stopped_sees_that_its_lease_has_ended(
    database_url: str, processes: Processes, platform: str, point: str
) -> None:
    store = Database(database_url)
    async with Chats() as chats:
        fill(store, chats.channels(platform, 1))
        job = Job(database_url, chats.doors, point=point, signal=signal.SIGSTOP, patience=BRIEF)
        first = processes.start(work, job)
        await stopped(first)
        since = time.monotonic()
        second = Job(database_url, chats.doors, ahead=BRIEF.lease + LATER)
        assert await ended(processes.start(work, second)) == 0
        assert chats.posted().total() == 1
        await asyncio.sleep(max(0.0, since + BRIEF.lease.total_seconds() + 0.1 - time.monotonic()))
        assert first.pid is not None
        os.kill(first.pid, signal.SIGCONT)
        assert await ended(first) == 0
        assert chats.posted().total() == 1
        assert not unsent(store)
    store.close()


@pytest.mark.parametrize(("platform", "times"), [(SLACK, 2), (DISCORD, 1)])
async def test_a_request_that_arrives_after_the_lease_is_known_on_discord_alone(
    database_url: str, processes: Processes, platform: str, times: int
) -> None:
    """The window that docs/decisions/delivery.md names: no check of ours comes after a request has left."""
    network, store = HeldUp(), Database(database_url)
    async with Chats(network) as chats:
        fill(store, chats.channels(platform, 1))
        job = Job(database_url, chats.doors)
        first = processes.start(work, job)
        await network.sent.wait()
        assert await ended(processes.start(work, replace(job, ahead=LEASE + LATER))) == 0
        assert chats.posted().total() == 1
        network.let_go.set()
        assert await ended(first) == 0
        assert chats.posted().total() == times
        assert not unsent(store)
    store.close()


async def test_nobody_takes_over_before_the_lease_ends(database_url: str, processes: Processes) -> None:
    network, store = HeldUp(), Database(database_url)
    async with Chats(network) as chats:
        fill(store, chats.channels(SLACK, 1))
        job = Job(database_url, chats.doors)
        first = processes.start(work, job)
        await network.sent.wait()
        first.kill()
        assert await ended(processes.start(work, replace(job, ahead=LEASE - timedelta(minutes=1)))) == 0
        assert not chats.posted()
        assert await ended(processes.start(work, replace(job, ahead=LEASE + LATER))) == 0
        assert chats.posted().total() == 1
        network.let_go.set()
    store.close()
