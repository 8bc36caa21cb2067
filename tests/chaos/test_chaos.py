"""A small chaos; `python -m benchmarks.chaos` is the one of full size."""

from __future__ import annotations

from dataclasses import replace

from tests.chaos.chaos import Plan, chaos
from tests.chaos.takeover import take_over
from tests.databases import Server

MOST_POSTS = 40
"""In one second: twice what is let through, since on a busy machine posts that began apart arrive together.
Without a pace there are about 60."""
SMALL = Plan(0, channels=50, days=2, kills=8, seconds=55.0)
CALM = replace(SMALL, kills=0, faults=0.0, days=1)


async def test_under_chaos_everything_is_posted_once(sqlite_url: str, seed: int) -> None:
    figures = await chaos(replace(SMALL, seed=seed), sqlite_url)

    assert figures.well, figures
    assert figures.kills == 8


async def test_replicas_share_a_pace(database_url: str) -> None:
    """Three together post no faster than one, by the platform's own log."""
    figures = await chaos(replace(CALM, channels=100), database_url)

    assert figures.well, figures
    assert figures.discord_posts <= MOST_POSTS, figures


async def test_each_message_of_a_digest_counts(sqlite_url: str) -> None:
    """What takes several messages goes out at the pace of messages, not of digests."""
    figures = await chaos(replace(CALM, channels=40, paragraphs=12), sqlite_url)

    assert figures.well, figures
    assert figures.discord_posts <= MOST_POSTS, figures


async def test_so_it_is_where_the_server_of_the_database_crashes_too(postgresql: Server, seed: int) -> None:
    with postgresql.database() as url:
        figures = await chaos(replace(SMALL, seed=seed, restarts=1), url, postgresql.restart)

    assert figures.well, figures
    assert (figures.kills, figures.restarts) == (8, 1)


async def test_a_replica_that_is_killed_is_relieved_within_two_leases(database_url: str) -> None:
    done = await take_over(database_url)

    assert done.well, done
    # A lease begins a moment before the post at which the replica was killed.
    assert done.seconds > done.lease / 2, done
