"""A small chaos; `python -m benchmarks.chaos` is the one of full size."""

from __future__ import annotations

import os
import random

from tests.chaos.chaos import Plan, chaos


async def test_under_chaos_everything_is_posted_once(sqlite_url: str) -> None:
    seed = int(os.environ.get("PAPERBOY_CHAOS_SEED") or random.randrange(1 << 32))
    plan = Plan(seed, channels=50, days=2, kills=8, seconds=50)
    figures = await chaos(plan, sqlite_url)

    print(f"seed {seed}: {figures}")  # noqa: T201 - whoever sees it fail needs the seed
    assert figures.well
    assert figures.kills == 8
