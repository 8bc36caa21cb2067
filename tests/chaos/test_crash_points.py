"""A worker is killed at every point of a delivery's life: nothing is lost, and nothing is posted twice."""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import replace

import pytest
from aiohttp import web

from adapters.discord.places import NAME as DISCORD
from adapters.slack.places import NAME as SLACK
from bot.channels.channel import Address
from storage.database import Database
from tests.chaos.api import Chats, Handler, too_many
from tests.chaos.killing import ANSWER_LOST, LATER, REQUEST_LOST, Killer
from tests.chaos.outbox import announce, fill, unsent
from tests.chaos.processes import Processes, ended
from tests.chaos.worker import Habit, Job, work

POINTS = (
    "before claim",
    "inside claim",
    "after claim",
    "inside start",
    "after start",
    "before post",
    REQUEST_LOST,
    ANSWER_LOST,
    "after post",
    "inside finish",
    "after finish",
)
PLATFORMS = (SLACK, DISCORD)
PLAN_POINTS = ("before plan_all", "inside plan_all", "after plan_all")


async def crash(
    url: str,
    processes: Processes,
    platform: str,
    point: str,
    *,
    habit: Habit = "outbox",
    talk: int = 0,
    plans: bool = False,
) -> tuple[list[int], Counter[object]]:
    """Kill a worker at a point, let another end its work.

    How often each of two deliveries stands in its channel, and what is left in the outbox.
    """
    killer, store = Killer(point), Database(url)
    async with Chats(killer) as chats:
        addresses = chats.channels(platform, 2)
        (announce if plans else fill)(store, addresses)
        job = Job(url, chats.doors, point=point, habit=habit, plans=plans)
        killer.victim = victim = processes.start(work, job)
        assert await ended(victim) == -signal.SIGKILL
        for address in addresses if talk else ():
            chats.forget_nonces()
            chats.talk(address, talk)
        assert await ended(processes.start(work, replace(job, point="", ahead=LATER))) == 0
        posted = Counter[Address](address for address, _ in chats.posted().elements())
        left = unsent(store)
        store.close()
        return [posted[address] for address in addresses], Counter(left)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("point", POINTS)
async def test_a_crash_loses_nothing_and_repeats_nothing(
    database_url: str, processes: Processes, platform: str, point: str
) -> None:
    # On half of them it first plans what is subscribed at once: to the posting that makes no difference.
    plans = (platform == SLACK) is database_url.startswith("postgresql")
    assert await crash(database_url, processes, platform, point, plans=plans) == ([1, 1], Counter())


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("point", PLAN_POINTS)
async def test_a_crash_while_planning_what_goes_out_at_once(
    database_url: str, processes: Processes, platform: str, point: str
) -> None:
    """The worker plans what is subscribed at once, and who follows it plans again."""
    done = await crash(database_url, processes, platform, point, plans=True)
    assert done == ([1, 1], Counter())


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_post_is_found_after_a_long_time(
    sqlite_url: str, processes: Processes, platform: str
) -> None:
    """too much traffic there since, and Discord has forgotten the nonce."""
    done = await crash(sqlite_url, processes, platform, ANSWER_LOST, talk=150)
    assert done == ([1, 1], Counter())


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    ("habit", "point", "times"),
    [
        ("mark before", "after claim", 0),
        ("mark before", "before post", 0),
        ("mark before", REQUEST_LOST, 0),
        ("mark before", ANSWER_LOST, 1),
        ("mark after", "before post", 1),
        ("mark after", ANSWER_LOST, 2),
        ("mark after", "after post", 2),
        ("mark after", "inside finish", 2),
    ],
)
async def test_recording_on_one_side_of_the_post_loses_or_repeats(
    database_url: str, processes: Processes, platform: str, habit: Habit, point: str, times: int
) -> None:
    """So the test above can fail."""
    posted, _ = await crash(database_url, processes, platform, point, habit=habit)
    assert posted == [times, 1]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_another_worker_goes_on_with_a_message_that_was_posted_by_half(
    sqlite_url: str, processes: Processes, platform: str
) -> None:
    """The first one was asked to slow down after the first of several parts, and told of no crash."""
    slow_down = SlowDown()
    store = Database(sqlite_url)
    async with Chats(slow_down) as chats:
        fill(store, chats.channels(platform, 1), paragraphs=24)
        job = Job(sqlite_url, chats.doors)
        assert await ended(processes.start(work, job)) == 0
        assert chats.posted().total() == 1
        assert await ended(processes.start(work, replace(job, ahead=LATER))) == 0
        assert not unsent(store)
        store.close()
        posted = chats.posted()
        assert posted.total() == len(posted) > 1


class SlowDown:
    """Refuses the second post."""

    def __init__(self) -> None:
        self.posts = 0

    async def __call__(self, post: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer; the second post is too many."""
        self.posts += bool(post)
        return too_many(post, 40) if post and self.posts == 2 else await handler(request)
